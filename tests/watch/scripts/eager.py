"""Tasks that run at once, inside the call that makes them. Needs Python 3.12."""
import asyncio
import time

import truth


async def quick():
    began = truth.moment()
    time.sleep(0.02)
    truth.lane("quick()", [("running", began, truth.moment())], outcome="done", polls=1)


async def slow():
    began = truth.moment()
    time.sleep(0.02)
    waits = truth.moment()
    await asyncio.sleep(0.05)
    truth.lane("slow()", [("running", began, waits), ("waiting", waits, truth.moment())], outcome="done", polls=2)


async def turns():
    await asyncio.sleep(0)
    truth.lane("turns()", outcome="done", polls=2)


async def constructed():
    began = truth.moment()
    time.sleep(0.02)
    waits = truth.moment()
    await asyncio.sleep(0.05)
    truth.lane("constructed()", [("running", began, waits), ("waiting", waits, truth.moment())], outcome="done", polls=2)


async def main():
    truth.start()
    await asyncio.Task(constructed(), loop=asyncio.get_running_loop(), eager_start=True)
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    await asyncio.gather(quick(), slow(), turns())
    truth.lane("main()", outcome="done")


asyncio.run(main())
truth.tell()
