"""websocket: connections that stay. A pool of threads and an event loop hold the same WebSockets.

    python3 twin.py            the first one stays for a second
    python3 twin.py 0.2        for 0.2 s
    python3 twin.py 0.2 100    and 100 are mostly idle
"""

import asyncio
import base64
import hashlib
import socket
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
TASKS = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
IDLE = min(TASKS, 400)  # most systems allow a process 1,024 open files, and both ends of a connection are files
KEY = base64.b64encode(b"asyncguide is it").decode()
ASK = "GET / HTTP/1.1\r\nHost: localhost\r\n"
UPGRADE = f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n"
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n"


def answer(head):
    """Makes a WebSocket of a request that asks for one (RFC 6455), and greets whoever sends another."""
    if b"Sec-WebSocket-Key" not in head:
        return HELLO, False
    key = head.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
    upgrade = f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    return f"HTTP/1.1 101 Switching Protocols\r\n{upgrade}".encode(), True


def work(server):
    """What each of the pool's threads does: nobody else can have it before the connection ends."""
    while True:
        try:
            connection, _ = server.accept()
        except OSError:  # it is closed
            return
        with connection:
            reply, stays = answer(connection.recv(4096))
            connection.sendall(reply)
            while stays and connection.recv(4096):
                pass


async def _serve(reader, writer):
    reply, stays = answer(await reader.readuntil(b"\r\n\r\n"))
    writer.write(reply)
    while stays and (frame := await reader.read(200)):
        # A short message, masked by four bytes; what comes back is not masked (section 5.2).
        mask, masked = frame[2:6], frame[6:]
        text = bytes(byte ^ mask[i % 4] for i, byte in enumerate(masked))
        writer.write(bytes([0x81, len(text)]) + text)
    writer.close()


@asynccontextmanager
async def server_on_the_loop():
    tasks = set()

    async def connection(reader, writer):
        tasks.add(asyncio.current_task())
        await _serve(reader, writer)

    async with await asyncio.start_server(connection, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*tasks)


async def _connect(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{ASK}{UPGRADE}\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def client(number, port, connected):
    _, writer = await _connect(port)
    print(f"  client {number} is connected")
    await connected.wait()
    await asyncio.sleep(DELAY if number == 1 else 1.5 * DELAY)
    print(f"  client {number} leaves")
    writer.close()


async def fifth(connected, port):
    await connected.wait()
    start = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    print("  fifth asks")
    writer.write(f"{ASK}\r\n".encode())
    answer = await reader.read()
    print(f"  fifth is answered: {answer.splitlines()[0].decode()}")
    writer.close()
    return time.perf_counter() - start


async def _four_and_a_fifth(port):
    connected = asyncio.Barrier(5)  # all of them wait there for the last one
    clients = [client(number, port, connected) for number in range(1, 5)]
    waited, *_ = await asyncio.gather(fifth(connected, port), *clients)
    return f"the fifth waited {waited:.3f} s"


async def on_the_pool():
    server = socket.create_server(("127.0.0.1", 0))
    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(work, server)
        told = await _four_and_a_fifth(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
        server.close()
    return told


async def on_the_loop():
    async with server_on_the_loop() as port:
        return await _four_and_a_fifth(port)


async def mostly_idle():
    async with server_on_the_loop() as port:
        talker = await _connect(port)
        idle = [await _connect(port) for _ in range(10)]
        few = await talk(*talker)
        idle += [await _connect(port) for _ in range(IDLE - 10)]
        start = time.process_time()
        await asyncio.sleep(DELAY)
        share = (time.process_time() - start) / DELAY
        many = await talk(*talker)
        for _, writer in [talker, *idle]:
            writer.close()
    return f"{share:.2%} of a processor; an echo {1e6 * few:.0f} us beside 10 idle, {1e6 * many:.0f} us beside {IDLE}"


async def talk(reader, writer):
    times = []
    for _ in range(100):
        start = time.perf_counter()
        writer.write(bytes([0x81, 0x85, 0, 0, 0, 0]) + b"hello")
        await reader.readexactly(7)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


for scene in [on_the_pool, on_the_loop, mostly_idle]:
    start = time.perf_counter()
    told = asyncio.run(scene())
    print(f"{scene.__name__}: {time.perf_counter() - start:.3f} s, {told}")
