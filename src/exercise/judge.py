"""Runs a learner's file for the check of an exercise, and writes down what the check found.

    python3 judge.py FILE CHECK RESULT GO

The check is a Python file with `async def it(learner, check)`: `learner` is the learner's file as a module, and `check` is
a `Check`. It runs in an event loop with an exact clock, so it can measure to the nanosecond. RESULT becomes a JSON document
with `verdict` (`ran`, `not yet` or `cannot tell`), `sentence`, `line` of the learner's file, and `figures`.

It is started before it is needed, because Python's start takes longer than all the rest: it waits until GO exists, and ends
if the folder of that file is gone, or who started it.
"""
import asyncio
import faulthandler
import importlib.util
import inspect
import json
import os
import random
import signal
import sys
import time
import traceback

LONGEST = 600           # seconds of the exact clock
LOOK = 0.01             # seconds between two looks for GO
COMPUTES = 3            # seconds of CPU time: what computes for longer has no end
PATIENCE = 10           # real seconds: what blocks for longer has none either
WORDS = "amber birch cedar delta ember fjord grove heron inlet jetty knoll larch maple nimbus otter poplar".split()


class NotYet(BaseException):
    """What is still missing. It is no Exception, so that a learner's `except Exception` does not catch it."""


class CannotTell(BaseException):
    """Why there is no verdict."""


class Call:
    """A call of a function that stands in for one of the learner's. Times are in seconds of the exact clock."""

    def __init__(self, name, start):
        self.name, self.start, self.end, self.outcome = name, start, None, None


class Check:
    """What a check has at hand."""

    def __init__(self, learner):
        self.learner = learner
        self.random = random.Random()
        self.calls = []
        self.figures = {}
        self.missing = None     # the first sentence that was said

    # ------------------------------------------------------------ other names and numbers in each run

    def names(self, count):
        """Returns names that no learner can know."""
        return [f"{word}{self.random.randrange(10)}" for word in self.random.sample(WORDS, count)]

    def seconds(self, count):
        """Returns lengths of time from 0.2 s to 1.2 s, in no order and no two alike."""
        return [hundredths / 100 for hundredths in self.random.sample(range(20, 120, 5), count)]

    # ------------------------------------------------------------ stand-ins

    def replace(self, name, function):
        """Puts a function in the place of the learner's of that name, as their code calls it."""
        self.function(name)
        function.__name__ = function.__qualname__ = name
        setattr(self.learner, name, function)

    def function(self, name):
        """Returns the learner's function of that name."""
        function = getattr(self.learner, name, None)
        if not callable(function):
            raise NotYet(f"There is no function {name} any more. The check needs it: keep its name.")
        return function

    def coroutine(self, name, *arguments):
        """Calls the learner's function of that name, which must be an `async def`."""
        coroutine = self.function(name)(*arguments)
        if not inspect.isawaitable(coroutine):
            raise NotYet(f"{name} is no coroutine function: it begins with async def.")
        return coroutine

    def call(self, name):
        """Returns a context manager that notes when a call began, when it ended, and how."""
        call = Call(name, now())
        self.calls.append(call)
        return Noting(call)

    # ------------------------------------------------------------ what was found

    def tell(self, name, value, unit="count"):
        """Tells a figure, which the claims of the exercise may compare. Times are in seconds, with the unit `ns`."""
        self.figures[name] = {"value": round(value * 1e9) if unit == "ns" else value, "unit": unit}

    def tell_calls(self):
        """Tells the figures of all calls: how many there were, how many at once, how long they took."""
        ended = [call for call in self.calls if call.end is not None]
        moments = [(call.start, 1) for call in ended] + [(call.end, -1) for call in ended]
        at_once = most = 0
        for _, step in sorted(moments):
            at_once += step
            most = max(most, at_once)
        lengths = [call.end - call.start for call in ended] or [0]
        self.tell("calls", len(self.calls))
        self.tell("most at once", most)
        self.tell("cancelled", sum(call.outcome == "cancelled" for call in self.calls))
        self.tell("open", len(self.calls) - len(ended))
        self.tell("longest call", max(lengths), "ns")
        self.tell("all calls", sum(lengths), "ns")

    def need(self, held, sentence):
        """Says the sentence, with which the check ends, if something does not hold."""
        if not held:
            self.missing = self.missing or sentence
            raise NotYet(sentence)

    def equal(self, got, expected, sentence):
        """Says the sentence if two values differ. `{got}` and `{expected}` stand for them."""
        parts = list(got) if isinstance(got, (list, tuple, set)) else [got]
        self.need(not any(map(inspect.isawaitable, parts)),
                  f"It returned {short(got)}, which still has to be awaited.")
        self.need(got == expected, sentence.replace("{got}", short(got)).replace("{expected}", short(expected)))


