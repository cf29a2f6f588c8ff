"""Checks the Python recorder against programs that measure themselves.

    python3 tests/watch/check.py [--python PATH]... [--script NAME]... [--tolerance MS] [--attempts N]
                                 [--broken [--mutant NAME]...] [--raising] [--uvloop]

Runs each of `scripts/` without and with the recorder. Both runs must print the same and end with the same code; the
stream must show what the script's own stopwatch measured. A machine that is busy with something else makes timers
late, so a script may be tried again. `--broken` breaks the recorder in several ways, each of which must be
noticed. `--raising` has its functions fail, which the program must not notice.
"""
import argparse
import base64
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDER = os.path.join(HERE, "..", "..", "src", "watch", "python")
NEEDS = {"group": (3, 11), "eager": (3, 12), "caught": (3, 12)}
NEEDS_MODULE = {"trio_tasks": "trio"}
MS = 1e6

# What is not seen on uvloop: callbacks of the user's own that are no task's.
NOT_ON_UVLOOP = ("timers", "trio_tasks")
ON_UVLOOP = """import os, runpy, sys, uvloop
uvloop.install()
sys.path[0] = os.path.dirname(sys.argv[1])
runpy.run_path(sys.argv[1], run_name='__main__')"""

# What is replaced in the recorder, by what, and the script that must notice.
BREAKS = [
    ("poll's end", "thread.put((entry.base, woken, start, end))", "thread.put((entry.base, woken, start, start))",
     "hog"),
    ("place of an await", "above, place, code, spawned", "above, None, code, spawned", "sequential"),
    ("coroutine around another", "above = 1 + (lanes[-1].base >> 3) if lanes else entry.mark", "above = entry.mark", "nested"),
    ("CPU time of a lane", "used = min(entry.used[0], end - start)", "used = 0", "hog"),
    ("timer's due time", "int(handle._when * 1e9) if loop.has_real_clock else 0", "0", "hog"),
    ("wake", "    entry.woken = moment\n", "    entry.woken = 0\n", "hog"),
    ("waker", "thread.put((WAKE | entry.base, moment, by, 0))", "thread.put((WAKE | entry.base, moment, 0, 0))",
     "queue_of_items"),
    ("wake from a thread", "return now(), lane_here(), 0", "return 0, 0, 0", "threads"),
    ("coroutine lane", "inside[:MOST_LANES]", "[]", "sequential"),
    ("lane's end", "lane.ended = now()", "lane.ended = now() + 30_000_000", "sequential"),
    ("outcome", "cancelled = 1 if outcome == \"cancelled\" else 0", "cancelled = 0", "cancel"),
    ("failure", "error = future._exception", "error = None", "fail"),
    ("place of a failure", "place = code, step.tb_lineno", "place = code, code.co_firstlineno", "fail"),
    ("caught exception", "lane.outcome = failure(error)", "pass", "caught"),
    ("caught cancellation", 'lane.outcome = "cancelled"', "pass", "caught"),
    ("end of an iteration", "    elif not isinstance(error, StopAsyncIteration):", "    else:", "caught"),
    ("report of a failure", "self = task = entry = None", "pass", "fail"),
    ("retrieved failure", "error = future._exception", "error = future.exception()", "fail"),
    ("name", "    if name != entry.name and entry.subject is None and not is_default_name(name):", "    if False:", "cancel"),
    ("eager start", "entry.loop.thread.put((entry.base, 0, step.start, end))", "pass", "eager"),
    ("eager constructor", "known.asked[id(get_frame(1))] = now()", "pass", "eager"),
    ("pool", "thread.put((call.base, 0, call.start, end))", "pass", "pool"),
    ("unfinished thread", "    tell_unfinished_calls(current)\n", "", "inner"),
    ("late coroutine", "if entry.last - began > LONG:", "if False:", "inner"),
    ("plain callback", "if end - start >= LONG:", "if False:", "timers"),
    ("place", "tell_place(entry, task, place_of(waiting or outermost), awaited)", "pass", "lock"),
    ("mark", "def tell_mark(text, file, number):", "def tell_mark(text, file, number):\n    return", "gather"),
    ("scenes", "    else:\n        depart(known)", "    else:\n        pass", "legacy"),
    ("CPU time", "    used = min(spent - thread.cpu, end - start)", "    used = 0", "hog"),
    ("lost numbers", "numbers[:size]))", "numbers[4:size]))", "many"),
    ("waker in trio", "                tasks.wake(entry, task)", "                entry.woken = now()", "trio_tasks"),
    ("poll of trio", "thread.put((entry.base, task.woken, start, end))", "thread.put((entry.base, task.woken, start, start))",
     "trio_tasks"),
    ("outcome in trio", "runner, task.outcome = ", "task.outcome, _ = ", "trio_tasks"),
    ("cancellation in trio", "tasks.cancelling += (trio.Cancelled,)", "pass", "trio_tasks"),
    ("output", "    return write(*texts, **kwargs)", "    return write(*texts[:-1], **kwargs)", "cancel"),
]


