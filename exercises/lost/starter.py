"""A lost task.

save() stands for a slow disk. save_all() starts a task for each record and
returns at once: nobody waits for the tasks, and nobody hears of their errors.
Change it so that all records are saved when it returns, still at the same
time, and so that an error reaches the caller. It returns how many were saved.
"""
import asyncio


async def save(record):
    await asyncio.sleep(1)
    print(f"{record} is saved")


async def save_all(records):
    for record in records:
        asyncio.create_task(save(record))
    return len(records)


if __name__ == "__main__":
    print(asyncio.run(save_all(["one", "two", "three"])))
