"""Asks the others to end, but does not wait for that."""
import asyncio


async def ask(mirror):
    await asyncio.sleep(1)
    return f"answer from {mirror}"


async def first_answer(mirrors):
    tasks = [asyncio.create_task(ask(mirror)) for mirror in mirrors]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return done.pop().result()
