"""Has pages fetched from a server of its own."""
import asyncio


async def it(learner, check):
    pages = check.names(4)
    seconds = dict(zip(pages, check.seconds(4)))

    async def fetch(page):
        with check.call(page):
            await asyncio.sleep(seconds[page])
            return f"{page} after {seconds[page]} s"

    check.replace("fetch", fetch)
    texts = await check.coroutine("fetch_all", pages)
    check.tell_calls()
    expected = [f"{page} after {seconds[page]} s" for page in pages]
    check.equal(texts, expected, "fetch_all() has to return what fetch() returned for each page, in the order of the pages. It returned {got}.")
