"""gather: wait for many things at once.

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


async def in_turn():
    for name in NAMES:
        await nap(name, DELAY)


async def together():
    await asyncio.gather(*(nap(name, DELAY) for name in NAMES))


async def uneven():
    # Since Python 3.11; unlike gather, it cancels the others when one of them fails.
    async with asyncio.TaskGroup() as naps:
        for name in NAMES:
            last = name == NAMES[-1]
            naps.create_task(nap(name, 3 * DELAY if last else DELAY))


async def nap(name, delay):
    print(f"  {name} falls asleep")
    await asyncio.sleep(delay)
    print(f"  {name} wakes up")


for scene in [in_turn, together, uneven]:
    start = time.perf_counter()
    asyncio.run(scene())
    print(f"{scene.__name__}: {time.perf_counter() - start:.3f} s")