# The same for what `stalled.py` and `cost.py` must notice.
GUARDS = [
    ("writes that do not wait", "os.set_blocking(self.descriptor, False)", "pass", "stalled.py"),
    ("bound of what is unsent", "full = output.size > MOST_UNSENT", "full = False", "stalled.py"),
    ("count of what is lost", "lost += sum(len(block) for _, block in blocks) // 4", "pass", "stalled.py"),
    ("patience at the end", "output.send(b\"\", EXIT_PATIENCE)", "output.send(b\"\", EXIT_PATIENCE << 10)", "stalled.py"),
    ("cost of a step", "            start = now()\n            if start > thread.cpu_due:",
     "            start = max([now() for _ in range(100)])\n            if start > thread.cpu_due:", "cost.py"),
    ("cost of a task", "    entry.place = calling_place()", "    entry.place = [calling_place() for _ in range(30)][0]", "cost.py"),
]

# What fails in the recorder, one at a time. The program must not notice.
RAISES = ["meet", "wake", "finish", "look_at", "look_up", "collect", "tell_mark", "tell_created", "tell_cpu", "thread_here",
          "open_scene", "tell_held", "poll_lanes", "begin_call", "end_call", "before_turn"]


class Task:
    def __init__(self):
        self.created = self.site = self.raised = None
        self.name = self.kind = self.parent = self.outcome = self.ended = None
        self.spawned = False
        self.polls = []
        self.wakes = []
        self.wakers = []
        self.stands = []
        self.cpu = 0


class Scene:
    def __init__(self, head):
        self.head = head
        self.tasks = {}
        self.threads = {}
        self.sites = []
        self.marks = []
        self.wall = None
        self.outcome = None
        self.lost = 0
        self.began = None

    def first_poll(self):
        """Returns when the first poll began. Called once for each lane, of which there may be ten thousand."""
        if self.began is None:
            self.began = min(task.polls[0][0] for task in self.tasks.values() if task.polls)
        return self.began

    def task(self, number):
        return self.tasks.setdefault(number, Task())


def read_stream(path):
    """Returns the scenes of a stream. Raises ValueError if it breaks a rule of docs/events.md."""
    scenes, scene = [], None
    with open(path, encoding="ascii") as lines:
        for index, text in enumerate(lines):
            if len(text) > 256 * 1024:
                raise ValueError(f"line {index + 1} is too long")
            event = json.loads(text)
            kind = event["event"]
            if (kind == "run") != (index == 0):
                raise ValueError(f"line {index + 1}: the first line, and no other, is about the run")
            if kind == "scene":
                if scene is not None:
                    raise ValueError(f"line {index + 1}: a scene begins within a scene")
                scene = Scene(event)
                scenes.append(scene)
            elif kind == "scene_end":
                scene.wall, scene.outcome = event["wall"], event["outcome"]
                scene = None
            elif kind != "run":
                apply(scene, kind, event)
    for scene in scenes:
        check_scene(scene)
    return scenes


