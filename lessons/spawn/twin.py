r"""spawn: start work and carry on. Echoes each line of standard input after a delay.

    printf 'a\nb\nc\n' | python3 twin.py          after one second
    printf 'a\nb\nc\n' | python3 twin.py 0.2      after 0.2 s
"""

import asyncio
import logging
import sys
import time

DELAY = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
LIMIT = 1000
log = logging.getLogger("spawn")
log.setLevel(logging.INFO)  # nothing is printed as long as nobody asks where to


async def echo():
    room = asyncio.Semaphore(LIMIT)
    # The group keeps a reference to every task, and is left only when all of them are done. Of tasks made by
    # asyncio.create_task, the loop keeps weak references alone, and asyncio.run cancels those still pending.
    async with asyncio.TaskGroup() as echoes:
        # readline blocks, so a thread calls it; even Ctrl-C has to wait until that has a line or the end of input.
        # There it returns "", at once and as often as it is asked: that is what ends the loop.
        while line := await asyncio.to_thread(sys.stdin.readline):
            line = line.rstrip("\r\n")
            log.info("reads %r", line)
            await room.acquire()
            echoes.create_task(echo_later(line, room), name=line.strip() or "(empty line)")


async def echo_later(line, room):
    await asyncio.sleep(DELAY)
    print(line, flush=True)
    room.release()


sys.stdin.reconfigure(errors="replace")  # a stranger's bytes may not be UTF-8
start = time.perf_counter()
asyncio.run(echo())
print(f"echo: {time.perf_counter() - start:.3f} s")
