"""Has photos shrunk by a function that sleeps in its thread, and counts how often another task runs meanwhile."""
import asyncio
import threading
import time


async def it(learner, check):
    photos = check.names(3)
    seconds = check.random.choice([0.1, 0.12, 0.14])
    home = threading.get_ident()
    lock = threading.Lock()
    found = {"calls": 0, "at once": 0, "most at once": 0, "in other threads": 0, "ticks": 0}
    ticked, together = threading.Event(), threading.Event()

    def shrink(photo):
        elsewhere = threading.get_ident() != home
        with lock:
            found["calls"] += 1
            found["at once"] += 1
            found["most at once"] = max(found["most at once"], found["at once"])
            found["in other threads"] += elsewhere
            if found["at once"] > 1:
                together.set()
        time.sleep(seconds)
        if elsewhere:
            # On a busy machine, what should happen meanwhile may take longer; once it was waited for in vain, it is not.
            for event in (ticked, together):
                event.wait(1)
                event.set()
        with lock:
            found["at once"] -= 1
        return f"{photo} {seconds}"

    async def tick():
        while True:
            if found["at once"] > 0:
                found["ticks"] += 1
                ticked.set()
            await asyncio.sleep(0.01)

    check.replace("shrink", shrink)
    ticking = asyncio.ensure_future(tick())
    small = await check.coroutine("shrink_all", photos)
    ticking.cancel()
    for name in ("calls", "most at once", "in other threads", "ticks"):
        check.tell(name, found[name])
    check.equal(small, [f"{photo} {seconds}" for photo in photos], "shrink_all() has to return what shrink() returned for each photo, in order. It returned {got}.")
