"""Ten thousand tasks: none may be lost."""
import asyncio

import truth


async def one(number):
    await asyncio.sleep(0.2)


async def main():
    truth.start()
    await asyncio.gather(*[one(number) for number in range(10_000)])


asyncio.run(main())
truth.lane("one(…)", count=10_000, polls=2, wakes=1, outcome="done", any_arguments=True)
truth.tell()
