"""Does without workers, and does all jobs at once."""
import asyncio


async def work(job):
    await asyncio.sleep(0.1)
    return f"{job} is done"


async def run(jobs):
    return await asyncio.gather(*(work(job) for job in jobs))
