"""threads: who interrupts whom. Prints how long each scene took and the longest time without a tick.

    python3 twin.py            a hog of half a second
    python3 twin.py 0.2        a hog of 0.2 s
"""

import asyncio
import logging
import sys
from time import perf_counter as now, sleep

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
log = logging.getLogger("threads")
log.setLevel(logging.INFO)  # nothing is printed as long as nobody asks where to
ticks = []


async def os_threads():
    # Two functions that are not async, on a thread each.
    await asyncio.gather(asyncio.to_thread(ticker), asyncio.to_thread(hog))


async def tasks():
    ticks = asyncio.create_task(async_ticker(), name="ticker")
    await asyncio.gather(ticks, asyncio.create_task(async_hog(), name="hog"))


async def yielding():
    ticks = asyncio.create_task(async_ticker(), name="ticker")
    await asyncio.gather(ticks, asyncio.create_task(async_hog(yielding=True), name="hog"))


async def async_hog(yielding=False):
    end = now() + DELAY
    while now() < end:
        sum(range(10_000))  # a step of a long computation
        if yielding:
            await asyncio.sleep(0)  # gives the thread to whoever is ready


async def async_ticker():
    end = now() + 1.5 * DELAY
    while now() < end:
        await asyncio.sleep(DELAY / 50)
        tick()


def hog():
    end = now() + DELAY
    while now() < end:
        sum(range(10_000))


def ticker():
    end = now() + 1.5 * DELAY
    while now() < end:
        sleep(DELAY / 50)
        tick()


def tick():
    log.info("ticks")
    ticks.append(now())


for scene in [os_threads, tasks, yielding]:
    ticks[:] = [now()]
    asyncio.run(scene())
    wall, longest = now() - ticks[0], max(b - a for a, b in zip(ticks, ticks[1:]))
    print(f"{scene.__name__}: {wall:.3f} s, {longest:.3f} s of it without a tick")
