"""handles: wait, abort or drop: what becomes of the work.

    python3 twin.py            waits of 0.2 s
    python3 twin.py 0.1        waits of 0.1 s
"""

import asyncio
import sys
import threading
import time

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.2


async def joined():
    task = asyncio.create_task(work())
    await before()
    print(f"  gets {await task}")


async def abort_waiting():
    task = asyncio.create_task(work())
    await before()
    print("  aborts the task")
    task.cancel()
    await asyncio.wait([task])


async def abort_computing():
    task = asyncio.create_task(work(computing=True))
    # On one thread, only another one can ask for it meanwhile.
    threading.Timer(DELAY, abort, [task, asyncio.get_running_loop()]).start()
    await asyncio.wait([task])


def abort(task, loop):
    print("  aborts the task")
    loop.call_soon_threadsafe(task.cancel)  # the loop hears of it when it gets its turn


async def drop_handle():
    task = asyncio.create_task(work())
    await before()
    print("  drops the handle")
    del task  # the timer that it sleeps on still leads to it; in general, the loop's own reference is weak
    await after()


async def drop_future():
    coroutine = work()
    coroutine.send(None)  # runs to its first await, by hand: who awaits a coroutine cannot drop it half-way
    await before()
    print("  drops the future")
    coroutine.close()
    await after()


async def timed_out():
    task = asyncio.create_task(work("task"))
    # wait_for cancels what it waits for, tasks, too; shield takes that upon itself.
    await asyncio.gather(in_time(work("future")), in_time(asyncio.shield(task)))
    print("  time is out for both")
    await after()


async def in_time(work):
    try:
        await asyncio.wait_for(work, DELAY)
    except TimeoutError:
        pass


async def before():
    await asyncio.sleep(DELAY)


async def after():
    await asyncio.sleep(2 * DELAY)


async def work(name="work", computing=False):
    try:
        if computing:
            time.sleep(2 * DELAY)  # holds the thread, as a computation does
        await asyncio.sleep(2 * DELAY)
        print(f"  {name} has finished")
        return 42
    except (asyncio.CancelledError, GeneratorExit):
        print(f"  {name} is cancelled")
        raise


for scene in [joined, abort_waiting, abort_computing, drop_handle, drop_future, timed_out]:
    start = time.perf_counter()
    asyncio.run(scene())
    print(f"{scene.__name__}: {time.perf_counter() - start:.3f} s")
