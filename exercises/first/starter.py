"""The first answer wins, and the others are cancelled.

ask() stands for a mirror of the same server. first_answer() asks all mirrors
and returns the first answer, but the other questions go on. Change it so
that none of them is under way any more when it returns: cancel them, and
wait until they have ended. A mirror needs a moment to hang up.
"""
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
    return done.pop().result()


if __name__ == "__main__":
    print(asyncio.run(first_answer(["far", "near", "farther"])))
