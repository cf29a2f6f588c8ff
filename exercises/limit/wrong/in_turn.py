"""Downloads one file after the other."""
import asyncio


async def download(name):
    await asyncio.sleep(1)
    return f"data of {name}"


async def download_all(names):
    return [await download(name) for name in names]
