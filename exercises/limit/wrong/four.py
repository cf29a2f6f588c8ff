"""Has four places."""
import asyncio


async def download(name):
    await asyncio.sleep(1)
    return f"data of {name}"


async def download_all(names):
    places = asyncio.BoundedSemaphore(4)

    async def download_in_place(name):
        async with places:
            return await download(name)

    return await asyncio.gather(*(download_in_place(name) for name in names))
