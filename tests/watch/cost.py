"""Checks that the recorder costs no more than `benches/README.md` says, with much room for busy machines.

    python3 tests/watch/cost.py [FOLDER]

FOLDER has the recorder; without it, it is that of this package. The CPU time of the bench's works is compared with that of
the same works without the recorder, in turns, the least of several runs each: other programs can only make them slower.
"""
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "benches"))
sys.dont_write_bytecode = True
import watch        # noqa: E402

# The most that a work may cost, as a multiple of what it costs alone: about twice of what `benches/README.md` says.
BOUNDS = {"steps": 6.0, "tasks": 9.0}
ROUNDS = 5

if len(sys.argv) > 1:
    watch.RECORDER = sys.argv[1]
wrong = []
with tempfile.TemporaryDirectory() as folder:
    for name, bound in BOUNDS.items():
        least = {"plain": float("inf"), "recorder": float("inf")}
        for _ in range(ROUNDS):
            for how in least:
                least[how] = min(least[how], watch.measure(how, name, folder)[0])
        ratio = least["recorder"] / least["plain"]
        print(f"{name}: {ratio:.2f} times as much CPU time as alone")
        if ratio > bound:
            wrong.append(f"{name} cost {ratio:.1f} times as much as alone, and {bound:.1f} is the most")
sys.exit("; ".join(wrong) or None)
