"""Checks that a reader which does not read costs a program nothing but lost records, which are counted.

    python3 tests/watch/stalled.py [FOLDER]

FOLDER has the recorder; without it, it is that of this package. Runs a program twice under the recorder, with little room for what is unsent: first nobody ever reads; then the reader
begins once the program has nothing more to tell.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading

OWN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src", "watch", "python")
RECORDER = sys.argv[1] if len(sys.argv) > 1 else OWN
PATIENCE = 60       # seconds
PROGRAM = """
import asyncio

async def turns():
    for _ in range(20_000):
        await asyncio.sleep(0)

async def main():
    await asyncio.gather(*[turns() for _ in range(5)])
    print("done", flush=True)

asyncio.run(main())
"""


def narrow_recorder(folder):
    """Copies the recorder, with room for 64 KiB."""
    for name in os.listdir(RECORDER):
        if name.endswith(".py"):
            with open(os.path.join(RECORDER, name)) as source:
                text = source.read().replace("64 << 20", "64 << 10").replace("SO_SNDBUF, 1 << 20", "SO_SNDBUF, 1 << 12")
            with open(os.path.join(folder, name), "w") as copy:
                copy.write(text)


def run(folder, read):
    """Returns what the program has written into the stream, and nothing of it if nobody is to read."""
    path = os.path.join(folder, "socket")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    environment = dict(os.environ, ASYNCGUIDE_WATCH="unix:" + path, PYTHONPATH=folder)
    program = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE)
    stream, _ = listener.accept()
    # What waits for a reader waits for ever: killed, it has said nothing.
    killer = threading.Timer(PATIENCE, program.kill)
    killer.start()
    said = program.stdout.readline()
    killer.cancel()
    if said != b"done\n":
        sys.exit("the program was held up")
    received = b""
    while read:
        data = stream.recv(1 << 16)
        received += data
        read = bool(data)
    if program.wait(timeout=30) != 0:
        sys.exit("the program failed")
    os.remove(path)
    return received


with tempfile.TemporaryDirectory() as folder:
    narrow_recorder(folder)
    run(folder, False)
    events = [json.loads(line) for line in run(folder, True).splitlines()]
    lost = sum(event["records"] for event in events if event["event"] == "lost")
    if lost == 0 or events[-1]["event"] != "scene_end":
        sys.exit(f"{lost} records are said to be lost, and the last event is {events[-1]['event']}")
