"""Starts three tasks and does not wait for them."""

import asyncio
import sys

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0


async def scene():
    tasks = [asyncio.create_task(work(name), name=name) for name in "abc"]
    await asyncio.sleep(DELAY / 10)
    print("returns, and", len(tasks), "tasks are not done")


async def work(name):
    await asyncio.sleep(DELAY)
    print(name, "is done")


asyncio.run(scene())
