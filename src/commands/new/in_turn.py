"""Each nap begins when the one before it is over."""

import asyncio
import sys

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
TASKS = int(sys.argv[2]) if len(sys.argv) > 2 else 3


async def scene():
    for number in range(TASKS):
        await nap(f"nap {number + 1}")


async def nap(name):
    print(name, "falls asleep")
    await asyncio.sleep(DELAY)
    print(name, "wakes up")


asyncio.run(scene())
