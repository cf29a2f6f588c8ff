"""Computes on the loop."""
import asyncio
import os


def count_primes(limit):
    primes = [n for n in range(2, limit) if all(n % m for m in range(2, int(n ** 0.5) + 1))]
    return len(primes), os.getpid()


async def count_one(limit):
    return count_primes(limit)


async def count_all(limits):
    return await asyncio.gather(*(count_one(limit) for limit in limits))
