"""blocking: never block the loop. Prints how long each scene took and how late the latest tick was.

    python3 twin.py            a blocking call of half a second
    python3 twin.py 0.2        one of 0.2 s
"""

import asyncio
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
TICKERS = 20


async def on_the_loop(late):
    beats = metronome(asyncio.get_running_loop().call_soon_threadsafe, late)
    time.sleep(DELAY)  # holds the loop's thread
    await asyncio.to_thread(beats.join)


async def set_aside(late):
    beats = metronome(asyncio.get_running_loop().call_soon_threadsafe, late)
    await asyncio.to_thread(time.sleep, DELAY)
    await asyncio.to_thread(beats.join)


def of_four_workers(blockers, late):
    # An event loop has one thread. What has several, and the same cliff, is a pool.
    with ThreadPoolExecutor(4) as workers:
        for _ in range(blockers):
            workers.submit(time.sleep, DELAY)
        metronome(workers.submit, late).join()


def metronome(run, late):
    def beat():
        for _ in range(75):
            time.sleep(DELAY / 50)
            due = time.perf_counter()
            for _ in range(TICKERS):
                run(tick, due)

    def tick(due):
        late.append(time.perf_counter() - due)

    beats = threading.Thread(target=beat)
    beats.start()
    return beats


def timed(name, scene):
    start, late = time.perf_counter(), []
    scene(late)
    print(f"{name}: {time.perf_counter() - start:.3f} s, ticks late by {max(late):.3f} s at worst")


timed("on_the_loop", lambda late: asyncio.run(on_the_loop(late)))
timed("set_aside", lambda late: asyncio.run(set_aside(late)))
timed("one_blocker", lambda late: of_four_workers(1, late))
timed("two_blockers", lambda late: of_four_workers(2, late))
timed("four_blockers", lambda late: of_four_workers(4, late))
