"""Ends, but has one worker only."""
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
    task = asyncio.create_task(worker(queue, results))
    await queue.join()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return results
