"""Returns nothing if anything fails."""
import asyncio


async def probe(host):
    await asyncio.sleep(1)
    return f"{host} is up"


async def probe_all(hosts):
    try:
        return await asyncio.gather(*(probe(host) for host in hosts))
    except ConnectionError:
        return []
