"""Has eight files downloaded, and measures for how long one of three places was empty while files waited."""
import asyncio


async def it(learner, check):
    names = check.names(8)
    lasts = dict(zip(names, check.seconds(8)))

    async def download(name):
        with check.call(name):
            await asyncio.sleep(lasts[name])
            return f"{name} {lasts[name]}"

    check.replace("download", download)
    data = await check.coroutine("download_all", names)
    check.tell_calls()
    check.tell("empty place", empty_place(check.calls), "ns")
    expected = [f"{name} {lasts[name]}" for name in names]
    check.equal(data, expected, "download_all() has to return the data of each file, in the order of the names. It returned {got}.")


def empty_place(calls):
    """Returns for how many seconds fewer than three downloads were under way though some had not begun."""
    last_start = max((call.start for call in calls), default=0)
    moments = sorted({call.start for call in calls} | {call.end for call in calls if call.end is not None})
    empty = 0
    for since, until in zip(moments, moments[1:]):
        under_way = sum(call.start <= since and (call.end is None or call.end > since) for call in calls)
        if until <= last_start and under_way < 3:
            empty += until - since
    return empty
