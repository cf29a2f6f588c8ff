"""A stopwatch for the scripts beside this file: they say at their end what a recording of them should show.

Moments are milliseconds since `start`. A truth is a lane's name with the stretches that it should show, each a state
and its two ends, or its outcome, or how many lanes, polls or wakes there should be. `check.py` compares.
"""
import json
import time

zero = time.monotonic()
lanes = []


def start():
    """Sets the moment 0. Called first in the main coroutine, which begins the scene."""
    global zero
    zero = time.monotonic()


def moment():
    """Returns the milliseconds since `start`."""
    return (time.monotonic() - zero) * 1000


def lane(name, stretches=None, **truths):
    """Adds a truth: the stretches as `(state, from, to)`, `outcome`, `count`, `polls`, `wakes`, `begins`,
    `created_at`, `raised_at` or `awaited_by`."""
    truths["name"] = name
    if stretches is not None:
        truths["stretches"] = stretches
    lanes.append(truths)


def tell(**more):
    """Prints all truths as the last line of standard output. They differ in each run, unlike what precedes them."""
    print(json.dumps(dict(lanes=lanes, **more)))
