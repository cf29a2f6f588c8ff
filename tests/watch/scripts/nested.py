"""Coroutines that await each other: each is awaited by the one around it, and not by the task."""
import asyncio

import truth


async def read():
    await asyncio.sleep(0.02)


async def fetch():
    await read()
    await read()


async def main():
    truth.start()
    await fetch()
    await read()
    truth.lane("fetch()", awaited_by="main()")
    truth.lane("read()", awaited_by="fetch()", count=2)
    truth.lane("read()", awaited_by="main()")


asyncio.run(main())
truth.tell(outcome="done")