def apply(scene, kind, event):
    if kind == "thread":
        expect(event["thread"] == len(scene.threads), "threads are numbered in order")
        scene.threads[event["thread"]] = event["name"]
    elif kind == "site":
        expect(event["site"] == len(scene.sites), "sites are numbered in order")
        scene.sites.append(event)
    elif kind == "created":
        task = scene.task(event["task"])
        expect(task.created is None, "a task is created once")
        for field in ("site", "code"):
            expect(event.get(field, -1) < len(scene.sites), "a site is told before it is used")
        task.created, task.name, task.kind, task.parent = event["at"], event["name"], event["kind"], event.get("parent")
        task.site = event.get("site")
    elif kind == "spawned":
        scene.task(event["task"]).spawned = True
    elif kind == "renamed":
        scene.task(event["task"]).name = event["name"]
    elif kind == "end":
        expect(event.get("site", -1) < len(scene.sites), "a site is told before it is used")
        end_task(scene.task(event["task"]), event["at"], event["outcome"])
        scene.task(event["task"]).raised = event.get("site")
    elif kind == "stands":
        expect(event["site"] < len(scene.sites), "a site is told before it is used")
        scene.task(event["task"]).stands.append(event["site"])
    elif kind == "mark":
        expect(event["thread"] in scene.threads, "a thread is told before it is used")
        scene.marks.append(event)
    elif kind == "lost":
        scene.lost += event["records"]
    elif kind == "packed":
        apply_packed(scene, event)
    else:
        raise ValueError(f"unknown event {kind}")


def apply_packed(scene, event):
    expect(event["thread"] in scene.threads, "a thread is told before it is used")
    zero, thread = event["zero"], event["thread"]
    for head, a, b, c in struct.iter_unpack("<4q", base64.b64decode(event["data"])):
        task, operation = scene.task(head >> 3), head & 7
        if operation == 0:
            expect(b <= c and b >= zero, "a poll ends after it starts")
            if a:
                task.wakes.append(max(a - zero, 0))
            task.polls.append((b - zero, c - zero, thread))
        elif operation == 1:
            task.wakes.append(a - zero)
            if b:
                task.wakers.append(b - 1)
        elif operation == 2:
            expect(b < len(scene.sites), "a site is told before it is used")
            task.stands.append(b)
        elif operation == 3:
            end_task(task, a - zero, ["done", "cancelled"][b])
        elif operation == 4:
            task.cpu += b


def end_task(task, at, outcome):
    if task.ended is None or at < task.ended:
        task.ended, task.outcome = at, outcome


def expect(right, rule):
    if not right:
        raise ValueError(f"the stream breaks the rule: {rule}")


def check_scene(scene):
    expect(scene.wall is not None, "the scene has an end")
    for number, task in scene.tasks.items():
        expect(task.created is not None, f"task {number} is created")
        expect(task.ended is None or task.ended >= task.created, f"task {number} ends after its creation")
        task.polls.sort()
        for (_, end, _), (start, _, _) in zip(task.polls, task.polls[1:]):
            expect(start >= end - MS, f"polls of task {number} do not overlap")
    expect(scene.lost == 0, "nothing is lost")


def stretches_of(task, wall):
    """Returns the states of a task as `(state, from, to)`, in nanoseconds since the start of the scene."""
    wakes = sorted(task.wakes)
    end = task.ended if task.ended is not None else wall
    found = []
    since = task.created if task.spawned else (task.polls[0][0] if task.polls else end)
    for index, poll in enumerate(task.polls + [(max(end, since), None, None)]):
        if index:
            previous = task.polls[index - 1]
            since = previous[1]
            while wakes and wakes[0] < previous[0]:
                wakes.pop(0)
            ready = max(wakes[0], since) if wakes and wakes[0] <= poll[0] else poll[0]
        else:
            ready = since
        found += [("waiting", since, ready), ("ready", ready, max(poll[0], ready))]
        if poll[1] is not None:
            found.append(("running", poll[0], poll[1]))
    return [stretch for stretch in found if stretch[1] < stretch[2]]


