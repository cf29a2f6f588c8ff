"""Plain callbacks of timers: one holds the loop, and what was due meanwhile was ready from then on."""
import asyncio
import time

import truth


def slow_callback():
    began = truth.moment()
    time.sleep(0.1)
    truth.lane("the loop", [("running", began, truth.moment())])


async def late():
    began = truth.moment()
    await asyncio.sleep(0.03)
    truth.lane("late()", [("waiting", began, began + 30), ("ready", began + 30, truth.moment())], wakes=1)


async def set_later(future):
    """A timer that is late wakes a task through a future."""
    began = truth.moment()
    asyncio.get_running_loop().call_later(0.06, future.set_result, None)
    await future
    truth.lane("set_later(…)", [("ready", began + 60, truth.moment())], wakes=1, any_arguments=True)


async def main():
    truth.start()
    loop = asyncio.get_running_loop()
    loop.call_later(0.01, slow_callback)
    await asyncio.gather(late(), set_later(loop.create_future()))


asyncio.run(main())
truth.tell(marks=["slow_callback held the loop for"])
