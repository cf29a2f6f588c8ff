"""Measures how long it takes from saving a learner's file to the verdict on the screen.

    python3 benches/exercise.py PATH_OF_ASYNCGUIDE [ROUNDS]

Runs `asyncguide exercise overlap` in a pseudo-terminal, saves a solution and a starter in turn, and waits for the verdict
on each. Before each round, `python3 -c pass` is timed, because most of the time is Python's own start. Standard library only.
"""
import os
import pty
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "..", "exercises", "overlap")
PATIENCE = 30       # seconds


def read(name):
    with open(os.path.join(FOLDER, name)) as file:
        return file.read()


class Screen:
    """What a program writes to a terminal."""

    def __init__(self, command, folder):
        environment = dict(os.environ, XDG_STATE_HOME=folder, TERM="xterm-256color", NO_COLOR="1")
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        self.text = ""

    def wait_for(self, pattern):
        """Waits until what was written since the last call matches."""
        until = time.perf_counter() + PATIENCE
        while not (found := re.search(pattern, self.text)):
            ready, _, _ = select.select([self.descriptor], [], [], max(0, until - time.perf_counter()))
            if not ready:
                sys.exit(f"nothing like {pattern!r} came: {self.text[-500:]!r}")
            self.text += os.read(self.descriptor, 65536).decode("utf-8", "replace")
        moment = time.perf_counter()
        self.text = self.text[found.end():]
        return moment


def python_alone():
    began = time.perf_counter()
    subprocess.run(["python3", "-c", "pass"], check=True)
    return time.perf_counter() - began


def tell(name, seconds):
    milliseconds = sorted(1000 * one for one in seconds)
    print(f"{name}: median {statistics.median(milliseconds):.0f} ms, worst of {len(milliseconds)} {milliseconds[-1]:.0f} ms")


def main():
    program, rounds = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100
    texts = [(read("solution.py"), r"Passed\."), (read("starter.py"), r"Not yet\.")]
    verdicts, alone = [], []
    with tempfile.TemporaryDirectory() as folder:
        screen = Screen([program, "exercise", "overlap"], folder)
        screen.wait_for(r"Not yet\.(.|\n)*q: stop")
        path = os.path.join(folder, "overlap.py")
        for number in range(rounds):
            alone.append(python_alone())
            # Not in step with the looks at the file.
            time.sleep(0.2 + 0.0077 * (number % 13))
            text, verdict = texts[number % 2]
            with open(path, "w") as file:
                file.write(text)
            saved = time.perf_counter()
            verdicts.append(screen.wait_for(verdict) - saved)
            screen.wait_for("q: stop")
        os.write(screen.descriptor, b"q")
        os.waitpid(screen.process, 0)
    tell("from saving to the verdict", verdicts)
    tell("python3 -c pass", alone)


if __name__ == "__main__":
    main()
