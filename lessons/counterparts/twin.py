"""counterparts: what waits in Python's plain library, and what waits in asyncio. Prints how long both calls took
and for how long a ticker stood still beside each.

    python3 twin.py            each call waits for 0.3 s
    python3 twin.py 0.1        for 0.1 s
"""

import asyncio
import queue
import subprocess
import sys
import threading
import time
from socket import socketpair

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.3
late = []


# In each scene, the first call holds the thread; that its function is async changes nothing. The second one gives the
# thread back at its await.


async def sleep():
    async def plain():
        time.sleep(DELAY)

    await _compare(plain(), asyncio.sleep(DELAY))


async def file():
    async def plain():
        end = time.perf_counter() + DELAY
        while time.perf_counter() < end:
            read()

    async def ours():
        end = time.perf_counter() + DELAY
        while time.perf_counter() < end:
            await asyncio.to_thread(read)

    await _compare(plain(), ours())


async def socket():
    async def plain():
        with late_socket() as here:
            here.recv(64)

    async def ours():
        reader, writer = await asyncio.open_connection(sock=late_socket())
        await reader.read(64)
        writer.close()

    await _compare(plain(), ours())


async def lock():
    async def plain():
        lock = threading.Lock()
        lock.acquire()
        threading.Timer(DELAY, lock.release).start()
        lock.acquire()

    async def ours():
        lock = asyncio.Lock()
        await lock.acquire()
        asyncio.get_running_loop().call_later(DELAY, lock.release)
        await lock.acquire()

    await _compare(plain(), ours())


async def channel():
    async def plain():
        messages = queue.Queue()
        threading.Timer(DELAY, messages.put, ["hello"]).start()
        messages.get()

    async def ours():
        messages = asyncio.Queue()
        asyncio.get_running_loop().call_later(DELAY, messages.put_nowait, "hello")
        await messages.get()

    await _compare(plain(), ours())


async def program():
    async def plain():
        subprocess.run(["sleep", str(DELAY)])

    async def ours():
        await (await asyncio.create_subprocess_exec("sleep", str(DELAY))).wait()

    await _compare(plain(), ours())


def read():
    with open(sys.executable, "rb") as file:
        file.read(1 << 20)


def late_socket():
    here, there = socketpair()
    threading.Timer(DELAY, there.send, [b"hello"]).start()
    return here


async def _compare(plain, ours):
    """Awaits the two calls one after the other, beside a ticker. Prints how late it was at worst beside each."""
    beside = asyncio.create_task(ticker())
    start = time.perf_counter()
    stalls = [await _stall(plain, "plain"), await _stall(ours, "asyncio")]
    beside.cancel()
    name, wall = asyncio.current_task().get_coro().__name__, time.perf_counter() - start
    print(f"{name}: {wall:.3f} s, stall {stalls[0]:.3f} s with the plain call, {stalls[1]:.3f} s with asyncio's")


async def _stall(call, name):
    late[:] = [0]
    await asyncio.sleep(DELAY / 10)
    await asyncio.create_task(call, name=name)
    await asyncio.sleep(DELAY / 10)
    return max(late)


async def ticker():
    while True:
        due = time.perf_counter() + DELAY / 25
        await asyncio.sleep(DELAY / 25)
        late.append(time.perf_counter() - due)


for scene in [sleep, file, socket, lock, channel, program]:
    asyncio.run(scene())
