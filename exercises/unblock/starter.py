"""Never block the loop.

shrink() stands for a library that knows nothing of asyncio: it keeps its
thread for as long as it works. While it does, the event loop stands still
and no other task can run. Change shrink_all() so that the loop stays free,
and so that the photos are shrunk at the same time. shrink() stays as it is.
"""
import asyncio
import time


def shrink(photo):
    time.sleep(0.5)     # works hard
    return f"small {photo}"


async def shrink_all(photos):
    return [shrink(photo) for photo in photos]


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
