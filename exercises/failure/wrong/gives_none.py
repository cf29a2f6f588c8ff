"""Hides the exception."""
import asyncio


async def probe(host):
    await asyncio.sleep(1)
    return f"{host} is up"


async def probe_all(hosts):
    async def probe_or_none(host):
        try:
            return await probe(host)
        except ConnectionError:
            return None

    return await asyncio.gather(*(probe_or_none(host) for host in hosts))
