"""Cancels the others as soon as one fails, as a TaskGroup does."""
import asyncio


async def probe(host):
    await asyncio.sleep(1)
    return f"{host} is up"


async def probe_all(hosts):
    tasks = [asyncio.create_task(probe(host)) for host in hosts]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    for task in pending:
        task.cancel()
    return await asyncio.gather(*tasks, return_exceptions=True)
