"""sequential: one thing after another, with and without async.

    python3 twin.py            naps of one second
    python3 twin.py 0.2        naps of 0.2 s
"""

import asyncio
import sys
import time

NAMES = ["A", "B"]
DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0


async def awaited():
    for name in NAMES:
        await nap(name)


async def nap(name):
    print(f"  {name} falls asleep")
    await asyncio.sleep(DELAY)  # gives the thread back to the event loop
    print(f"  {name} wakes up")


def blocking():
    for name in NAMES:
        blocking_nap(name)


def blocking_nap(name):
    print(f"  {name} falls asleep")
    time.sleep(DELAY)  # holds the thread
    print(f"  {name} wakes up")


def timed(name, scene):
    start = time.perf_counter()
    scene()
    print(f"{name}: {time.perf_counter() - start:.3f} s")


timed("awaited", lambda: asyncio.run(awaited()))
timed("blocking", blocking)
