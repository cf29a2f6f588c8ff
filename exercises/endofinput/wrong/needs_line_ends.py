"""The end of the input."""
import asyncio


async def answer(line):
    await asyncio.sleep(1)
    print(f"you said {line.decode().strip()}")


async def answer_all(reader):
    tasks = []
    while True:
        line = await reader.readline()
        if not line.endswith(b"\n"):
            break
        tasks.append(asyncio.create_task(answer(line)))
    await asyncio.gather(*tasks)


async def main():
    reader = asyncio.StreamReader()
    reader.feed_data(b"one\n\ntwo")
    reader.feed_eof()
    await answer_all(reader)


if __name__ == "__main__":
    asyncio.run(main())
