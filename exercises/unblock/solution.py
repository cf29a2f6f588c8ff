"""Never block the loop."""
import asyncio
import time


def shrink(photo):
    time.sleep(0.5)     # works hard
    return f"small {photo}"


async def shrink_all(photos):
    calls = [asyncio.to_thread(shrink, photo) for photo in photos]
    return await asyncio.gather(*calls)


async def clock():
    while True:
        print("tick")
        await asyncio.sleep(0.1)


async def main():
    ticking = asyncio.create_task(clock())
    await asyncio.sleep(0)
    print(await shrink_all(["cat", "dog", "bird"]))
    ticking.cancel()


if __name__ == "__main__":
    asyncio.run(main())
