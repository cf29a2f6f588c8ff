"""Fetches two pages at a time."""
import asyncio


async def fetch(page):
    await asyncio.sleep(1)
    return f"text of {page}"


async def fetch_all(pages):
    texts = []
    for first in range(0, len(pages), 2):
        texts += await asyncio.gather(*(fetch(page) for page in pages[first:first + 2]))
    return texts
