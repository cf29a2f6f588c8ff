"""Workers that end."""
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
    for task in workers:
        task.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    return results


if __name__ == "__main__":
    print(asyncio.run(run(["wash", "dry", "fold", "iron"])))