def late_timers(found):
    """Returns each wait together with a ready stretch of 20 ms or less after it.

    A script's stopwatch stops when the task runs again, and a busy machine may be late with that.
    """
    return [("waiting", a, d) for (first, a, _), (second, c, d) in zip(found, found[1:])
            if first == "waiting" and second == "ready" and d - c <= 20 * MS]


def matches_name(truth, task):
    name = task.name
    if truth.get("any_arguments"):
        return name.split("(")[0] == truth["name"].split("(")[0]
    if truth.get("any_prefix"):
        return name.endswith(truth["name"])
    return name == truth["name"]


def compare_lane(truth, task, scene, tolerance):
    """Returns what is wrong with a lane, as texts."""
    wrong = []
    # The script's moment 0 is the first statement of the first task.
    zero = scene.first_poll() if not truth.get("scene") else None
    found = stretches_of(task, scene.wall)
    if zero is None:
        zero = min(poll[0] for poll in task.polls) - truth.get("stretches", [[0, 0]])[0][1] * MS
    for state, start, end in truth.get("stretches", ()):
        near = [
            (a, b) for found_state, a, b in found + late_timers(found) if found_state == state
            and abs((a - zero) / MS - start) <= tolerance and abs((b - zero) / MS - end) <= tolerance]
        if not near:
            seen = [(s, round((a - zero) / MS, 1), round((b - zero) / MS, 1)) for s, a, b in found][:12]
            wrong.append(f"no {state} {start:.1f} to {end:.1f} in {seen}")
    if "outcome" in truth and truth.get("stretches"):
        end = truth["stretches"][-1][2]
        if task.ended is None or abs((task.ended - zero) / MS - end) > tolerance:
            wrong.append(f"it does not end at {end:.1f}")
    begins = (task.created - zero) / MS
    if abs(truth.get("begins", begins) - begins) > tolerance:
        wrong.append(f"it begins at {begins:.1f} instead of {truth['begins']:.1f}")
    for field, seen in (("polls", len(task.polls)), ("wakes", len(set(task.wakes))), ("kind", task.kind)):
        if truth.get(field, seen) != seen:
            wrong.append(f"{field}: {seen} instead of {truth[field]}")
    outcome = task.outcome["panicked"]["message"] if isinstance(task.outcome, dict) else task.outcome
    if truth.get("outcome", outcome) != outcome:
        wrong.append(f"outcome {outcome!r} instead of {truth['outcome']!r}")
    if "cpu" in truth and abs(task.cpu / MS - truth["cpu"]) > 2 * tolerance:
        wrong.append(f"{task.cpu / MS:.1f} ms of CPU time instead of {truth['cpu']:.1f}")
    if "created_at" in truth and truth["created_at"] != (seen := text_at(scene, task.site)):
        wrong.append(f"created at {seen!r} instead of {truth['created_at']!r}")
    if "awaited_by" in truth and truth["awaited_by"] != (seen := scene.tasks[task.parent].name):
        wrong.append(f"awaited by {seen!r} instead of {truth['awaited_by']!r}")
    if "raised_at" in truth and truth["raised_at"] != (seen := text_at(scene, task.raised)):
        wrong.append(f"raised at {seen!r} instead of {truth['raised_at']!r}")
    if "waker" in truth:
        names = {scene.tasks[number].name for number in task.wakers}
        if not any(name.endswith(truth["waker"]) for name in names):
            wrong.append(f"woken by {sorted(names)} instead of {truth['waker']}")
    return wrong


def text_at(scene, number):
    """Returns the statement at a site, or None if the number is None."""
    if number is None:
        return None
    place = scene.sites[number]
    with open(place["file"]) as source:
        return source.read().split("\n")[place["line"] - 1].strip()


