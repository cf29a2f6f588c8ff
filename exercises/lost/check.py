"""Has records saved, one of which takes long, and then one that cannot be saved."""
import asyncio


async def it(learner, check):
    records = check.names(4)
    lasts = dict(zip(records, check.seconds(3) + [30]))

    async def save(record):
        with check.call(record):
            await asyncio.sleep(lasts.get(record, 0.1))
            if record == "broken":
                raise OSError("the disk is full")

    check.replace("save", save)
    count = await check.coroutine("save_all", records)
    check.tell_calls()
    left = sum(call.end is None for call in check.calls)
    check.need(len(check.calls) == 4 and left == 0,
               f"{left + 4 - len(check.calls)} of 4 records were not saved yet when save_all() returned: keep the tasks, and wait for them.")
    check.equal(count, 4, "save_all() has to return how many records were saved: {expected}. It returned {got}.")
    try:
        await check.coroutine("save_all", ["broken"])
    except BaseException as raised:
        if not any(isinstance(part, OSError) for part in getattr(raised, "exceptions", [raised])):
            raise
    else:
        check.need(False, "A record could not be saved, and the caller of save_all() did not hear of it: its OSError was lost.")
