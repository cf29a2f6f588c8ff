"""A clean shutdown on Ctrl-C.

At Ctrl-C, asyncio.run() cancels main(): a CancelledError is raised at the
await where it stands. This main() then leaves its workers running, and never
closes the store. Change it so that, whichever way main() ends, the workers
are cancelled and have ended first, and the store is closed then. The
CancelledError goes on: it is how main() says that it was interrupted.
close() takes a moment.
"""
import asyncio


class Store:
    async def close(self):
        await asyncio.sleep(0.1)
        print("the store is closed")


async def worker(store, number):
    try:
        while True:
            await asyncio.sleep(1)
            print(f"worker {number} works")
    finally:
        await asyncio.sleep(0.1)    # writes its last result to the store


async def main(store):
    workers = [asyncio.create_task(worker(store, n)) for n in range(3)]
    await asyncio.wait(workers)


if __name__ == "__main__":
    asyncio.run(main(Store()))
