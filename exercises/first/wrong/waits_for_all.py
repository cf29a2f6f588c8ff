"""Waits for the others instead of cancelling them."""
import asyncio


async def ask(mirror):
    await asyncio.sleep(1)
    return f"answer from {mirror}"


async def first_answer(mirrors):
    tasks = [asyncio.create_task(ask(mirror)) for mirror in mirrors]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.gather(*pending)
    return done.pop().result()
