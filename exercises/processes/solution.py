"""Computing in processes."""
import asyncio
import os
from concurrent.futures import ProcessPoolExecutor


def count_primes(limit):
    primes = [n for n in range(2, limit) if all(n % m for m in range(2, int(n ** 0.5) + 1))]
    return len(primes), os.getpid()


async def count_all(limits):
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor() as pool:
        return await asyncio.gather(*(loop.run_in_executor(pool, count_primes, limit) for limit in limits))


if __name__ == "__main__":
    print(asyncio.run(count_all([100_000, 200_000, 300_000])))
