"""As in together.py, but the last nap is three times as long as the others."""

import asyncio
import sys

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
TASKS = int(sys.argv[2]) if len(sys.argv) > 2 else 2
NAMES = [chr(ord("A") + n % 26) + str(n // 26 or "") for n in range(TASKS)]  # A, B, ..., Z, A1, B1, ...


async def scene():
    delays = [3 * DELAY if name == NAMES[-1] else DELAY for name in NAMES]
    await asyncio.gather(*map(nap, NAMES, delays))


async def nap(name, delay):
    print(name, "falls asleep")
    await asyncio.sleep(delay)
    print(name, "wakes up")


asyncio.run(scene())
