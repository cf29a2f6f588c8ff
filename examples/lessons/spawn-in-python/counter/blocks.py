"""What must make the claim about echoes fail: each echo holds the loop, so that the others wait for it."""

import asyncio
import sys
import time

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0


async def scene():
    echoes = []
    for line in sys.stdin.readlines():
        line = line.strip()
        echoes.append(asyncio.create_task(echo(line), name=line or "(empty line)"))
    await asyncio.gather(*echoes)


async def echo(line):
    time.sleep(DELAY)
    print(line)


asyncio.run(scene())
