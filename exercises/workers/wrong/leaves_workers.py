"""Returns when all is done, but leaves the workers at the queue."""
import asyncio


async def work(job):
    await asyncio.sleep(0.1)
    return f"{job} is done"


async def worker(queue, results):
    while True:
        job = await queue.get()
        results.append(await work(job))
        queue.task_done()


async def run(jobs):
    queue = asyncio.Queue()
    results = []
    for job in jobs:
        queue.put_nowait(job)
    workers = [asyncio.create_task(worker(queue, results)) for _ in range(3)]
    await queue.join()
    return results if workers else []
