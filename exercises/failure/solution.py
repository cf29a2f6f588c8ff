"""One of five fails, and the others go on."""
import asyncio


async def probe(host):
    await asyncio.sleep(1)
    if host == "cellar":
        raise ConnectionError("no route to cellar")
    return f"{host} is up"


async def probe_all(hosts):
    probes = [probe(host) for host in hosts]
    return await asyncio.gather(*probes, return_exceptions=True)


if __name__ == "__main__":
    print(asyncio.run(probe_all(["attic", "cellar", "garage"])))
