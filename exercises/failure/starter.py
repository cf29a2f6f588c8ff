"""One of five fails, and the others go on.

probe() stands for a look at a server, which may fail. probe_all() fails as
soon as one of them does, and all other answers are lost. Change it so that it
returns a list with an entry for each host, in order: the answer, or the
exception if there is none. It must still look at all hosts at the same time.
"""
import asyncio


async def probe(host):
    await asyncio.sleep(1)
    if host == "cellar":
        raise ConnectionError("no route to cellar")
    return f"{host} is up"


async def probe_all(hosts):
    return await asyncio.gather(*(probe(host) for host in hosts))


if __name__ == "__main__":
    print(asyncio.run(probe_all(["attic", "cellar", "garage"])))
