"""A clean shutdown on Ctrl-C."""
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
    try:
        await asyncio.gather(*workers)
    finally:
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(Store()))
