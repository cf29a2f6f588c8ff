"""Measures what the recorder of `asyncguide watch` costs a Python program: ratios to the plain program in one run.

    python3 benches/watch.py [--rounds N] [--work NAME]...

`cargo bench --bench watch` runs this with `python3`. Each work runs in processes of its own, in turns: plain, with the
recorder, with asyncio's debug mode and, if it is installed, under VizTracer. Figures are medians of CPU time.
"""
import argparse
import asyncio
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDER = os.path.join(HERE, "..", "src", "watch", "python")


async def turns(count):
    for _ in range(count):
        await asyncio.sleep(0)


async def timers(count):
    for _ in range(count):
        await asyncio.sleep(0.001)


async def gather(function, tasks, count):
    """Runs as many tasks of the function, and returns the CPU time that they take."""
    return await measured(lambda: function(count), tasks)


async def measured(make, tasks):
    """Makes as many tasks, and returns the CPU time in nanoseconds that is used until they are done."""
    start = time.process_time_ns()
    await asyncio.gather(*[make() for _ in range(tasks)])
    return time.process_time_ns() - start


async def requests(client, count):
    for number in range(count):
        await client.get(f"/item?size={number}")


async def request_from_clients(clients, count):
    """Sends requests to a FastAPI application in this process, which gives way to others once in each."""
    import fastapi
    import httpx
    app = fastapi.FastAPI()

    @app.get("/{name}")
    async def answer(name: str, size: int = 1):
        await asyncio.sleep(0)
        return {"name": name, "size": size}

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://bench") as client:
        await requests(client, 10)      # the first ones are slower
        return await measured(lambda: requests(client, count), clients)


# What is done, by its name: what the figures are for, how many of them there are, and the coroutine.
WORKS = {
    "steps": ("step of 1,000 tasks", 30_000, lambda: gather(turns, 1000, 30)),
    "timers": ("timed wait of 1,000 tasks", 10_000, lambda: gather(timers, 1000, 10)),
    "tasks": ("task of 10,000, with two steps", 10_000, lambda: gather(turns, 10_000, 1)),
    "requests": ("FastAPI request of 10 clients", 500, lambda: request_from_clients(10, 50)),
}


def work(name):
    """Does the work, and prints the CPU time that it took in nanoseconds, without the program's start."""
    _, _, coroutine = WORKS[name]
    print(asyncio.run(coroutine()))


def measure(how, name, folder):
    """Returns the CPU time of the work in nanoseconds, and how many bytes were recorded of it."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ASYNCGUIDE_", "PYTHONPATH"))}
    words = [sys.executable]
    written = os.path.join(folder, "written")
    if how == "recorder":
        environment.update(ASYNCGUIDE_WATCH=written, ASYNCGUIDE_WATCH_RUNNING=folder, PYTHONPATH=RECORDER)
    elif how == "debug":
        words += ["-X", "dev"]
    elif how == "viztracer":
        words += ["-m", "viztracer", "--quiet", "--log_async", "--tracer_entries", "10000000", "-o", written + ".json", "--"]
    done = subprocess.run(words + [__file__, "--do", name], env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True)
    size = 0
    for file in (written, written + ".json"):
        if os.path.exists(file):
            size += os.path.getsize(file)
            os.remove(file)
    return int(done.stdout.split()[-1]), size


def compare(name, ways, rounds):
    unit, count, _ = WORKS[name]
    took = {how: [] for how in ways}
    sizes = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for how in ways:
                nanoseconds, sizes[how] = measure(how, name, folder)
                took[how].append(nanoseconds / count)
    print(f"a {unit}")
    ratios = {how: statistics.median(a / b for a, b in zip(took[how], took["plain"])) for how in ways}
    for how in ways:
        middle = statistics.median(took[how])
        added = middle - statistics.median(took["plain"])
        print(f"  {how:10}{middle:>12,.0f} ns{added:>+12,.0f} ns{ratios[how]:>8.2f} x{sizes[how] / count:>12,.0f} bytes")


def start_up(ways, rounds):
    """Compares how long a script takes that does nothing but start a loop."""
    took = {how: [] for how in ways}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for how in ways:
                environment = dict(os.environ)
                if how == "recorder":
                    environment.update(ASYNCGUIDE_WATCH=os.path.join(folder, "written"), PYTHONPATH=RECORDER,
                                       ASYNCGUIDE_WATCH_RUNNING=folder)
                begin = os.times()
                subprocess.run([sys.executable, "-c", "import asyncio\nasyncio.run(asyncio.sleep(0))"], env=environment)
                end = os.times()
                used = end.children_user + end.children_system - begin.children_user - begin.children_system
                took[how].append(used * 1000)
    print("starting, and a loop that does nothing: CPU time")
    for how in ways:
        print(f"  {how:10}{statistics.median(took[how]):>10.1f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", action="append", choices=list(WORKS))
    parser.add_argument("--do", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.do:
        work(options.do)
        return
    ways = ["plain", "recorder", "debug"]
    if importlib.util.find_spec("viztracer"):
        ways.append("viztracer")
    print("Python", sys.version.split()[0])
    for name in options.work or WORKS:
        if name == "requests" and not (importlib.util.find_spec("fastapi") and importlib.util.find_spec("httpx")):
            print("a FastAPI request: not measured, since fastapi and httpx are not installed")
            continue
        compare(name, ways, options.rounds)
    if options.work is None:
        start_up(["plain", "recorder"], 4 * options.rounds)


if __name__ == "__main__":
    main()
