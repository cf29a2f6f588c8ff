"""blocking: never block the loop. Prints how long each scene took and how late the latest tick was.

    python3 twin.py            a blocking call of half a second beside 20 tickers
    python3 twin.py 0.2        one of 0.2 s
    python3 twin.py 0.2 5      beside five tickers
"""

import asyncio
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
TASKS = int(sys.argv[2]) if len(sys.argv) > 2 else 20
late = []


async def on_the_loop():
    await asyncio.gather(*tickers(), blocker_on_the_loop())


async def set_aside():
    await asyncio.gather(*tickers(), asyncio.to_thread(blocker))


def tickers():
    return [ticker(number) for number in range(1, TASKS + 1)]


async def ticker(number):
    end = time.perf_counter() + 1.5 * DELAY
    while time.perf_counter() < end:
        due = time.perf_counter() + DELAY / 50
        await asyncio.sleep(DELAY / 50)
        late.append(time.perf_counter() - due)


async def blocker_on_the_loop():
    blocker()  # that the function is async changes nothing


def blocker():
    time.sleep(DELAY)  # holds the thread that calls it


def of_four_workers(blockers):
    # An event loop has one thread. What has several, and the same cliff, is a pool.
    with ThreadPoolExecutor(4) as workers:
        for _ in range(blockers):
            workers.submit(blocker)
        metronome(workers.submit).join()


def metronome(run):
    def beat():
        for _ in range(75):
            time.sleep(DELAY / 50)
            due = time.perf_counter()
            for _ in range(TASKS):
                run(tick, due)

    def tick(due):
        late.append(time.perf_counter() - due)

    beats = threading.Thread(target=beat)
    beats.start()
    return beats


def timed(name, scene):
    start = time.perf_counter()
    late.clear()
    scene()
    print(f"{name}: {time.perf_counter() - start:.3f} s, ticks late by {max(late):.3f} s at worst")


timed("on_the_loop", lambda: asyncio.run(on_the_loop()))
timed("set_aside", lambda: asyncio.run(set_aside()))
timed("one_blocker", lambda: of_four_workers(1))
timed("two_blockers", lambda: of_four_workers(2))
timed("four_blockers", lambda: of_four_workers(4))
