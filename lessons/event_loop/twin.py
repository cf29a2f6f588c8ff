"""event-loop: what makes every await work. Prints how long each scene took and for how much of it it slept.

    python3 twin.py            something comes in every 0.4 s
    python3 twin.py 0.1        every 0.1 s
"""

import asyncio
import heapq
import selectors
import socket
import sys
import threading
import time

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 0.4
TIMERS = [1.5 * DELAY, 3.5 * DELAY]


def by_hand():  # tasks are generators here, and yield what they wait for: a socket, or a time
    def reader(sock):
        for _ in range(2):
            yield sock
            sock.recv(64)

    def timer(seconds):
        yield seconds

    selector, timers = selectors.DefaultSelector(), []
    ready = [reader(sock) for sock in three_sockets()] + [timer(seconds) for seconds in TIMERS]
    while True:
        for task in ready:
            waits_for = next(task, None)  # it runs to its next yield, or to its end
            if isinstance(waits_for, socket.socket):
                selector.register(waits_for, selectors.EVENT_READ, task)
            elif waits_for is not None:
                heapq.heappush(timers, (time.perf_counter() + waits_for, id(task), task))
        if not timers and not selector.get_map():
            break
        timeout = max(0, timers[0][0] - time.perf_counter()) if timers else None
        readable = [key for key, _ in selector.select(timeout)]  # it sleeps here, and nowhere else
        ready = [key.data for key in readable]
        for key in readable:
            selector.unregister(key.fileobj)
        while timers and timers[0][0] <= time.perf_counter():
            ready.append(heapq.heappop(timers)[2])


async def ready_made():
    async def reader(sock):
        for _ in range(2):
            await asyncio.get_running_loop().sock_recv(sock, 64)

    await asyncio.gather(*map(reader, three_sockets()), *map(asyncio.sleep, TIMERS))


def three_sockets():
    here, there = zip(*(socket.socketpair() for _ in range(3)))
    threading.Thread(target=outside, args=[there]).start()
    for sock in here:
        sock.setblocking(False)
    return here


def outside(sockets):
    for sock in sockets * 2:
        time.sleep(DELAY)
        sock.send(b"hello")


def timed(name, scene):
    start, computed = time.perf_counter(), time.process_time()
    scene()
    wall, computed = time.perf_counter() - start, time.process_time() - computed
    print(f"{name}: {wall:.3f} s, asleep for {1 - computed / wall:.1%} of it")


timed("by_hand", by_hand)
timed("ready_made", lambda: asyncio.run(ready_made()))
