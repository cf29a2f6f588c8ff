"""The end of the input.

answer_all() reads lines and answers each in a task of its own. At the end of
the input, readline() returns b"" at once, again and again: this loop never
ends. Change answer_all() so that it stops there, and returns once all answers
are given. An empty line is b"\\n" and has to be answered; the last line may
have no b"\\n" at its end.
"""
import asyncio


async def answer(line):
    await asyncio.sleep(1)
    print(f"you said {line.decode().strip()}")


async def answer_all(reader):
    while True:
        line = await reader.readline()
        asyncio.create_task(answer(line))


async def main():
    reader = asyncio.StreamReader()
    reader.feed_data(b"one\n\ntwo")
    reader.feed_eof()
    await answer_all(reader)


if __name__ == "__main__":
    asyncio.run(main())
