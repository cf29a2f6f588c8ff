"""Starts three tasks and waits for them."""

import asyncio
import sys

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0


async def scene():
    tasks = [asyncio.create_task(work(name), name=name) for name in "abc"]
    print("all are started")
    await asyncio.gather(*tasks)


async def work(name):
    await asyncio.sleep(DELAY)
    print(name, "is done")


asyncio.run(scene())
