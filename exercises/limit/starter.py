"""Download at most three files at once.

download() stands for a server that locks you out if you ask for more than
three files at the same time. download_all() asks for all of them at once.
Change it so that at most three downloads are under way at any moment, and so
that the next one starts as soon as one of them has ended.
"""
import asyncio


async def download(name):
    await asyncio.sleep(1)
    return f"data of {name}"


async def download_all(names):
    return await asyncio.gather(*(download(name) for name in names))


if __name__ == "__main__":
    print(asyncio.run(download_all(["a", "b", "c", "d", "e", "f", "g"])))
