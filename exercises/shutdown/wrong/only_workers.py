"""Forgets the store."""
import asyncio


async def worker(store, number):
    await asyncio.sleep(1)


async def main(store):
    workers = [asyncio.create_task(worker(store, number)) for number in range(3)]
    try:
        await asyncio.gather(*workers)
    finally:
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
