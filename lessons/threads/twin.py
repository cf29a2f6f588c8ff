"""threads: who interrupts whom. Prints how long each scene took and the longest time without a tick.

    python3 twin.py            a hog of half a second
    python3 twin.py 0.2        a hog of 0.2 s
"""

import asyncio
import sys
import threading
from time import perf_counter as now, sleep

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5


def os_threads(ticks):
    ticker = threading.Thread(target=tick, args=[ticks])
    ticker.start()
    end = now() + DELAY
    while now() < end:
        sum(range(10_000))  # a step of a long computation
    ticker.join()


def tick(ticks):
    for _ in range(75):
        sleep(DELAY / 50)
        ticks.append(now())


async def tasks(ticks, yielding=False):
    ticker = asyncio.create_task(async_tick(ticks))
    await asyncio.sleep(0)  # a task starts when its creator waits
    end = now() + DELAY
    while now() < end:
        sum(range(10_000))
        if yielding:
            await asyncio.sleep(0)  # gives the thread to whoever is ready
    await ticker


async def async_tick(ticks):
    for _ in range(75):
        await asyncio.sleep(DELAY / 50)
        ticks.append(now())


def timed(name, scene):
    ticks = [now()]
    scene(ticks)
    wall, longest = now() - ticks[0], max(b - a for a, b in zip(ticks, ticks[1:]))
    print(f"{name}: {wall:.3f} s, {longest:.3f} s of it without a tick")


timed("os_threads", os_threads)
timed("tasks", lambda ticks: asyncio.run(tasks(ticks)))
timed("yielding", lambda ticks: asyncio.run(tasks(ticks, yielding=True)))
