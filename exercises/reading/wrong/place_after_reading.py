"""Limits how many are handled, but reads all of them into memory."""
import asyncio


async def handle(order):
    await asyncio.sleep(1)


async def handle_all(reader, most):
    places = asyncio.Semaphore(most)

    async def handle_in_place(order):
        async with places:
            await handle(order)

    tasks = []
    while True:
        order = await reader.readline()
        if order == b"":
            break
        tasks.append(asyncio.create_task(handle_in_place(order)))
    await asyncio.gather(*tasks)
