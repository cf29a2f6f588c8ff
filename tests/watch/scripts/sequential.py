"""Two coroutines one after another: no tasks in Python, but lanes of their own."""
import asyncio

import truth


async def nap(name, delay):
    began = truth.moment()
    await asyncio.sleep(delay)
    truth.lane(f"nap({name!r}, {delay})", [("waiting", began, truth.moment())], outcome="done", kind="future",
               created_at=f"await nap({name!r}, {delay})".replace("'", '"'))


async def main():
    truth.start()
    await nap("A", 0.1)
    between = truth.moment()
    await nap("B", 0.05)
    truth.lane("main()", [("waiting", 0, between), ("waiting", between, truth.moment())], outcome="done")


asyncio.run(main())
truth.tell(outcome="done")
