"""Looks for the end too late."""
import asyncio


async def answer(line):
    await asyncio.sleep(1)


async def answer_all(reader):
    tasks = []
    line = None
    while line != b"":
        line = await reader.readline()
        tasks.append(asyncio.create_task(answer(line)))
    await asyncio.gather(*tasks)
