"""Reads some orders, handles them, reads more, and never stops."""
import asyncio


async def handle(order):
    await asyncio.sleep(1)


async def handle_all(reader, most):
    while True:
        tasks = []
        while len(tasks) < most:
            order = await reader.readline()
            if order == b"":
                break
            tasks.append(asyncio.create_task(handle(order)))
        await asyncio.gather(*tasks)
