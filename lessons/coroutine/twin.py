"""coroutine: what a call starts, and what an await gives back.

    python3 twin.py            a hog that computes for 0.5 s
    python3 twin.py 0.2        for 0.2 s
"""

import asyncio
import logging
import sys
import time

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
log = logging.getLogger("coroutine")
log.setLevel(logging.INFO)  # nothing is printed as long as nobody asks where to


async def made():
    a, b = job("A"), job("B")  # coroutines: nothing runs yet
    await tea()
    await a
    b.close()  # or Python warns that it was never awaited


async def ready():
    await asyncio.gather(ticker(), hog(yields=False))


async def yields():
    await asyncio.gather(ticker(), hog(yields=True))


async def tea():
    await asyncio.sleep(DELAY)
    print("  tea is over")


async def job(name):
    print(f"  {name} begins")
    await asyncio.sleep(DELAY)


async def hog(yields):
    start = time.perf_counter()
    while time.perf_counter() - start < DELAY:
        await piece_of_work(DELAY / 500)
        if yields:
            await asyncio.sleep(0)


async def piece_of_work(seconds):
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        pass


async def ticker():
    late = []
    for _ in range(10):
        due = time.perf_counter() + DELAY / 10
        await asyncio.sleep(DELAY / 10)
        log.info("ticks")
        late.append(time.perf_counter() - due)
    print(f"  at worst, a tick was {max(late):.3f} s late")


for scene in [made, ready, yields]:
    start = time.perf_counter()
    asyncio.run(scene())
    print(f"{scene.__name__}: {time.perf_counter() - start:.3f} s")
