"""Saves one record after the other."""
import asyncio


async def save(record):
    await asyncio.sleep(1)


async def save_all(records):
    for record in records:
        await save(record)
    return len(records)
