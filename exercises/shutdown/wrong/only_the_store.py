"""Closes the store first, and does not wait for the workers."""
import asyncio


async def worker(store, number):
    await asyncio.sleep(1)


async def main(store):
    workers = [asyncio.create_task(worker(store, number)) for number in range(3)]
    try:
        await asyncio.wait(workers)
    finally:
        await store.close()
        for task in workers:
            task.cancel()
