"""Has seven jobs done, and looks for tasks that are left afterwards."""
import asyncio


async def it(learner, check):
    jobs = check.names(7)
    lasts = dict(zip(jobs, check.seconds(7)))

    async def work(job):
        with check.call(job):
            await asyncio.sleep(lasts[job])
            return f"{job} {lasts[job]}"

    check.replace("work", work)
    before = len(asyncio.all_tasks())
    results = await check.coroutine("run", jobs)
    check.tell_calls()
    check.tell("left", len(asyncio.all_tasks()) - before)
    check.need(isinstance(results, list), f"run() has to return the list of results. It returned {results!r}.")
    check.equal(sorted(map(str, results)), sorted(f"{job} {lasts[job]}" for job in jobs), "run() has to return the result of each job, once. It returned {got}.")
