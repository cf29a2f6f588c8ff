"""Stops at the end, and leaves the answers that are under way."""
import asyncio


async def answer(line):
    await asyncio.sleep(1)


async def answer_all(reader):
    while True:
        line = await reader.readline()
        if line == b"":
            break
        asyncio.create_task(answer(line))
