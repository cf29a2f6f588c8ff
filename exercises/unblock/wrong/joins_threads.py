"""Starts threads, but waits for them with join(), which blocks the loop."""
import asyncio
import threading
import time


def shrink(photo):
    time.sleep(0.5)
    return f"small {photo}"


async def shrink_all(photos):
    small = {}
    threads = [threading.Thread(target=lambda photo=photo: small.update({photo: shrink(photo)})) for photo in photos]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [small[photo] for photo in photos]
