"""Read on while you work."""
import asyncio


async def handle(order):
    await asyncio.sleep(1)
    print(f"{order.decode().strip()} is handled")


async def handle_all(reader, most):
    places = asyncio.Semaphore(most)
    tasks = []
    while True:
        await places.acquire()
        order = await reader.readline()
        if order == b"":
            break
        task = asyncio.create_task(handle(order))
        task.add_done_callback(lambda _: places.release())
        tasks.append(task)
    await asyncio.gather(*tasks)


async def main():
    reader = asyncio.StreamReader()
    reader.feed_data(b"tea\ncake\nmilk\nbread\n")
    reader.feed_eof()
    await handle_all(reader, 2)


if __name__ == "__main__":
    asyncio.run(main())
