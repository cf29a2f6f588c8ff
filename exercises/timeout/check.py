"""Has sensors read that are quick, too slow and broken, and one whose reader is cancelled."""
import asyncio


class Connection:
    def __init__(self, check, lasts, error=None):
        self.check, self.lasts, self.error, self.closed = check, lasts, error, 0

    async def value(self):
        with self.check.call("value"):
            await asyncio.sleep(self.lasts)
            if self.error:
                raise self.error
            return self.lasts

    def close(self):
        self.closed += 1


async def it(learner, check):
    short, patience = sorted(check.seconds(2))
    connections = {
        "quick": Connection(check, short), "slow": Connection(check, 30), "broken": Connection(check, short, OSError("no signal")),
        "cancelled": Connection(check, short)}

    async def connect(sensor):
        await asyncio.sleep(0.01)
        return connections[sensor]

    check.replace("connect", connect)
    value = await check.coroutine("read", "quick", patience)
    check.equal(value, short, "read() has to return the value {expected}. It returned {got}.")
    value = await check.coroutine("read", "slow", patience)
    check.equal(value, None, "read() has to return None after a timeout. It returned {got}.")
    check.tell_calls()
    try:
        value = await check.coroutine("read", "broken", patience)
    except OSError:
        pass
    else:
        check.need(False, f"The sensor failed with OSError, which has to go on to the caller. read() returned {value}.")
    reading = asyncio.ensure_future(check.coroutine("read", "cancelled", patience))
    await asyncio.sleep(0.1)
    reading.cancel()
    await asyncio.wait([reading])
    check.need(reading.cancelled(), "read() was cancelled from outside, and has to let the CancelledError go on to the caller.")
    open_ones = [name for name, connection in connections.items() if connection.closed == 0]
    what = {"quick": "after a value", "slow": "after a timeout", "broken": "after an error", "cancelled": "after a cancellation"}
    check.need(not open_ones, f"The connection stays open {' and '.join(what[name] for name in open_ones)}.")
    check.need(all(connection.closed == 1 for connection in connections.values()), "A connection is closed twice.")
    check.tell("patience", patience, "ns")
