"""A thread that wakes a task while the loop is held, and loops in several threads."""
import asyncio
import threading
import time

import truth


async def waiter(event, woken):
    await event.wait()
    truth.lane("waiter", [("ready", woken[0], truth.moment())], waker="ring()")


async def nap(number):
    began = truth.moment()
    await asyncio.sleep(0.05)
    truth.lane(f"nap({number})", [("waiting", began, truth.moment())], outcome="done")


def run_loop(number):
    asyncio.run(nap(number))


async def main():
    truth.start()
    event, loop, woken = asyncio.Event(), asyncio.get_running_loop(), []
    task = asyncio.create_task(waiter(event, woken), name="waiter")
    await asyncio.sleep(0.01)

    def ring():
        began = truth.moment()
        time.sleep(0.03)
        woken.append(truth.moment())
        loop.call_soon_threadsafe(event.set)
        time.sleep(0.02)
        truth.lane("ring()", [("running", began, truth.moment())], kind="thread", any_prefix=True)

    thread = threading.Thread(target=ring)
    thread.start()
    time.sleep(0.1)
    await task
    thread.join()
    others = [threading.Thread(target=run_loop, args=(number,)) for number in (1, 2)]
    for other in others:
        other.start()
    await loop.run_in_executor(None, others[0].join)
    await loop.run_in_executor(None, others[1].join)


asyncio.run(main())
truth.tell(loop_threads=3)
