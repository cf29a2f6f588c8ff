"""files: reading files without holding up the loop. Prints how long the reads took and how late a ticker was.

    python3 twin.py            a pipe whose bytes come after 0.1 s
    python3 twin.py 0.5        after 0.5 s
"""

import asyncio
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.1
READS = range(2000)


async def in_place(path):
    for _ in READS:
        path.read_bytes()


async def one_by_one(path):
    for _ in READS:  # what packages for asynchronous files do, too
        await asyncio.to_thread(path.read_bytes)


async def all_in_one(path):
    await asyncio.to_thread(lambda: [path.read_bytes() for _ in READS])


async def slow_pipe(_):
    reader, writer = os.pipe()
    threading.Timer(DELAY, os.write, [writer, b"hello"]).start()
    await asyncio.to_thread(os.read, reader, 64)


async def lateness(late):
    while True:
        due = time.perf_counter() + 0.001
        await asyncio.sleep(0.001)
        late.append(time.perf_counter() - due)


async def main():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "small")
        path.write_bytes(bytes(4096))
        for scene in [in_place, one_by_one, all_in_one, slow_pipe]:
            late = []
            ticker = asyncio.create_task(lateness(late))
            await asyncio.sleep(0.005)
            start = time.perf_counter()
            await scene(path)
            wall = time.perf_counter() - start
            await asyncio.sleep(0.005)
            ticker.cancel()
            print(f"{scene.__name__}: {wall:.3f} s, ticker late by {max(late):.3f} s at worst")


asyncio.run(main())
