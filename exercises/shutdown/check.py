"""Cancels main() as asyncio.run() does at Ctrl-C, and notes in which order things end."""
import asyncio


class Store:
    def __init__(self, check):
        self.check, self.closed, self.open_workers = check, 0, None

    async def close(self):
        self.open_workers = sum(call.end is None for call in self.check.calls)
        await asyncio.sleep(0.05)
        self.closed += 1


async def it(learner, check):
    store = Store(check)
    pause = check.seconds(1)[0] + 1

    async def worker(store, number):
        with check.call(number):
            try:
                while True:
                    await asyncio.sleep(1)
            finally:
                await asyncio.sleep(0.05)

    check.replace("worker", worker)
    running = asyncio.ensure_future(check.coroutine("main", store))
    done, _ = await asyncio.wait([running], timeout=pause)
    if done:
        running.result()
        check.need(False, "main() ended by itself, before Ctrl-C.")
    running.cancel()
    await asyncio.wait([running], timeout=60)
    check.need(running.done(), "main() does not end after Ctrl-C.")
    check.tell_calls()
    check.tell("closed", store.closed)
    if not running.cancelled() and running.exception() is not None:
        running.result()
    check.need(len(check.calls) >= 1, "main() started no workers.")
    check.need(not (store.closed and store.open_workers),
               f"The store was closed while {store.open_workers} workers still used it: cancel them, and wait for them first.")
    check.need(running.cancelled(), "main() ended as if nothing had happened: the CancelledError has to go on.")
