"""Takes the answer of the first mirror, which is not the first answer."""
import asyncio


async def ask(mirror):
    await asyncio.sleep(1)
    return f"answer from {mirror}"


async def first_answer(mirrors):
    tasks = [asyncio.create_task(ask(mirror)) for mirror in mirrors]
    answer = await tasks[0]
    for task in tasks[1:]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return answer
