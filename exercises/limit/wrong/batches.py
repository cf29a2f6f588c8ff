"""Downloads three files, then three more: the slowest of each three keeps the others back."""
import asyncio


async def download(name):
    await asyncio.sleep(1)
    return f"data of {name}"


async def download_all(names):
    data = []
    for first in range(0, len(names), 3):
        data += await asyncio.gather(*(download(name) for name in names[first:first + 3]))
    return data
