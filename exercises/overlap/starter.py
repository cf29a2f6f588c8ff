"""Fetch all pages at the same time.

fetch() stands for a slow server. fetch_all() asks it for one page after the
other, so it takes as long as all pages together. Change fetch_all() so that
it takes only as long as the slowest page. It returns the texts in a list,
in the order of the pages.
"""
import asyncio


async def fetch(page):
    await asyncio.sleep(1)      # the server thinks
    return f"text of {page}"


async def fetch_all(pages):
    texts = []
    for page in pages:
        texts.append(await fetch(page))
    return texts


if __name__ == "__main__":
    print(asyncio.run(fetch_all(["home", "news", "about"])))
