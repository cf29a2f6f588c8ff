"""Tasks of trio: naps, one that holds the run, one that wakes another, cancelled and failed ones. Needs trio."""
import sys
import time

import trio

import truth


async def nap(name, delay):
    began = truth.moment()
    await trio.sleep(delay)
    truth.lane(f"nap({name!r}, {delay})", [("waiting", began, truth.moment())], outcome="done", kind="future")


async def hog():
    await trio.sleep(0.02)
    began = truth.moment()
    time.sleep(0.05)
    truth.lane("hog()", [("running", began, truth.moment())], outcome="done", created_at="nursery.start_soon(hog)")


async def waits(event):
    await event.wait()


async def sets(event):
    await trio.sleep(0.01)
    event.set()


async def bad():
    await trio.sleep(0.01)
    raise ValueError("gone")


async def long():
    await trio.sleep(1)


async def main():
    truth.start()
    event = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(nap, "a", 0.05)
        nursery.start_soon(hog)
        nursery.start_soon(waits, event, name="waiter")
        nursery.start_soon(sets, event)
    await nap("b", 0.03)
    with trio.move_on_after(0.01):
        await long()
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(bad)
            nursery.start_soon(long)
    except Exception as error:
        print(repr(error))
    truth.lane("waiter", waker="sets()", outcome="done")
    truth.lane("nap('b', 0.03)", awaited_by="main()", created_at='await nap("b", 0.03)')
    truth.lane("bad()", outcome="ValueError: gone", raised_at='raise ValueError("gone")')
    truth.lane("long()", outcome="cancelled", count=2 if sys.version_info >= (3, 12) else 1)
    truth.lane("main()", outcome="done")


trio.run(main)
truth.tell(outcome="done", scenes=["main"], stands=["await event.wait()"])
