"""Gives orders as fast as they are read, and notes how many were read and not handled yet."""
import asyncio


class Reader:
    def __init__(self, check, orders):
        self.check, self.orders, self.read, self.ends, self.most_open = check, list(orders), 0, 0, 0

    async def readline(self):
        await asyncio.sleep(0.01)
        if self.read == len(self.orders):
            self.ends += 1
            self.check.need(self.ends <= 20, 'It goes on to read after the end of the input: readline() returned b"" 20 times.')
            return b""
        self.read += 1
        handled = sum(call.end is not None for call in self.check.calls)
        self.most_open = max(self.most_open, self.read - handled)
        return self.orders[self.read - 1]

    def at_eof(self):
        return self.read == len(self.orders)

    def __aiter__(self):
        return self

    async def __anext__(self):
        order = await self.readline()
        if order == b"":
            raise StopAsyncIteration
        return order


async def it(learner, check):
    most = check.random.choice([3, 4])
    orders = [f"{name}\n".encode() for name in check.names(10)]
    lasts = dict(zip(orders, check.seconds(10)))

    async def handle(order, *_):
        with check.call(order):
            await asyncio.sleep(lasts.get(order, 1))

    check.replace("handle", handle)
    reader = Reader(check, orders)
    await check.coroutine("handle_all", reader, most)
    check.tell_calls()
    check.tell("most", most)
    check.tell("most read", reader.most_open)
    handled = [call.name for call in check.calls if call.end is not None]
    check.need(len(handled) == len(orders), f"{len(orders) - len(handled)} of {len(orders)} orders were not handled yet when handle_all() returned.")
    check.equal(sorted(handled), sorted(orders), "handle() has to be called with each order, once. It was called with {got}.")
