"""The first answer wins, and the others are cancelled."""
import asyncio

SECONDS = {"near": 1, "far": 2, "farther": 3}


async def ask(mirror):
    try:
        await asyncio.sleep(SECONDS[mirror])
        return f"answer from {mirror}"
    finally:
        await asyncio.sleep(0.05)       # hangs up


async def first_answer(mirrors):
    tasks = [asyncio.create_task(ask(mirror)) for mirror in mirrors]
    first = asyncio.FIRST_COMPLETED
    done, pending = await asyncio.wait(tasks, return_when=first)
    for task in pending:
        task.cancel()
    await asyncio.sleep(0.5)
    return done.pop().result()


if __name__ == "__main__":
    print(asyncio.run(first_answer(["far", "near", "farther"])))
