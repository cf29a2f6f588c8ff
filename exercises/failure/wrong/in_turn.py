"""Probes one host after the other."""
import asyncio


async def probe(host):
    await asyncio.sleep(1)
    return f"{host} is up"


async def probe_all(hosts):
    answers = []
    for host in hosts:
        try:
            answers.append(await probe(host))
        except ConnectionError as error:
            answers.append(error)
    return answers
