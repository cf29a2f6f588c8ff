"""Takes the wrong pool."""
import asyncio
import os
from concurrent.futures import ThreadPoolExecutor


def count_primes(limit):
    primes = [n for n in range(2, limit) if all(n % m for m in range(2, int(n ** 0.5) + 1))]
    return len(primes), os.getpid()


async def count_all(limits):
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor() as pool:
        return await asyncio.gather(*(loop.run_in_executor(pool, count_primes, limit) for limit in limits))
