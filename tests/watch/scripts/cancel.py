"""Tasks that are cancelled: at once, late, and before they began."""
import asyncio
import sys

import truth


async def work():
    await asyncio.sleep(1)


async def stubborn():
    began = truth.moment()
    try:
        await asyncio.sleep(1)
    except asyncio.CancelledError:
        cancelled = truth.moment()
        await asyncio.sleep(0.05)
        truth.lane("stubborn", [("waiting", began, cancelled), ("waiting", cancelled, truth.moment())], outcome="cancelled")
        raise


async def nested():
    await work()


async def main():
    truth.start()
    plain = asyncio.create_task(work(), name="plain")
    slow = asyncio.create_task(stubborn(), name="stubborn")
    never = asyncio.create_task(work(), name="never")
    never.cancel()
    began = truth.moment()
    await asyncio.sleep(0.05)
    plain.cancel()
    slow.cancel()
    truth.lane("plain", [("waiting", began, truth.moment())], outcome="cancelled", wakes=1)
    truth.lane("never", outcome="cancelled")
    await asyncio.wait([plain, slow, never])
    try:
        await asyncio.wait_for(nested(), 0.05)
    except asyncio.TimeoutError:
        print("it took too long")
    if sys.version_info < (3, 12):
        # Later, wait_for makes no task, and a coroutine whose exception is caught has the outcome `done`.
        truth.lane("nested()", outcome="cancelled")


asyncio.run(main())
truth.tell()
