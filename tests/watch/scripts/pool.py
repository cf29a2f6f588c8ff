"""Functions in pools: in parallel, queueing for the only thread, failing, and with to_thread (Python 3.9)."""
import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import truth


submitted = {}


def block(delay):
    began = truth.moment()
    if delay in submitted:
        truth.lane(f"block({delay})", [("ready", submitted[delay], began)])
    time.sleep(delay)
    truth.lane(f"block({delay})", [("running", began, truth.moment())], outcome="done", kind="call")


def fail():
    raise RuntimeError("in a thread")


async def main():
    truth.start()
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, "narrow") as pool:
        futures = [loop.run_in_executor(pool, block, 0.05)]
        submitted[0.06] = truth.moment()
        futures.append(loop.run_in_executor(pool, block, 0.06))
        futures.append(loop.run_in_executor(pool, fail))
        await asyncio.wait(futures)
    truth.lane("fail()", outcome="RuntimeError: in a thread")
    if hasattr(asyncio, "to_thread"):
        await asyncio.to_thread(block, 0.03)
    print(type(futures[2].exception()).__name__)


asyncio.run(main())
truth.tell()
