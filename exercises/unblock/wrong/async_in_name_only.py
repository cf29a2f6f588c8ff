"""Makes tasks of calls that block."""
import asyncio
import time


def shrink(photo):
    time.sleep(0.5)
    return f"small {photo}"


async def shrink_one(photo):
    await asyncio.sleep(0)
    return shrink(photo)


async def shrink_all(photos):
    return await asyncio.gather(*(shrink_one(photo) for photo in photos))
