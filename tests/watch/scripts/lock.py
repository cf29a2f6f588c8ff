"""Three tasks that take turns with a lock, and an asynchronous generator."""
import asyncio

import truth


async def locker(number, lock):
    began = truth.moment()
    async with lock:
        has = truth.moment()
        await asyncio.sleep(0.03)
    stretches = [("waiting", began, has)] if number else []
    truth.lane(f"locker({number})", stretches + [("waiting", has, truth.moment())])


async def numbers():
    for number in range(2):
        await asyncio.sleep(0.02)  # in the generator
        yield number


async def main():
    truth.start()
    lock = asyncio.Lock()
    await asyncio.gather(*[locker(number, lock) for number in range(3)])
    print([number async for number in numbers()])


asyncio.run(main())
truth.tell(stands=["async with lock", "# in the generator"])
