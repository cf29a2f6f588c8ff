"""Tasks that fail: awaited, and never looked at, which asyncio reports at its usual time."""
import asyncio

import truth


async def read(name):
    await asyncio.sleep(0.02)
    raise ValueError(f"no such file: {name}")


async def outer():
    await read("c")


async def main():
    truth.start()
    task = asyncio.create_task(read("a"), name="awaited")
    await asyncio.wait([task])
    asyncio.create_task(read("b"), name="unseen")
    await asyncio.sleep(0.05)
    print("the report came before this")
    try:
        await asyncio.create_task(outer(), name="outer")
    except ValueError as error:
        print(error)
    raised = 'raise ValueError(f"no such file: {name}")'
    truth.lane("awaited", outcome="ValueError: no such file: a", raised_at=raised)
    truth.lane("unseen", outcome="ValueError: no such file: b", raised_at=raised)
    truth.lane("outer", outcome="ValueError: no such file: c", raised_at=raised)
    truth.lane("read('c')", outcome="ValueError: no such file: c", raised_at=raised)
    truth.tell(outcome="KeyError: 'main fails too'")
    raise KeyError("main fails too")


asyncio.run(main())
