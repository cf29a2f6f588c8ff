"""Starts a task for each line, which echoes it after the delay. Meanwhile it reads the next line."""

import asyncio
import sys

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0


async def scene():
    echoes = []
    # readline blocks, so a thread calls it. At the end of the input it returns "".
    while line := await asyncio.to_thread(sys.stdin.readline):
        line = line.strip()
        echoes.append(asyncio.create_task(echo(line), name=line or "(empty line)"))
    # Without this line, the echoes that still wait would be lost.
    await asyncio.gather(*echoes)


async def echo(line):
    await asyncio.sleep(DELAY)
    print(line)


asyncio.run(scene())
