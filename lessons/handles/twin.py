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
    await asyncio.sleep(DELAY)
    print(f"  gets {await task}")


async def abort_waiting():
    task = asyncio.create_task(work())
    await asyncio.sleep(DELAY)
    task.cancel()
    await asyncio.wait([task])


async def abort_computing():
    task = asyncio.create_task(work(computing=True))
    # On one thread, only another one can ask for it meanwhile; even so, the loop hears of it when it gets its turn.
    cancel = asyncio.get_running_loop().call_soon_threadsafe, [task.cancel]
    threading.Timer(DELAY, *cancel).start()
    await asyncio.wait([task])


async def drop_handle():
    task = asyncio.create_task(work())
    await asyncio.sleep(DELAY)
    del task  # the timer that it sleeps on still leads to it; in general, the loop's own reference is weak
    await asyncio.sleep(2 * DELAY)


async def drop_future():
    coroutine = work()
    coroutine.send(None)  # runs to its first await, by hand: who awaits a coroutine cannot drop it half-way
    await asyncio.sleep(DELAY)
    coroutine.close()
    await asyncio.sleep(2 * DELAY)


async def timed_out():
    task = asyncio.create_task(work())
    # wait_for cancels what it waits for, tasks, too; shield takes that upon itself.
    waits = [asyncio.wait_for(work(), DELAY), asyncio.wait_for(asyncio.shield(task), DELAY)]
    await asyncio.gather(*waits, return_exceptions=True)
    await asyncio.sleep(2 * DELAY)


async def work(computing=False):
    try:
        if computing:
            time.sleep(2 * DELAY)  # holds the thread, as a computation does
        await asyncio.sleep(2 * DELAY)
        print("  work has finished")
        return 42
    except (asyncio.CancelledError, GeneratorExit):
        print("  work is cancelled")
        raise


async def main():
    for scene in [joined, abort_waiting, abort_computing, drop_handle, drop_future, timed_out]:
        start = time.perf_counter()
        await scene()
        print(f"{scene.__name__}: {time.perf_counter() - start:.3f} s")


asyncio.run(main())
