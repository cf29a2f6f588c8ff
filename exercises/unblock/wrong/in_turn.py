"""Awaits each photo before the next one begins."""
import asyncio
import time


def shrink(photo):
    time.sleep(0.5)
    return f"small {photo}"


async def shrink_all(photos):
    loop = asyncio.get_running_loop()
    return [await loop.run_in_executor(None, shrink, photo) for photo in photos]
