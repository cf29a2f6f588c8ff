"""Computing in processes.

count_primes() computes, in pure Python. Threads do not make that faster:
only one of them runs Python at a time. Change count_all() so that the
numbers are worked on in other processes, at the same time, while the event
loop stays free. count_primes() also returns the number of the process that
it ran in.
"""
import asyncio
import os


def is_prime(n):
    return all(n % m for m in range(2, int(n ** 0.5) + 1))


def count_primes(limit):
    primes = [n for n in range(2, limit) if is_prime(n)]
    return len(primes), os.getpid()


async def count_all(limits):
    calls = [asyncio.to_thread(count_primes, limit) for limit in limits]
    return await asyncio.gather(*calls)


if __name__ == "__main__":
    print(asyncio.run(count_all([100_000, 200_000, 300_000])))
