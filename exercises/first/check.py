"""Has four mirrors asked, of which the first one is not the fastest, and looks at what is under way afterwards."""
import asyncio


async def it(learner, check):
    mirrors = check.names(4)
    seconds = sorted(check.seconds(4))
    lasts = dict(zip(mirrors, [seconds[2], seconds[0], seconds[3], seconds[1]]))

    async def ask(mirror):
        with check.call(mirror):
            try:
                await asyncio.sleep(lasts[mirror])
                return f"{mirror} after {lasts[mirror]} s"
            finally:
                await asyncio.sleep(0.02)

    check.replace("ask", ask)
    answer = await check.coroutine("first_answer", mirrors)
    check.tell_calls()
    check.tell("others", len(check.calls) - 1)
    check.tell("first answer", seconds[0], "ns")
    check.equal(answer, f"{mirrors[1]} after {seconds[0]} s", "first_answer() has to return {expected}, the first answer. It returned {got}.")
    check.need(len(check.calls) == 4, f"{len(check.calls)} of 4 mirrors were asked.")
