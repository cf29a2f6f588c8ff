"""idle: what waiting costs. Prints how long each scene took, then what each task and each thread took of it: the
time to make it and, on Linux, memory.

    python3 twin.py            they wait for a second
    python3 twin.py 0.5        for half a second
"""

import asyncio
import re
import sys
import threading
import time
from pathlib import Path

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
THREADS = 1_000  # systems set a limit


async def tasks(count=10_000):
    before, start = memory(), time.perf_counter()
    waiting = [asyncio.create_task(asyncio.sleep(DELAY)) for _ in range(count)]
    await asyncio.sleep(0)  # lets them start
    taken = each(count, before, start)
    await asyncio.gather(*waiting)
    return taken


def threads():
    before, start = memory(), time.perf_counter()
    waiting = [threading.Thread(target=time.sleep, args=[DELAY]) for _ in range(THREADS)]
    for thread in waiting:
        thread.start()
    taken = each(THREADS, before, start)
    for thread in waiting:
        thread.join()
    return taken


def both():
    # Memory that was taken before is used again, so here only the time is told.
    return asyncio.run(tasks(THREADS))[0], threads()[0]


def each(count, before, start):
    """Milliseconds and kilobytes that each of them took."""
    return 1000 * (time.perf_counter() - start) / count, (memory() - before) / count


def memory():
    """What this process and the kernel's stacks take, in kilobytes; 0 where the system does not tell."""
    files = ["/proc/self/smaps_rollup", "/proc/self/status", "/proc/meminfo"]
    told = "".join(path.read_text() for path in map(Path, files) if path.exists())
    return sum(int(figure) for figure in re.findall(r"^(?:Rss|VmPTE|KernelStack):\s+(\d+)", told, re.MULTILINE))


def timed(name, scene, what_else):
    start = time.perf_counter()
    taken = scene()
    print(f"{name}: {time.perf_counter() - start:.3f} s, {what_else.format(*taken)}")


timed("tasks", lambda: asyncio.run(tasks()), "{:.3f} ms and {:.2f} KB each")
timed("threads", threads, "{:.3f} ms and {:.2f} KB each")
timed("both", both, "{:.3f} ms for a task and {:.3f} ms for a thread")