def compare(truths, scenes, script, tolerance):
    """Returns what is wrong with a recording, as texts."""
    wrong = []
    if not scenes:
        return ["nothing was recorded"]
    names = truths.get("scenes")
    if names is not None and names != [scene.head["scene"] for scene in scenes]:
        wrong.append(f"scenes {[scene.head['scene'] for scene in scenes]} instead of {names}")
    if names is None and len(scenes) != 1:
        wrong.append(f"{len(scenes)} scenes instead of one")
    for truth in truths["lanes"]:
        number = min(truth.get("scene", 0), len(scenes) - 1)
        scene = scenes[number]
        lanes = [task for task in scene.tasks.values() if matches_name(truth, task)]
        if len(lanes) < truth.get("count", 1):
            wrong.append(f"{truth['name']}: {len(lanes)} lanes")
            continue
        results = [compare_lane(truth, task, scene, tolerance) for task in lanes]
        bad = [result for result in results if result]
        if len(results) - len(bad) < truth.get("count", 1):
            wrong.append(f"{truth['name']}: {bad[0]}")
    wrong += compare_rest(truths, scenes[0], script)
    return wrong


def compare_rest(truths, scene, script):
    wrong = []
    for text in truths.get("marks", ()):
        if not any(mark["text"].startswith(text) for mark in scene.marks):
            wrong.append(f"no mark {text!r}")
    stood = {text_at(scene, site) for task in scene.tasks.values() for site in task.stands
             if scene.sites[site]["file"] == script}
    for text in truths.get("stands", ()):
        if not any(text in line for line in stood):
            wrong.append(f"no task stands at {text!r}, but at {sorted(stood)}")
    outcome = scene.outcome["panicked"]["message"] if isinstance(scene.outcome, dict) else scene.outcome
    if truths.get("outcome", outcome) != outcome:
        wrong.append(f"the scene's outcome is {outcome!r}")
    tasks = [task for task in scene.tasks.values() if task.polls and task.spawned and task.kind == "future"]
    polled = {task.polls[0][2] for task in tasks}
    if truths.get("loop_threads", len(polled)) != len(polled):
        wrong.append(f"tasks on {len(polled)} threads")
    return wrong


