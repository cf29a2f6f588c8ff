"""A loop without asyncio.run: each run is a scene, and a task can go on in the next one."""
import asyncio

import truth


async def background():
    await asyncio.sleep(0.08)


async def first():
    truth.start()
    await asyncio.sleep(0.05)


async def second():
    began = truth.moment()
    await asyncio.sleep(0.05)
    truth.lane("second()", [("waiting", began, truth.moment())], scene=1)
    truth.lane("background()", outcome="done", scene=1)


loop = asyncio.new_event_loop()
task = loop.create_task(background())
loop.run_until_complete(first())
loop.run_until_complete(second())
loop.close()
truth.tell(scenes=["first", "second"])
