"""A lost task."""
import asyncio


async def save(record):
    await asyncio.sleep(1)
    print(f"{record} is saved")


async def save_all(records):
    tasks = [asyncio.create_task(save(record)) for record in records]
    await asyncio.gather(*tasks)
    return len(tasks)


if __name__ == "__main__":
    print(asyncio.run(save_all(["one", "two", "three"])))
