"""Starts all fetches and returns the tasks, which nobody awaits."""
import asyncio


async def fetch(page):
    await asyncio.sleep(1)
    return f"text of {page}"


async def fetch_all(pages):
    return [asyncio.create_task(fetch(page)) for page in pages]
