"""Makes tasks, but awaits each before it makes the next."""
import asyncio


async def fetch(page):
    await asyncio.sleep(1)
    return f"text of {page}"


async def fetch_all(pages):
    texts = []
    for page in pages:
        task = asyncio.create_task(fetch(page))
        texts.append(await task)
    return texts
