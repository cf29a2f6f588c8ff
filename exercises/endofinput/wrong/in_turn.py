"""Reads on only after each answer."""
import asyncio


async def answer(line):
    await asyncio.sleep(1)


async def answer_all(reader):
    while True:
        line = await reader.readline()
        if line == b"":
            break
        await answer(line)
