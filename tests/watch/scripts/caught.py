"""Coroutines whose exception is caught by the one that awaits them. Needs Python 3.12, which tells of exceptions."""
import asyncio

import truth


async def fetch(name):
    await asyncio.sleep(0.02)
    raise ValueError(f"no {name}")


async def passes_on():
    await asyncio.sleep(0.01)
    await fetch("b")


async def forgives():
    try:
        await fetch("c")
    except ValueError:
        return await asyncio.sleep(0.01)


async def times_out():
    await asyncio.sleep(1)


class Items:
    left = 2

    def __aiter__(self):
        return self

    async def __anext__(self):
        await asyncio.sleep(0.01)
        self.left -= 1
        if self.left == 0:
            raise StopAsyncIteration
        return self.left


async def main():
    truth.start()
    for awaited in fetch("a"), passes_on():
        try:
            await awaited       # its coroutine outlives the await
        except ValueError as error:
            print(error)
    await forgives()
    try:
        async with asyncio.timeout(0.02):
            await times_out()
    except TimeoutError:
        print("it took too long")
    async for item in Items():
        print(item)
    raised = 'raise ValueError(f"no {name}")'
    for name in "abc":
        truth.lane(f"fetch({name!r})", outcome=f"ValueError: no {name}", raised_at=raised)
    truth.lane("passes_on()", outcome="ValueError: no b", raised_at=raised)
    truth.lane("forgives()", outcome="done")
    truth.lane("times_out()", outcome="cancelled")
    truth.lane("Items.__anext__()", outcome="done", count=2)


asyncio.run(main())
truth.tell(outcome="done")
