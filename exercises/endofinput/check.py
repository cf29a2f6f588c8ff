"""Gives lines one after the other, an empty one among them and a last one without its end, and then only b""."""
import asyncio


class Reader:
    def __init__(self, check, lines):
        self.check, self.lines, self.ends = check, list(lines), 0

    async def readline(self):
        if self.lines:
            await asyncio.sleep(0.1)
            return self.lines.pop(0)
        self.ends += 1
        self.check.need(self.ends <= 20, 'It goes on to read after the end of the input: readline() returned b"" 20 times.')
        return b""

    def at_eof(self):
        return not self.lines

    def __aiter__(self):
        return self

    async def __anext__(self):
        line = await self.readline()
        if line == b"":
            raise StopAsyncIteration
        return line


async def it(learner, check):
    names = check.names(4)
    lines = [f"{name}\n".encode() for name in names[:3]] + [names[3].encode()]
    lines.insert(check.random.choice([1, 2]), b"\n")
    lasts = dict(zip(lines, [5, 4, 3, 2, 1]))

    async def answer(line, *_):
        with check.call(line):
            check.need(line != b"", 'answer() was called with b"", which is no line: it is the end of the input.')
            await asyncio.sleep(lasts.get(line, 1))

    check.replace("answer", answer)
    loop = asyncio.get_running_loop()
    start = loop.time()
    await check.coroutine("answer_all", Reader(check, lines))
    check.tell_calls()
    answered = [call.name for call in check.calls]
    left = sum(call.end is None for call in check.calls) + max(0, len(lines) - len(answered))
    if b"\n" in lines and answered == lines[:lines.index(b"\n")]:
        check.need(False, 'It stops at an empty line. That is b"\\n"; only b"" is the end of the input.')
    if sorted(answered) == sorted(lines[:-1]) and all(call.outcome == "done" for call in check.calls):
        check.need(False, 'The last line was not answered: it does not end in b"\\n". Only b"" is the end of the input.')
    check.need(left == 0, f"{left} of {len(lines)} answers were not given yet when answer_all() returned: wait for the tasks.")
    check.equal(sorted(answered), sorted(lines), "answer() has to be called with each line, as readline() returned it. It was called with {got}.")
    check.tell("last answer", max(call.end for call in check.calls) - start, "ns")
