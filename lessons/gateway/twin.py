"""gateway: one thread for each request, or one for all.

    python3 twin.py            40 answers that wait for 0.1 s
    python3 twin.py 0.2        answers that wait for 0.2 s
    python3 twin.py 0.2 8      eight of them
    uvicorn twin:app           the ASGI application, under a server of renown
"""

import asyncio
import logging
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

DELAY = 0.1
TASKS = 40
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

    request_queue_size = 400

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


async def pool_of_4():
    await _serve_from_pool(4)


async def pool_of_40():
    await _serve_from_pool(40)


async def _serve_from_pool(workers):
    with PooledServer(workers) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        await _ask_all(server.server_port)
        server.shutdown()


async def on_the_loop():
    await _serve_on_the_loop()


async def blocked_loop():
    global work
    work = work_that_blocks
    await _serve_on_the_loop()


async def _serve_on_the_loop():
    server = await asyncio.start_server(talk_http, "127.0.0.1", backlog=TASKS)
    async with server:
        await _ask_all(server.sockets[0].getsockname()[1])


async def _ask_all(port):
    await asyncio.gather(*(request(number, port) for number in range(1, TASKS + 1)))


async def request(number, port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.endswith(b"/ is here.\n"), answer


if __name__ == "__main__":
    DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else DELAY
    TASKS = int(sys.argv[2]) if len(sys.argv) > 2 else TASKS
    for scene in [pool_of_4, pool_of_40, on_the_loop, blocked_loop]:
        start = time.perf_counter()
        asyncio.run(scene())
        print(f"{scene.__name__}: {time.perf_counter() - start:.3f} s")