class Noting:
    def __init__(self, call):
        self.call = call

    def __enter__(self):
        return self.call

    def __exit__(self, kind, *_):
        self.call.end = now()
        cancelled = kind is not None and issubclass(kind, (asyncio.CancelledError, GeneratorExit))
        self.call.outcome = "done" if kind is None else "cancelled" if cancelled else "failed"


def now():
    return asyncio.get_running_loop().time()


def short(value):
    text = repr(value)
    return text if len(text) <= 120 else text[:119] + "…"


# ---------------------------------------------------------------- running it

def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


async def it(learner, check_file):
    """The scene that is judged."""
    check = Check(learner)
    # What the check has to say is said in one sentence.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    running = asyncio.ensure_future(check_file.it(learner, check))
    running.set_name("check") if hasattr(running, "set_name") else None
    done, _ = await asyncio.wait([running], timeout=LONGEST)
    if not done:
        raise NotYet(f"It never ends.{where_it_waits(learner)}")
    if check.missing:
        # The learner's code may have caught the exception.
        raise NotYet(check.missing)
    running.result()
    return check.figures


def where_it_waits(learner):
    """Says at which lines of the learner's file tasks wait."""
    lines = set()
    for task in asyncio.all_tasks():
        lines.update(frame.f_lineno for frame in frames_of(task) if frame.f_code.co_filename == learner.__file__)
    if not lines:
        return ""
    listed = ", ".join(str(line) for line in sorted(lines)[:3])
    return f" Something still waits at line {listed}, and nothing will wake it."


def frames_of(task):
    """Returns the frames of a suspended task, the outermost first."""
    frames, thing = [], task.get_coro()
    for _ in range(100):
        frame = getattr(thing, "cr_frame", None) or getattr(thing, "ag_frame", None) or getattr(thing, "gi_frame", None)
        if frame is None:
            break
        frames.append(frame)
        thing = getattr(thing, "cr_await", None) or getattr(thing, "ag_await", None) or getattr(thing, "gi_yieldfrom", None)
    return frames


def judge(path, check_path):
    """Returns the verdict as a dictionary."""
    learner = None
    try:
        learner = load(path, os.path.splitext(os.path.basename(path))[0])
        check_file = load(check_path, "_asyncguide_check")
        return {"verdict": "ran", "figures": asyncio.run(it(learner, check_file))}
    except NotYet as missing:
        return {"verdict": "not yet", "sentence": str(missing)}
    except CannotTell as reason:
        return {"verdict": "cannot tell", "sentence": str(reason)}
    except SyntaxError as error:
        return {"verdict": "not yet", "line": error.lineno, "sentence": f"Python cannot read the file: {error.msg}."}
    except KeyboardInterrupt:
        return {"verdict": "cannot tell", "sentence": "It was interrupted."}
    except BaseException as error:
        while getattr(error, "exceptions", None):
            error = error.exceptions[0]     # of a TaskGroup
        if isinstance(error, NotYet):
            return {"verdict": "not yet", "sentence": str(error)}
        where = [step.lineno for step in traceback.extract_tb(error.__traceback__) if step.filename == path]
        text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return {"verdict": "not yet", "line": where[-1] if where else None, "sentence": f"It ends with {text[:300]}"}


def wait_for(go, sleep=time.sleep):
    parent = os.getppid()
    while not os.path.exists(go):
        if os.getppid() != parent or not os.path.isdir(os.path.dirname(go)):
            sys.exit("nobody waits for a verdict any more")
        sleep(LOOK)


def main():
    path, check_path, result, go = sys.argv[1:]
    wait_for(go)
    # Each of the two tells where the file is, and ends the process. CPU time passes as fast on a busy machine.
    faulthandler.register(signal.SIGPROF, all_threads=True, chain=True)
    signal.setitimer(signal.ITIMER_PROF, COMPUTES)
    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    found = judge(os.path.abspath(path), check_path)
    signal.setitimer(signal.ITIMER_PROF, 0)
    faulthandler.cancel_dump_traceback_later()
    with open(result + ".new", "w") as file:
        json.dump(found, file)
    os.replace(result + ".new", result)
    # Threads and processes that the file has left running must not keep the verdict back.
    sys.stdout.flush()


if __name__ == "__main__":
    main()
