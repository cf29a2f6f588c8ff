"""A consumer that waits for a producer, which is what wakes it."""
import asyncio

import truth


async def producer(items):
    for item in range(3):
        await asyncio.sleep(0.03)
        await items.put(item)


async def consumer(items):
    began = truth.moment()
    stretches = []
    for _ in range(3):
        await items.get()
        stretches.append(("waiting", began, truth.moment()))
        began = truth.moment()
    truth.lane("consumer(…)", stretches, wakes=3, any_arguments=True, waker="producer()")


async def main():
    truth.start()
    items = asyncio.Queue()
    await asyncio.gather(producer(items), consumer(items))


asyncio.run(main())
truth.tell(stands=["await items.get()"])
