"""Two coroutines at the same time."""
import asyncio

import truth


async def nap(name, delay):
    began = truth.moment()
    await asyncio.sleep(delay)
    truth.lane(f"nap({name!r}, {delay})", [("waiting", began, truth.moment())], outcome="done", polls=2)


async def main():
    truth.start()
    await asyncio.gather(nap("A", 0.1), nap("B", 0.15))
    print("both are done")


asyncio.run(main())
truth.tell(marks=["both are done"])
