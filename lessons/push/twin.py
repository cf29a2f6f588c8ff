"""push: the server speaks first.

    python3 twin.py            three clients, which poll every second
    python3 twin.py 0.2        every 0.2 s
    python3 twin.py 0.2 1      one client

By hand, down to the frames, as far as they are needed here. At home you would take the packages websockets and h2.
"""

import asyncio
import logging
import sys
import time
from functools import partial

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
TASKS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
log = logging.getLogger("push")
log.setLevel(logging.INFO)  # nothing is printed as long as nobody asks where to
MOMENTS = [5, 7, 11, 25, 27, 33]  # in twelfths of a delay


class Newsroom:
    def __init__(self):
        self.made, self.more, self.delays, self.wasted = [], asyncio.Condition(), [], 0

    async def make_news(self):
        start = time.perf_counter()
        for moment in MOMENTS:
            await asyncio.sleep(start + moment * DELAY / 12 - time.perf_counter())
            async with self.more:
                self.made.append(time.perf_counter())
                log.info("made news %d", len(self.made))
                self.more.notify_all()

    async def pieces(self):
        """The number of each piece, as soon as that is made."""
        for number in range(1, len(MOMENTS) + 1):
            async with self.more:
                await self.more.wait_for(lambda: len(self.made) >= number)
            yield number

    def delivered(self, number):
        log.info("has news %d", int(number))
        self.delays.append(time.perf_counter() - self.made[int(number) - 1])


async def answer_polls(news, reader, writer):
    while await reader.readline():
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n%d" % len(news.made))
    writer.close()


async def poll(client, news, address):
    reader, writer = await asyncio.open_connection(*address)
    due, last = time.perf_counter(), 0
    while last < len(MOMENTS):
        await asyncio.sleep(due - time.perf_counter())
        due += DELAY
        log.info("asks")
        writer.write(b"GET /news HTTP/1.1\r\n")
        await reader.readuntil(b"\r\n\r\n")
        latest = int(await reader.read(1))
        news.wasted += latest == last
        for number in range(last + 1, latest + 1):
            news.delivered(number)
        last = latest
    writer.close()


async def send_messages(news, reader, writer):
    await reader.readline()
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n")
    async for number in news.pieces():
        writer.write(b"\x81\x01%d" % number)  # a text of one byte
    writer.close()


async def hear_messages(client, news, address):
    reader, writer = await asyncio.open_connection(*address)
    log.info("asks")
    writer.write(b"GET /socket HTTP/1.1\r\n")
    await reader.readuntil(b"\r\n\r\n")
    for _ in MOMENTS:
        news.delivered((await reader.readexactly(3))[2:])
    writer.close()


async def send_events(news, reader, writer):
    await reader.readline()
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
    async for number in news.pieces():
        writer.write(b"data: %d\n\n" % number)
    writer.close()


async def hear_events(client, news, address):
    reader, writer = await asyncio.open_connection(*address)
    log.info("asks")
    writer.write(b"GET /events HTTP/1.1\r\n")
    await reader.readuntil(b"\r\n\r\n")
    for _ in MOMENTS:
        news.delivered((await reader.readuntil(b"\n\n")).removeprefix(b"data: "))
    writer.close()


HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, PUSH_PROMISE = 0, 1, 4, 5
GET, HTTP, PATH, OK = 0x82, 0x86, 0x04, 0x88  # how HTTP/2 abbreviates headers (RFC 7541)


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


async def send_promises(news, reader, writer):
    await reader.readexactly(len(HELLO))
    writer.write(frame(SETTINGS, 0, 0))
    async for number in news.pieces():
        path, stream = b"/news/%d" % number, 2 * number
        request = bytes([GET, HTTP, PATH, len(path)]) + path  # the one that the client need not make
        writer.write(frame(PUSH_PROMISE, 4, 1, stream.to_bytes(4, "big") + request))
        writer.write(frame(HEADERS, 4, stream, bytes([OK])) + frame(DATA, 1, stream, b"%d" % number))
    writer.close()


async def hear_promises(client, news, address):
    reader, writer = await asyncio.open_connection(*address)
    path, heard = b"/pushes", 0
    request = bytes([GET, HTTP, PATH, len(path)]) + path
    log.info("asks")
    writer.write(HELLO + frame(SETTINGS, 0, 0) + frame(HEADERS, 5, 1, request))
    while heard < len(MOMENTS):
        head = await reader.readexactly(9)
        payload = await reader.readexactly(int.from_bytes(head[:3], "big"))
        if head[3] == DATA:
            heard += 1
            news.delivered(payload)
    writer.close()


async def _day(answer, client):
    """Serves the news of one day to all clients."""
    news, start = Newsroom(), time.perf_counter()
    async with await asyncio.start_server(partial(answer, news), "127.0.0.1", 0) as server:
        address = server.sockets[0].getsockname()
        clients = [client(number, news, address) for number in range(1, TASKS + 1)]
        await asyncio.gather(news.make_news(), *clients)
    wall, mean = time.perf_counter() - start, sum(news.delays) / len(news.delays)
    name = asyncio.current_task().get_coro().__name__
    print(f"{name}: {wall:.3f} s, mean delay {1000 * mean:.1f} ms, requests wasted: {news.wasted}")


async def polling():
    await _day(answer_polls, poll)


async def websocket():
    await _day(send_messages, hear_messages)


async def events():
    await _day(send_events, hear_events)


async def promises():
    await _day(send_promises, hear_promises)


for scene in [polling, websocket, events, promises]:
    asyncio.run(scene())
