"""A coroutine that is awaited after its task has held the loop, and a thread that outlives the loop."""
import asyncio
import threading
import time

import truth


def outlives(until):
    began = truth.moment()
    until.wait()
    truth.lane("outlives()", [("running", began, ended)])


async def inner():
    began = truth.moment()
    await asyncio.sleep(0.03)
    truth.lane("inner()", [("waiting", began, truth.moment())], begins=began, outcome="done")


async def main():
    global ended
    truth.start()
    threading.Thread(target=outlives, args=(over,), name="Thread-1").start()
    time.sleep(0.03)
    truth.lane("main()", [("running", 0, truth.moment())])
    await inner()
    ended = truth.moment()


over = threading.Event()
asyncio.run(main())
over.set()
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join()
truth.tell()
