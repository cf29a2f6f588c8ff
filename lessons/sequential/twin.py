"""sequential: one thing after another, with and without async.

    python3 twin.py            two naps of one second
    python3 twin.py 0.2        two naps of 0.2 s
    python3 twin.py 0.2 5      five of them
"""

import asyncio
import sys
import time

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
TASKS = int(sys.argv[2]) if len(sys.argv) > 2 else 2
NAMES = [chr(ord("A") + n % 26) + str(n // 26 or "") for n in range(TASKS)]  # A, B, ..., Z, A1, B1, ...


async def awaited():
    for name in NAMES:
        await nap(name)


async def nap(name):
    print(f"  {name} falls asleep")
    await asyncio.sleep(DELAY)  # gives the thread back to the event loop
    print(f"  {name} wakes up")


async def blocking():
    for name in NAMES:
        await blocking_nap(name)


async def blocking_nap(name):
    print(f"  {name} falls asleep")
    time.sleep(DELAY)  # holds the thread; that the function is async changes nothing
    print(f"  {name} wakes up")


for scene in [awaited, blocking]:
    start = time.perf_counter()
    asyncio.run(scene())
    print(f"{scene.__name__}: {time.perf_counter() - start:.3f} s")
