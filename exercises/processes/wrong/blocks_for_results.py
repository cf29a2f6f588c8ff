"""Waits for the results in a way that blocks the loop."""
import os
from concurrent.futures import ProcessPoolExecutor


def count_primes(limit):
    primes = [n for n in range(2, limit) if all(n % m for m in range(2, int(n ** 0.5) + 1))]
    return len(primes), os.getpid()


async def count_all(limits):
    with ProcessPoolExecutor() as pool:
        return list(pool.map(count_primes, limits))
