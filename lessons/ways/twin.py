"""ways: await, join and spawn: what starts when, and who waits.

    python3 twin.py            waits of 0.3 s
    python3 twin.py 0.1        waits of 0.1 s
"""

import asyncio
import sys
import time

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.3


async def awaited():
    a, b = job("A", 3), job("B", 2)  # coroutines: nothing runs yet
    await tea()
    await a
    await b


async def joined():
    a, b = job("A", 3), job("B", 2)
    await tea()
    await asyncio.gather(a, b)  # makes them tasks, but not before it is called


async def spawned():
    a, b = asyncio.create_task(job("A", 3)), asyncio.create_task(job("B", 2))
    await tea()
    await show("1st result", a)
    await show("2nd result", b)


async def join_set():
    jobs = [asyncio.create_task(job("A", 3)), asyncio.create_task(job("B", 2))]
    await tea()
    first, second = asyncio.as_completed(jobs)  # whichever is done first
    await show("1st result", first)
    await show("2nd result", second)


async def show(what, result):
    print(f"  {what}: {await result}")


async def job(name, delays):
    print(f"  {name} begins")
    await asyncio.sleep(delays * DELAY)
    return name


async def tea():
    await asyncio.sleep(DELAY)
    print("  tea is over")


for scene in [awaited, joined, spawned, join_set]:
    start = time.perf_counter()
    asyncio.run(scene())  # as block_on: this thread stands still until all is done
    print(f"{scene.__name__}: {time.perf_counter() - start:.3f} s")
