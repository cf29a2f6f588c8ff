"""Waits for a time that is long enough only if the disk is quick."""
import asyncio


async def save(record):
    await asyncio.sleep(1)


async def save_all(records):
    for record in records:
        asyncio.create_task(save(record))
    await asyncio.sleep(2)
    return len(records)
