"""idle: what waiting costs. Prints how long each scene took, then what each task and each thread took of it: the
time to make it and, on Linux, memory.

    python3 twin.py            10,000 tasks wait for a second, and 1,000 threads
    python3 twin.py 0.5        for half a second
    python3 twin.py 0.5 500    500 of each
"""

import asyncio
import re
import sys
import threading
import time
from pathlib import Path

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
TASKS = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
THREADS = min(TASKS, 1_000)  # systems set a limit


async def tasks():
    return await _wait_in_tasks(TASKS)


async def threads():
    return await _wait_in_threads(THREADS)


async def both():
    # Memory that was taken before is used again, so here only the time is told.
    task, thread = await _wait_in_tasks(THREADS), await _wait_in_threads(THREADS)
    return task[0], thread[0]


async def _wait_in_tasks(count):
    before, start = memory(), time.perf_counter()
    waiting = [asyncio.create_task(asyncio.sleep(DELAY)) for _ in range(count)]
    await asyncio.sleep(0)  # lets them start
    taken = each(count, before, start)
    await asyncio.gather(*waiting)
    return taken


async def _wait_in_threads(count):
    before, start = memory(), time.perf_counter()
    waiting = [threading.Thread(target=time.sleep, args=[DELAY]) for _ in range(count)]
    for thread in waiting:
        thread.start()
    taken = each(count, before, start)
    for thread in waiting:
        thread.join()  # holds this thread as well
    return taken


def each(count, before, start):
    """Milliseconds and kilobytes that each of them took."""
    return 1000 * (time.perf_counter() - start) / count, (memory() - before) / count


def memory():
    """What this process and the kernel's stacks take, in kilobytes; 0 where the system does not tell."""
    files = ["/proc/self/smaps_rollup", "/proc/self/status", "/proc/meminfo"]
    told = "".join(path.read_text() for path in map(Path, files) if path.exists())
    return sum(int(figure) for figure in re.findall(r"^(?:Rss|VmPTE|KernelStack):\s+(\d+)", told, re.MULTILINE))


for scene, what_else in [
    (tasks, "{:.3f} ms and {:.2f} KB each"),
    (threads, "{:.3f} ms and {:.2f} KB each"),
    (both, "{:.3f} ms for a task and {:.3f} ms for a thread"),
]:
    start = time.perf_counter()
    taken = asyncio.run(scene())
    print(f"{scene.__name__}: {time.perf_counter() - start:.3f} s, {what_else.format(*taken)}")
