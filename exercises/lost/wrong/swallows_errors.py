"""Takes exceptions as results and does not look at them."""
import asyncio


async def save(record):
    await asyncio.sleep(1)


async def save_all(records):
    saved = await asyncio.gather(*(save(record) for record in records), return_exceptions=True)
    return len(saved)
