"""gateway: one thread for each request, or one for all.

    python3 twin.py            answers that wait for 0.1 s
    python3 twin.py 0.2        answers that wait for 0.2 s
    uvicorn twin:app           the ASGI application, under a server of renown
"""

import asyncio
import http.client
import logging
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

REQUESTS = 40
DELAY = 0.1
log = logging.getLogger("uvicorn.error")


def wsgi_app(environ, start_response):
    time.sleep(DELAY)
    start_response("200 OK", [("content-type", "text/plain")])
    return [f"{environ['PATH_INFO']} is here.\n".encode()]


async def app(scope, receive, send):
    async def next_event():
        event = await receive()
        log.info("receive %s", event["type"])
        return event

    async def tell(event):
        log.info("send %s", event["type"])
        await send(event)

    if scope["type"] == "http":
        await next_event()
        await work()
        headers = [(b"content-type", b"text/plain")]
        await tell({"type": "http.response.start", "status": 200, "headers": headers})
        await tell({"type": "http.response.body", "body": f"{scope['path']} is here.\n".encode()})
    elif scope["type"] == "websocket":
        while (event := await next_event())["type"] != "websocket.disconnect":
            if event["type"] == "websocket.connect":
                await tell({"type": "websocket.accept"})
            else:
                await tell({**event, "type": "websocket.send"})
    else:
        raise NotImplementedError(scope["type"])


async def work():
    await asyncio.sleep(DELAY)


async def work_that_blocks():
    time.sleep(DELAY)  # holds the loop's thread


class PooledServer(ThreadingMixIn, WSGIServer):
    """wsgiref's server; a connection waits in the pool's queue until one of its threads is free."""

    request_queue_size = REQUESTS

    def __init__(self, workers):
        super().__init__(("127.0.0.1", 0), SilentHandler)
        self.set_app(wsgi_app)
        self.pool = ThreadPoolExecutor(workers)

    def process_request(self, request, client_address):
        self.pool.submit(self.process_request_thread, request, client_address)


class SilentHandler(WSGIRequestHandler):
    def log_message(self, *_):
        pass


async def talk_http(reader, writer):
    """All that a server of ASGI applications has to do, for one request without a body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    method, path, _ = head.split(" ", 2)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(event):
        if event["type"] == "http.response.start":
            fields = b"".join(b"%s: %s\r\n" % field for field in event["headers"])
            writer.write(b"HTTP/1.1 %d \r\nconnection: close\r\n%s\r\n" % (event["status"], fields))
        else:
            writer.write(event["body"])
            await writer.drain()

    await app({"type": "http", "method": method, "path": path}, receive, send)
    writer.close()


def pool(workers):
    with PooledServer(workers) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        ask_all(server.server_port)
        server.shutdown()


async def loop():
    server = await asyncio.start_server(talk_http, "127.0.0.1", backlog=REQUESTS)
    async with server:
        await asyncio.to_thread(ask_all, server.sockets[0].getsockname()[1])


def blocked_loop():
    global work
    work = work_that_blocks
    asyncio.run(loop())


def ask_all(port):
    with ThreadPoolExecutor(REQUESTS) as clients:
        for answer in clients.map(ask, [port] * REQUESTS):
            assert answer == b"/ is here.\n", answer


def ask(port):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/", headers={"connection": "close"})
    return connection.getresponse().read()


def timed(name, scene):
    start = time.perf_counter()
    scene()
    print(f"{name}: {time.perf_counter() - start:.3f} s")


if __name__ == "__main__":
    DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else DELAY
    timed("pool_of_4", lambda: pool(4))
    timed("pool_of_40", lambda: pool(40))
    timed("on_the_loop", lambda: asyncio.run(loop()))
    timed("blocked_loop", blocked_loop)
