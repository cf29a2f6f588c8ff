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
        await asyncio.sleep(0.05)
        truth.lane("stubborn", [("waiting", began, truth.moment() - 50), ("waiting", truth.moment() - 50, truth.moment())],
                   outcome="cancelled")
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
        truth.lane("nested()", outcome="cancelled")  # later, wait_for makes no task, and the caller caught the exception


asyncio.run(main())
truth.tell()
