"""counterparts: what waits in Python's plain library, and what waits in asyncio. Prints how long both calls took
and for how long a ticker stood still beside each.

    python3 twin.py            each call waits for 0.3 s
    python3 twin.py 0.1        for 0.1 s
"""

import asyncio
import queue
import socket
import subprocess
import sys
import threading
import time

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.3


class Plain:  # each of them holds the thread; that the function is async changes nothing
    async def sleep():
        time.sleep(DELAY)

    async def file():
        end = time.perf_counter() + DELAY
        while time.perf_counter() < end:
            read()

    async def socket():
        with late_socket() as here:
            here.recv(64)

    async def lock():
        lock = threading.Lock()
        lock.acquire()
        threading.Timer(DELAY, lock.release).start()
        lock.acquire()

    async def channel():
        messages = queue.Queue()
        threading.Timer(DELAY, messages.put, ["hello"]).start()
        messages.get()

    async def program():
        subprocess.run(["sleep", str(DELAY)])


class Asyncio:  # each of them gives it back at its await
    async def sleep():
        await asyncio.sleep(DELAY)

    async def file():
        end = time.perf_counter() + DELAY
        while time.perf_counter() < end:
            await asyncio.to_thread(read)

    async def socket():
        reader, writer = await asyncio.open_connection(sock=late_socket())
        await reader.read(64)
        writer.close()

    async def lock():
        lock = asyncio.Lock()
        await lock.acquire()
        asyncio.get_running_loop().call_later(DELAY, lock.release)
        await lock.acquire()

    async def channel():
        messages = asyncio.Queue()
        asyncio.get_running_loop().call_later(DELAY, messages.put_nowait, "hello")
        await messages.get()

    async def program():
        await (await asyncio.create_subprocess_exec("sleep", str(DELAY))).wait()


def read():
    with open(sys.executable, "rb") as file:
        file.read(1 << 20)


def late_socket():
    here, there = socket.socketpair()
    threading.Timer(DELAY, there.send, [b"hello"]).start()
    return here


async def stall(call):
    """How late a ticker was at worst while `call` was awaited."""
    late = [0]

    async def tick():
        while True:
            due = time.perf_counter() + DELAY / 25
            await asyncio.sleep(DELAY / 25)
            late.append(time.perf_counter() - due)

    ticker = asyncio.create_task(tick())
    await asyncio.sleep(DELAY / 10)
    await call
    await asyncio.sleep(DELAY / 10)
    ticker.cancel()
    return max(late)


async def main():
    for name in ["sleep", "file", "socket", "lock", "channel", "program"]:
        start = time.perf_counter()
        plain, ours = await stall(getattr(Plain, name)()), await stall(getattr(Asyncio, name)())
        wall = time.perf_counter() - start
        print(f"{name}: {wall:.3f} s, stall {plain:.3f} s with the plain call, {ours:.3f} s with asyncio's")


asyncio.run(main())
