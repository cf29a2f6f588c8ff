"""Read on while you work.

handle_all() reads orders and handles each before it reads the next one, so
orders wait. Change it so that it reads on while orders are handled, but so
that never more than `most` orders are under way, the one just read among
them: who reads without end runs out of memory. At b"" it waits for the rest
and returns.
"""
import asyncio


async def handle(order):
    await asyncio.sleep(1)
    print(f"{order.decode().strip()} is handled")


async def handle_all(reader, most):
    while True:
        order = await reader.readline()
        if order == b"":
            break
        await handle(order)


async def main():
    reader = asyncio.StreamReader()
    reader.feed_data(b"tea\ncake\nmilk\nbread\n")
    reader.feed_eof()
    await handle_all(reader, 2)


if __name__ == "__main__":
    asyncio.run(main())
