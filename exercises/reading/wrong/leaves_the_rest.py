"""Returns at the end of the input, though orders are under way."""
import asyncio


async def handle(order):
    await asyncio.sleep(1)


async def handle_all(reader, most):
    places = asyncio.Semaphore(most)
    while True:
        await places.acquire()
        order = await reader.readline()
        if order == b"":
            break
        task = asyncio.create_task(handle(order))
        task.add_done_callback(lambda _: places.release())
