"""Takes an empty line for the end."""
import asyncio


async def answer(line):
    await asyncio.sleep(1)


async def answer_all(reader):
    tasks = []
    while True:
        line = await reader.readline()
        if not line.strip():
            break
        tasks.append(asyncio.create_task(answer(line)))
    await asyncio.gather(*tasks)
