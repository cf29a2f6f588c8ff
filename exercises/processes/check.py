"""Has primes counted below other limits, and looks at which processes did it, how many limits they were given at the same
time, and whether the loop stayed free."""
import asyncio
import os
from concurrent.futures import ProcessPoolExecutor


async def it(learner, check):
    limits = [check.random.randrange(2_000, 4_000) for _ in range(4)]
    count_primes = check.function("count_primes")
    expected = [count_primes(limit)[0] for limit in limits]
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    given = most_given = 0
    submit = ProcessPoolExecutor.submit

    def note_end(_):
        nonlocal given
        given -= 1

    def submit_and_count(*args, **kwargs):
        nonlocal given, most_given
        given += 1
        most_given = max(most_given, given)
        future = submit(*args, **kwargs)
        future.add_done_callback(note_end)
        return future

    ProcessPoolExecutor.submit = submit_and_count
    ticking = asyncio.ensure_future(tick())
    counted = await check.coroutine("count_all", limits)
    ticking.cancel()
    check.need(isinstance(counted, list) and all(isinstance(one, tuple) for one in counted),
               f"count_all() has to return a list of what count_primes() returned. It returned {counted!r}.")
    check.equal([one[0] for one in counted], expected, "The numbers of primes are {expected}. It returned {got}.")
    check.tell("calls", len(limits))
    check.tell("in this process", sum(one[1] == os.getpid() for one in counted))
    check.tell("at the same time", most_given)
    check.tell("ticks", ticks)
