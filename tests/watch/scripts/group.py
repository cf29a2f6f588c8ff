"""A TaskGroup, one of whose tasks fails, and a timeout. Needs Python 3.11."""
import asyncio

import truth


async def bad():
    await asyncio.sleep(0.05)
    raise OSError("gone")


async def long():
    began = truth.moment()
    try:
        await asyncio.sleep(1)
    finally:
        truth.lane("long", [("waiting", began, truth.moment())], outcome="cancelled")


async def main():
    truth.start()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(bad(), name="bad")
            group.create_task(long(), name="long")
    except ExceptionGroup as error:
        print(error.exceptions)
    truth.lane("bad", outcome="OSError: gone")
    truth.lane("main()", outcome="done")


asyncio.run(main())
truth.tell()
