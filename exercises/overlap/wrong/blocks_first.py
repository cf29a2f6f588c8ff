"""Fetch all pages at the same time."""
import asyncio
import time


async def fetch(page):
    await asyncio.sleep(1)      # the server thinks
    return f"text of {page}"


async def fetch_all(pages):
    time.sleep(1)
    return await asyncio.gather(*(fetch(page) for page in pages))


if __name__ == "__main__":
    print(asyncio.run(fetch_all(["home", "news", "about"])))