def run(python, script, stream=None, recorder=RECORDER, uvloop=False, debug=True):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ASYNCGUIDE_")}
    if stream is not None:
        environment.update(ASYNCGUIDE_WATCH=stream, PYTHONPATH=recorder)
        if debug:
            environment["ASYNCGUIDE_WATCH_DEBUG"] = "1"
    words = ["-W", "ignore", "-c", ON_UVLOOP, script] if uvloop else [script]
    done = subprocess.run([python] + words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    errors = re.sub("0x[0-9a-f]+", "0x", done.stderr.decode())
    return done.returncode, done.stdout.decode().rstrip("\n").split("\n"), errors


def check(python, name, tolerance, recorder=RECORDER, uvloop=False):
    """Returns what is wrong with the recording of one script, as texts."""
    script = os.path.join(HERE, "scripts", name + ".py")
    with tempfile.TemporaryDirectory() as folder:
        stream = os.path.join(folder, "run.jsonl")
        code, output, errors = run(python, script, stream, recorder, uvloop)
        plain_code, plain_output, plain_errors = run(python, script, uvloop=uvloop)
        wrong = []
        if code != plain_code:
            wrong.append(f"exit code {code} instead of {plain_code}")
        if output[:-1] != plain_output[:-1]:
            wrong.append(f"output {output[:-1]} instead of {plain_output[:-1]}")
        if errors != plain_errors:
            wrong.append(f"errors {errors[-400:]!r} instead of {plain_errors[-400:]!r}")
        try:
            wrong += compare(json.loads(output[-1]), read_stream(stream), script, tolerance)
        except (ValueError, OSError) as error:
            wrong.append(f"{type(error).__name__}: {error}")
        return wrong


def texts_of_recorder():
    texts = {}
    for name in os.listdir(RECORDER):
        if name.endswith(".py"):
            with open(os.path.join(RECORDER, name)) as source:
                texts[name] = source.read()
    return texts


def check_broken(python, tolerance, only):
    """Breaks the recorder once for each of `BREAKS` and `GUARDS`, or for some. Returns those that no check noticed."""
    texts = texts_of_recorder()
    unnoticed = []
    for what, old, new, script in BREAKS + GUARDS:
        if only and what not in only:
            continue
        if not any(old in text for text in texts.values()):
            unnoticed.append(f"{what}: the recorder does not contain {old!r}")
            continue
        if NEEDS.get(script, (3,)) > version_of(python) or not has_module(python, script):
            continue
        with tempfile.TemporaryDirectory() as folder:
            for file, text in texts.items():
                with open(os.path.join(folder, file), "w") as broken:
                    broken.write(text.replace(old, new))
            wrong = check_guard(python, script, folder) if script.endswith(".py") else check(python, script, tolerance, folder)
        print(f"  broken {what}: {wrong[0][:150] if wrong else 'NOT NOTICED'}")
        if not wrong:
            unnoticed.append(what)
    return unnoticed


def check_guard(python, script, recorder):
    """Returns what another script of this folder says is wrong with a recorder, as texts."""
    done = subprocess.run([python, os.path.join(HERE, script), recorder], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return [done.stderr.decode().strip() or "it failed"] if done.returncode else []


def check_raising(python):
    """Has the functions of the recorder fail, one at a time. Returns those with which a program behaves otherwise."""
    script = os.path.join(HERE, "scripts", "pool.py")
    plain = run(python, script)
    noticed = []
    for function in RAISES:
        with tempfile.TemporaryDirectory() as folder:
            found = 0
            for file, text in texts_of_recorder().items():
                broken, count = re.subn(rf"(?m)^(def {function}\(.*\):\n)", r"\1    raise ValueError('planted')\n", text)
                found += count
                with open(os.path.join(folder, file), "w") as copy:
                    copy.write(broken)
            code, output, errors = run(python, script, os.path.join(folder, "run.jsonl"), folder, debug=False)
        same = (code, output[:-1], errors) == (plain[0], plain[1][:-1], plain[2])
        print(f"  failing {function}: {'ok' if same and found == 1 else 'NOTICED ' + errors[-300:]}")
        if not same or found != 1:
            noticed.append(function)
    return noticed


def has_module(python, script):
    """Returns whether this Python has the module that a script needs."""
    module = NEEDS_MODULE.get(script)
    return module is None or not subprocess.run([python, "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode


def version_of(python):
    text = "import sys; print(*sys.version_info[:3])"
    return tuple(map(int, subprocess.check_output([python, "-c", text]).split()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--python", action="append")
    parser.add_argument("--script", action="append")
    parser.add_argument("--tolerance", type=float, default=2.0, help="milliseconds")
    parser.add_argument("--attempts", type=int, default=3)
    parser.add_argument("--broken", action="store_true")
    parser.add_argument("--mutant", action="append", help="with --broken: break only this")
    parser.add_argument("--raising", action="store_true")
    parser.add_argument("--uvloop", action="store_true", help="run the scripts on uvloop, which must be installed")
    options = parser.parse_args()
    failed = False
    names = sorted(file[:-3] for file in os.listdir(os.path.join(HERE, "scripts")) if file.endswith(".py"))
    for python in options.python or [sys.executable]:
        version = version_of(python)
        print(".".join(map(str, version)))
        if options.broken:
            failed |= bool(check_broken(python, options.tolerance, options.mutant))
            continue
        if options.raising:
            failed |= bool(check_raising(python))
            continue
        for name in options.script or names:
            if name == "truth" or NEEDS.get(name, (3,)) > version or options.uvloop and name in NOT_ON_UVLOOP:
                continue
            if not has_module(python, name):
                print(f"  {name}: skipped, since there is no {NEEDS_MODULE[name]}")
                continue
            attempts = 0
            wrong = ["not run"]
            while wrong and attempts < options.attempts:
                attempts += 1
                wrong = check(python, name, options.tolerance, uvloop=options.uvloop)
            print(f"  {name}: " + ("; ".join(wrong) if wrong else f"ok (attempt {attempts})"))
            failed |= bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
