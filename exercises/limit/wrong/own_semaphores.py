"""Gives each download a semaphore of its own, with three places for one task."""
import asyncio


async def download(name):
    await asyncio.sleep(1)
    return f"data of {name}"


async def download_in_place(name):
    async with asyncio.Semaphore(3):
        return await download(name)


async def download_all(names):
    return await asyncio.gather(*(download_in_place(name) for name in names))
