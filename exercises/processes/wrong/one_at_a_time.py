"""Computing in processes."""
import asyncio
import os
from concurrent.futures import ProcessPoolExecutor


def is_prime(n):
    return all(n % m for m in range(2, int(n ** 0.5) + 1))


def count_primes(limit):
    primes = [n for n in range(2, limit) if is_prime(n)]
    return len(primes), os.getpid()


async def count_all(limits):
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor() as pool:
        counted = []
        for limit in limits:
            counted.append(await loop.run_in_executor(pool, count_primes, limit))
        return counted


if __name__ == "__main__":
    print(asyncio.run(count_all([100_000, 200_000, 300_000])))
