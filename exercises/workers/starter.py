"""Workers that end.

Three workers take jobs from a queue. When the queue is empty they wait for
the next job, which never comes, so run() never returns. Change it so that
run() returns the results once all jobs are done, in any order, and so that
no worker is left then. Three jobs are worked on at once.
"""
import asyncio


async def work(job):
    await asyncio.sleep(0.1)
    return f"{job} is done"


async def worker(queue, results):
    while True:
        job = await queue.get()
        results.append(await work(job))


async def run(jobs):
    queue = asyncio.Queue()
    results = []
    for job in jobs:
        queue.put_nowait(job)
    await asyncio.gather(*(worker(queue, results) for _ in range(3)))
    return results


if __name__ == "__main__":
    print(asyncio.run(run(["wash", "dry", "fold", "iron"])))
