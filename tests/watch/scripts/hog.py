"""A task that holds the loop, beside one whose timer is due meanwhile."""
import asyncio
import time

import truth


async def ticker():
    await asyncio.sleep(0.05)
    began = truth.moment()
    due = began + 50
    await asyncio.sleep(0.05)
    truth.lane("ticker()", [("waiting", began, due), ("ready", due, truth.moment())])


async def hog():
    await hold()


async def hold():
    """Is a lane of its own, which shows the polls of the task."""
    await asyncio.sleep(0.075)
    began = truth.moment()
    cpu = time.thread_time()
    while truth.moment() < began + 100:
        pass
    cpu = (time.thread_time() - cpu) * 1000
    time.sleep(0.1)
    held = [("running", began, truth.moment())]
    truth.lane("hog()", held, cpu=cpu)
    truth.lane("hold()", held, cpu=cpu, created_at="await hold()")


async def main():
    truth.start()
    await asyncio.gather(ticker(), hog())


asyncio.run(main())
truth.tell()
