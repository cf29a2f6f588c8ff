"""Reads all orders, however many are under way."""
import asyncio


async def handle(order):
    await asyncio.sleep(1)


async def handle_all(reader, most):
    tasks = []
    while True:
        order = await reader.readline()
        if order == b"":
            break
        tasks.append(asyncio.create_task(handle(order)))
    await asyncio.gather(*tasks)
