"""Waits until the tasks have ended, but never asks how."""
import asyncio


async def save(record):
    await asyncio.sleep(1)


async def save_all(records):
    tasks = [asyncio.create_task(save(record)) for record in records]
    done, pending = await asyncio.wait(tasks)
    return len(done)
