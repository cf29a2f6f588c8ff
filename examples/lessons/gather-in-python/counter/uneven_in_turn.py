"""What must make the claim about uneven naps fail: they are awaited one by one."""

import asyncio
import sys

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
TASKS = int(sys.argv[2]) if len(sys.argv) > 2 else 2
NAMES = [chr(ord("A") + n % 26) + str(n // 26 or "") for n in range(TASKS)]  # A, B, ..., Z, A1, B1, ...


async def scene():
    for name in NAMES:
        await nap(name, 3 * DELAY if name == NAMES[-1] else DELAY)


async def nap(name, delay):
    print(name, "falls asleep")
    await asyncio.sleep(delay)
    print(name, "wakes up")


asyncio.run(scene())
