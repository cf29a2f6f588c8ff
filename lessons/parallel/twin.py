"""parallel: who computes at the same time. Prints how long each scene took and how busy it kept the processors.

    python3 twin.py            waits of 0.3 s
    python3 twin.py 0.1        waits of 0.1 s
"""

import asyncio
import sys
import time
from concurrent.futures import ProcessPoolExecutor

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.3


async def once():
    return [await compute("A")]


async def joined():
    return await asyncio.gather(compute("A"), compute("B"))


async def joined_on_workers():
    # Two threads stand by for these, but as long as there is a global interpreter lock they take turns.
    return await asyncio.gather(asyncio.to_thread(count_primes), asyncio.to_thread(count_primes))


async def spawned():
    loop = asyncio.get_running_loop()
    return await asyncio.gather(*(loop.run_in_executor(workers, count_primes) for _ in range(2)))


async def waiting():
    return await asyncio.gather(asyncio.sleep(DELAY, 0), asyncio.sleep(DELAY, 0))


async def compute(name):
    return count_primes()


def count_primes(below=100_000):
    """Answers for how many seconds it had a processor."""
    start = time.thread_time()
    sum(all(number % divisor for divisor in range(2, int(number**0.5) + 1)) for number in range(2, below))
    return time.thread_time() - start


if __name__ == "__main__":
    with ProcessPoolExecutor(2) as workers:
        list(workers.map(abs, range(2)))  # starts the processes
        for scene in [once, joined, joined_on_workers, spawned, waiting]:
            start = time.perf_counter()
            computed = sum(asyncio.run(scene()))
            wall = time.perf_counter() - start
            print(f"{scene.__name__}: {wall:.3f} s, busy {computed / wall:.0%}")
