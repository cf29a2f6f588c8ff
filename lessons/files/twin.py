"""files: reading files without holding up the loop. Prints how long the reads took and how late a ticker was.

    python3 twin.py            2,000 reads, and a pipe whose bytes come after 0.1 s
    python3 twin.py 0.5        bytes that come after 0.5 s
    python3 twin.py 0.5 500    and 500 reads
"""

import asyncio
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.1
TASKS = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000


async def in_place():
    async def reads():
        for _ in range(TASKS):
            path.read_bytes()

    await _beside_a_ticker(reads())


async def one_by_one():
    async def reads():
        for _ in range(TASKS):  # what packages for asynchronous files do, too
            await asyncio.to_thread(path.read_bytes)

    await _beside_a_ticker(reads())


async def all_in_one():
    async def reads():
        await asyncio.to_thread(lambda: [path.read_bytes() for _ in range(TASKS)])

    await _beside_a_ticker(reads())


async def slow_pipe():
    async def reads():
        reader, writer = os.pipe()
        threading.Timer(DELAY, os.write, [writer, b"hello"]).start()
        await asyncio.to_thread(os.read, reader, 64)

    await _beside_a_ticker(reads())


async def _beside_a_ticker(reads):
    late = []

    async def ticker():
        while True:
            due = time.perf_counter() + 0.001
            await asyncio.sleep(0.001)
            late.append(time.perf_counter() - due)

    beside = asyncio.create_task(ticker())
    await asyncio.sleep(0.005)
    start = time.perf_counter()
    await asyncio.create_task(reads)
    wall = time.perf_counter() - start
    await asyncio.sleep(0.005)
    beside.cancel()
    name = asyncio.current_task().get_coro().__name__
    print(f"{name}: {wall:.3f} s, ticker late by {max(late):.3f} s at worst")


with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "small")
    path.write_bytes(bytes(4096))
    for scene in [in_place, one_by_one, all_in_one, slow_pipe]:
        asyncio.run(scene())
