"""Keeps what is known of scenes, loops, threads, tasks and lanes, and what is still to be written of them.

The hooks of `recorder.py` call this. Numbers are kept in one list for each thread, four for each record: see `packed`
in `docs/events.md`. Lines are kept in the scene. `flush` writes both from time to time.
"""
import os
import sys
import time
import _thread
from _weakref import ref
from asyncio.base_events import BaseEventLoop
from asyncio.events import _get_running_loop as get_running_loop
from asyncio.exceptions import CancelledError
from functools import wraps
from itertools import count
from types import CoroutineType

import _asyncguide_queues as queues
from _asyncguide_names import (
    awaited_by, calling_place, code_of, coroutine_text, is_default_name, is_users, name_of, place_of, wrapped_by)
from _asyncguide_stream import Output, line, packed_lines, quote, take_low_numbers

# Bound at the start, because a program's tests may put mocks in their places later.
now, cpu_now = time.monotonic_ns, time.thread_time_ns
thread_clock = getattr(time, "pthread_getcpuclockid", None)
try:
    from resource import RUSAGE_THREAD, getrusage

    def switches():
        """How often this thread has given its core away, to wait for something."""
        return getrusage(RUSAGE_THREAD).ru_nvcsw
except ImportError:
    def switches():
        """Another number each time: where the system does not count, a thread may have given its core away."""
        return now()

get_ident, get_frame = _thread.get_ident, sys._getframe
getpid, os_close = os.getpid, os.close
machine_time = BaseEventLoop.time

DEBUG = bool(os.environ.get("ASYNCGUIDE_WATCH_DEBUG"))

LONG = 1_000_000                # ns: a callback or a poll of this length is told in detail, a wait with its place
CPU_AGE = 200_000               # ns: a reading of the thread's CPU time is used for this long
BUSY = 50_000_000               # ns between two writes while the loop does not sleep
IDLE = 5_000_000                # ns between two writes while it sleeps often
MOST_UNSENT = 64 << 20          # bytes
MOST_TASKS = 2_000_000          # in a scene; docs/events.md allows 2,097,152
MOST_SITES = 65_536
MOST_LANES = 16                 # coroutines of one task that have lanes of their own
MOST_LOOKS = 200                # tasks whose place is looked up for one write
EXIT_PATIENCE = 2_000_000_000   # ns that the end of the program waits for the reader

POLL, WAKE, STANDS, END, CPU = range(5)

active = False      # whether anything is recorded at all
scene = None        # the open Scene
output = None       # the open Output
target = ""         # where the output of the program's first process goes, as ASYNCGUIDE_WATCH says
clock = "real"      # `virtual` if loops have the exact clock of `_asyncguide_clock.py`
child = False       # whether another process of the program was the first
started_in = ""     # the folder in which the program was started
entries = {}        # id(task) -> Entry
loops = {}          # id(loop) -> Loop
cancelling = CancelledError, GeneratorExit      # exceptions with which a coroutine is cancelled
by_frame = {}       # id(frame) -> the Lane whose coroutine has the frame
dirty = []          # entries of tasks that were suspended, and whose place has not been looked up since
shared_slots = None     # the numbers of the `.running` file, or None without one
next_busy = next_idle = 0       # moments of the next write
lost = 0            # records dropped since this was last told
full = False        # whether too much is unsent
write_lock = _thread.allocate_lock()
book_lock = _thread.RLock()         # for numbers that must come in order: threads and sites


def guarded(function):
    """Makes a function harmless to the program that calls it: if it fails, nothing is recorded any more."""
    @wraps(function)
    def call(*arguments):
        try:
            return function(*arguments)
        except Exception:
            give_up()
    return call


def give_up():
    """Stops recording, because the recorder is wrong or cannot write. The program goes on."""
    global active, scene
    if DEBUG:
        import traceback
        traceback.print_exc()
    active = False
    scene = None
    entries.clear()
    by_frame.clear()


# ---------------------------------------------------------------- start, end and fork

def begin(where, is_child, folder):
    """Begins to record, if this process can. `folder` is where the program was started."""
    global target, child, started_in
    started_in = folder
    target = where if where.startswith(("unix:", "fd:")) else os.path.join(folder, where)
    child = is_child
    begin_process()


def begin_process():
    """Begins to record this process, unless the target is a descriptor, which has one writer: the first process."""
    global active
    active = not (child and target.startswith("fd:"))
    if active:
        share_slots()


def share_slots():
    """Maps the file that shows which poll is under way, even while it holds the loop and after a kill."""
    global shared_slots
    shared_slots = None
    folder = os.environ.get("ASYNCGUIDE_WATCH_RUNNING")
    if not folder or clock != "real":       # who reads the file has a real clock
        return
    try:
        import mmap
        descriptor = os.open(os.path.join(folder, f"{getpid()}.running"), os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(descriptor, 4096)
        low = take_low_numbers(descriptor)      # the map keeps a descriptor of its own
        shared_slots = memoryview(mmap.mmap(descriptor, 4096)).cast("q")
        for taken in low + [descriptor]:
            os_close(taken)
    except Exception:
        shared_slots = None


def forget_parent():
    """A forked process is a program of its own: it opens a stream of its own once a loop runs in it."""
    global output, scene, write_lock, book_lock, lost, full, child
    if not active:
        return
    if output is not None:
        try:
            os_close(output.descriptor)
        except OSError:
            pass
    output = scene = None
    write_lock, book_lock = _thread.allocate_lock(), _thread.RLock()
    lost, full, child = 0, False, True
    entries.clear()
    by_frame.clear()
    loops.clear()
    dirty.clear()
    begin_process()


@guarded
def finish_stream():
    """The program ends: what is left is written, for two seconds at most."""
    global active
    if not active:
        return
    if scene is not None:
        close_scene()
    elif not child:
        open_output()
    active = False
    if output is not None:
        output.send(b"", EXIT_PATIENCE)


# ---------------------------------------------------------------- writing

def open_output():
    """Opens the stream, if it is not open, and says which program this is."""
    global output
    if output is None:
        own = child and not target.startswith("unix:")
        opened = Output(f"{target}.{getpid()}" if own else target)
        opened.send(run_line().encode("ascii"))
        output = opened


def run_line():
    arguments = [argument[:200] for argument in sys.argv[:64]]
    command = [os.path.basename(sys.executable or "python3")] + arguments
    return line(
        "run", schema=1, program="asyncguide python recorder", lesson=os.path.basename(script_path()) or "python3",
        clock=clock, inputs={"tasks": 0, "delay": 0},
        process={"pid": getpid(), "parent": os.getppid(), "command": command, "folder": started_in},
        language={"name": "python", "implementation": sys.implementation.name,
                  "version": ".".join(map(str, sys.version_info[:3]))})


def script_path():
    main = sys.modules.get("__main__")
    path = getattr(main, "__file__", None)
    return os.path.join(started_in, path) if type(path) is str else ""


@guarded
def flush():
    """Writes what was recorded. Another thread that is about to do so does it for this one."""
    global next_busy, next_idle
    current = scene
    if current is None or output is None or not write_lock.acquire(False):
        return
    try:
        look_up()
        queues.look(tell_queue)
        output.send(collect(current).encode("ascii"))
        at = now()
        next_busy = at + BUSY
        next_idle = at + IDLE
    finally:
        write_lock.release()


def collect(current):
    """Returns what was recorded since the last time. Lines come first: they name all that the numbers speak of."""
    global lost, full
    blocks = []
    for thread in list(current.threads):
        numbers = thread.numbers
        size = len(numbers) & ~3
        blocks.append((thread.index, numbers[:size]))
        del numbers[:size]
    size = len(current.lines)
    parts = current.lines[:size]
    del current.lines[:size]
    full = output.size > MOST_UNSENT
    if full:
        lost += sum(len(block) for _, block in blocks) // 4
        blocks = []
    if lost:
        parts.append(line("lost", records=lost))
        lost = 0
    for index, block in blocks:
        parts += packed_lines(current.zero, index, block)
    return "".join(parts)


# ---------------------------------------------------------------- scenes, threads and loops

class Scene:
    """One run of a loop, with all that takes part in it."""

    def __init__(self, name):
        self.name = name
        self.zero = now()
        self.latest = self.zero     # the end of its last run of a loop or call in a pool
        self.outcome = "done"
        self.owner = None           # the Loop that opened it
        self.members = set()        # each Loop that runs, or that asyncio's runner has yet to clean up
        self.lines = []
        self.threads = []
        self.by_ident = {}          # the ident of a thread that runs -> its Thread
        self.sites = {}             # (id(code), line) -> (number, code)
        self.awaited = set()        # (site, what is awaited there) that were told
        self.calls = set()          # each Call that is under way in another thread
        self.next_task = count().__next__


class Thread:
    """A thread that takes part in a scene."""
    __slots__ = ("index", "numbers", "put", "slots", "outer", "cpu", "cpu_due", "switches")

    def __init__(self, index):
        self.index = index
        self.numbers = []
        self.put = self.numbers.extend      # one call, and atomic
        shared = shared_slots is not None and index < 256
        self.slots = shared_slots[2 * index:2 * index + 2] if shared else [0, 0]    # the task that is polled, its start
        self.outer = 0      # 1 + the task of the call or the thread that runs here, or 0
        self.cpu = 0        # the CPU time that the thread had used when it was last asked
        self.switches = 0   # how often it had given its core away by then
        self.cpu_due = 0    # when to ask again


class Loop:
    """What is known of an event loop. Not an attribute of it: that would slow down all its others."""
    __slots__ = ("reference", "scene", "thread", "ident", "running", "cause", "selected", "has_real_clock", "eager",
                 "lane", "asked", "flush_planned")

    def __init__(self, loop):
        key = id(loop)
        self.reference = ref(loop, lambda _: loops.pop(key, None))
        self.scene = self.thread = self.ident = None
        self.running = 0        # 1 + the task that is polled, or 0
        self.cause = None       # during a plain callback: since when it was due, the task that asked for it, and how
                                # many callbacks led to it
        self.selected = 0       # when the selector returned with something, in this turn of the loop
        self.eager = None       # the EagerStart under way
        self.lane = None        # the number of the lane "the loop"
        self.flush_planned = False      # whether a timer of the loop will write, where nothing tells when it sleeps
        self.asked = {}         # id(frame) -> the moment when it asked whether the loop runs
        # A test's loop may have a clock of its own, which says nothing about when a timer was due.
        self.has_real_clock = getattr(type(loop), "time", None) is machine_time and "time" not in loop.__dict__


def loop_of(loop):
    known = loops.get(id(loop))
    if known is None:
        known = loops[id(loop)] = Loop(loop)
    return known


def thread_here():
    """Returns this thread's part in the open scene."""
    current = scene
    ident = get_ident()
    thread = current.by_ident.get(ident)
    if thread is None:
        with book_lock:
            thread = Thread(len(current.threads))
            current.lines.append(line("thread", thread=thread.index, name=thread_name(ident)[:200]))
            current.threads.append(thread)
            current.by_ident[ident] = thread
    return thread


def thread_name(ident):
    known = sys.modules["threading"]._active.get(ident)
    return str(known.name) if known is not None else "thread %d" % ident


def lane_here():
    """Returns 1 + the task that is polled on this thread, or 0."""
    current = scene
    if current is None:
        return 0
    loop = get_running_loop()
    known = loops.get(id(loop)) if loop is not None else None
    if known is not None and known.running and known.scene is current:
        return known.running
    thread = current.by_ident.get(get_ident())
    return thread.outer if thread is not None else 0


def open_scene(main, module):
    """Opens a scene for the future that a loop is told to complete, or None if it is to run forever. `module` is that of
    the loop's type."""
    global scene, next_busy
    open_output()
    entry = entries.get(id(main))
    if entry is not None:
        coroutine = wrapped_by(main.get_coro())
        name, title = name_of(coroutine).replace("<locals>.", ""), coroutine_text(coroutine)
    elif main is not None:
        name, title = "main", "main()"
    else:
        name = title = os.path.basename(script_path()) or "loop"
    opened = Scene(name)
    opened.lines.append(line("scene", scene=name, title=title, file=script_path(), started=opened.zero if clock == "real" else None,
                             runtime={"name": module if module in ("uvloop", "trio") else "asyncio", "flavor": "current_thread", "workers": 1}))
    for slot in range(0, len(shared_slots or ()), 2):
        shared_slots[slot] = 0
    dirty.clear()
    scene = opened
    known = list(entries.values())
    known.sort(key=lambda other: other is not entry)      # the main task is task 0
    for other in known:
        task = other()
        if task is not None:
            join_scene(other, task.get_coro())
    flush()
    next_busy = 0       # the first poll is written at once too, so that a reader knows its tasks from the start


@guarded
def close_scene():
    """Ends the open scene. Tasks that are left of it are known no more, and become those of the next one if it runs."""
    global scene
    current = scene
    for entry in list(entries.values()):
        task = entry()
        if task is not None and entry.dirty:
            look_at(entry, task)
    tell_unfinished_calls(current)
    queues.look_last(tell_queue)
    for loop in list(loops.values()):
        if loop.lane is not None and loop.scene is current:
            tell_end(loop.thread, loop.lane << 3, current.latest, "done")
        loop.lane = None
    if not write_lock.acquire(True, 0.5):
        give_up()
        return
    try:
        scene = None
        entries.clear()
        by_frame.clear()
        last = line("scene_end", scene=current.name, wall=current.latest - current.zero, outcome=current.outcome)
        output.send((collect(current) + last).encode("ascii"))
    finally:
        write_lock.release()


def tell_unfinished_calls(current):
    """Tells the polls of threads that outlive the scene: they have held their threads until its end."""
    at = current.latest
    for call in list(current.calls):
        if call.start >= at:
            continue
        call.thread.put((call.base, 0, call.start, at))
        if thread_clock is not None:
            used = time.clock_gettime_ns(thread_clock(call.ident)) - call.cpu
            call.thread.put((CPU | call.base, call.start, min(used, at - call.start), 0))


@guarded
def enter_loop(loop, main, cleaning):
    """A loop begins to run. `cleaning` says that asyncio's runner cleans it up."""
    known = loop_of(loop)
    current = scene
    if current is not None and known in current.members and not cleaning and len(current.members) == 1:
        close_scene()
    if scene is None:
        open_scene(main, type(loop).__module__)
        scene.owner = known
    known.thread = thread_here()
    known.ident = get_ident()
    known.scene = scene
    known.running = 0
    known.cause = known.eager = None
    scene.members.add(known)
    return known


@guarded
def leave_loop(known, main, held, interrupted):
    """A loop has stopped. If it is held, its runner cleans it up later: it takes part in the scene until then."""
    current = scene
    if current is None or known.scene is not current:
        return
    current.latest = now()
    known.running = 0
    if known is current.owner and main is not None:
        current.outcome = "interrupted" if interrupted else outcome_of(main)
    if held:
        flush()
    else:
        depart(known)


@guarded
def depart(known):
    current = scene
    if current is None or known not in current.members:
        return
    current.members.discard(known)
    if not current.members:
        close_scene()


# ---------------------------------------------------------------- lines and numbers

def site(code, number):
    """Returns the number of a place in a source file, which its first use tells, or None if there are too many."""
    current = scene
    key = id(code), number
    known = current.sites.get(key)
    if known is not None:
        return known[0]
    with book_lock:
        index = len(current.sites)
        if index >= MOST_SITES:
            return None
        file = code.co_filename
        if not file.startswith("<"):
            file = os.path.join(started_in, file)
        function = getattr(code, "co_qualname", code.co_name)
        current.lines.append(line("site", site=index, file=file, line=max(number or 0, 0), function=function[:200]))
        current.sites[key] = index, code        # the code is kept, so that no other one gets its id
    return index


def tell_created(number, at, kind, name, parent=0, place=None, code=None, spawned=True):
    """Tells that there is a lane. `parent` is 1 + its number, or 0; `place` is the statement that led to the lane."""
    current = scene
    at = max(at - current.zero, 0)
    text = '{"event":"created","task":%d,"at":%d,"kind":"%s","name":%s' % (number, at, kind, quote(name[:200]))
    if parent:
        text += ',"parent":%d' % (parent - 1)
    if place is not None:
        text += site_field("site", *place)
    if code is not None:
        text += site_field("code", code, code.co_firstlineno)
    text += "}\n"
    if spawned:
        text += '{"event":"spawned","task":%d,"at":%d}\n' % (number, at)
    current.lines.append(text)


def site_field(field, code, number):
    index = site(code, number)
    return "" if index is None else ',"%s":%d' % (field, index)


def tell_end(thread, base, at, outcome, place=None):
    """Tells how a lane ended. What failed has a message, for which there is no number, and the place where it did."""
    if type(outcome) is dict:
        number = site(*place) if place is not None else None
        scene.lines.append(line("end", task=base >> 3, at=at - scene.zero, outcome=outcome, site=number))
    else:
        cancelled = 1 if outcome == "cancelled" else 0
        thread.put((END | base, at, cancelled, 0))


def outcome_of(future):
    """Returns how a future ended, as the stream says it."""
    if not future.done():
        return "done"
    if future.cancelled():
        return "cancelled"
    # `exception()` would count as retrieving it, and asyncio would not report one that is never retrieved.
    error = future._exception
    return "done" if error is None else failure(error)


def failure(error):
    return {"panicked": {"message": message_of(error)}}


def message_of(error):
    name, text = type(error).__name__, str(error)
    return f"{name}: {text}"[:2000] if text else name


def tell_cpu(thread, base, start, end):
    """Tells the CPU time of a poll of 1 ms or more. Up to 0.2 ms before its start may be counted with it."""
    spent = cpu_now()
    used = min(spent - thread.cpu, end - start)
    # A thread that did not give its core away by itself wanted it all the time: others had it.
    gave_away = switches() != thread.switches
    thread.cpu, thread.cpu_due, thread.switches = spent, end + CPU_AGE, switches()
    preempted = 0 if gave_away else end - start - used
    thread.put((CPU | base, start, used, preempted))
    return used, preempted


@guarded
def tell_held(loop, callback, cause, start, end):
    """Tells that a plain callback held the loop."""
    current, thread = scene, loop.thread
    if current is None or loop.scene is not current:
        return
    if loop.lane is None:
        loop.lane = current.next_task()
        tell_created(loop.lane, start, "call", "the loop", spawned=False)
    base = loop.lane << 3
    thread.put((base, max(cause, current.zero), start, end))
    tell_cpu(thread, base, start, end)
    code = getattr(getattr(callback, "__func__", callback), "__code__", None)
    known = type(code) is type(tell_held.__code__)
    text = "%s held the loop for %.1f ms" % (name_of(callback)[:200], (end - start) / 1e6)
    current.lines.append(line("mark", at=end - current.zero, task=loop.lane, thread=thread.index, text=text,
                              file=code.co_filename if known else None, line=code.co_firstlineno if known else None))


@guarded
def tell_mark(text, file, number):
    current = scene
    text = text.strip("\r\n")
    if current is None or not text or full:
        return
    lane = lane_here()
    current.lines.append(line("mark", at=now() - current.zero, thread=thread_here().index, text=text[:2000],
                              file=file, line=number, task=lane - 1 if lane else None))


def tell_queue(queue):
    """Tells how many items wait in a queue without a limit, and for how many looks there were not fewer than before."""
    current = scene
    if current is None or full:
        return
    queue.told = queue.items
    file, number = None, None
    if queue.place is not None:
        code, number = queue.place
        file = os.path.join(started_in, code.co_filename)
    fields = {"queue": queue.number, "queue_items": queue.items, "queue_looks": queue.looks,
              "queue_fewest": queue.fewest}
    current.lines.append(line("mark", at=now() - current.zero, thread=thread_here().index, file=file, line=number,
                              text=f"{queue.items} items wait in a queue", fields=fields))


# ---------------------------------------------------------------- tasks

class Entry(ref):
    """A task, which this does not keep alive."""
    __slots__ = ("key", "scene", "loop", "base", "mark", "name", "place", "parent", "at", "start", "last", "used",
                 "woken", "told", "lanes", "lane_end", "fresh", "subject", "dirty")


class NoEntry:
    """Stands for the entry of a task that is not recorded: it is of no scene."""
    scene = False


NO_ENTRY = NoEntry()


class EagerStart:
    """The first step of a task that runs inside the call that makes it. The task is not known until it is over."""
    __slots__ = ("coroutine", "mark", "outer", "start", "entry")


def meet(task, loop, coroutine=None):
    """Returns the entry of a task that was not known: it is being made, by the code that is on the stack."""
    if not active or full:
        return NO_ENTRY
    if coroutine is None:
        coroutine = task.get_coro()
    entry = Entry(task, dropped)
    known = loop_of(loop)
    entry.key = id(task)
    entry.scene = False     # of no scene yet
    entry.loop = known
    eager = known.eager
    if eager is not None and eager.coroutine is coroutine:
        entry.mark, entry.at, entry.parent = eager.mark, eager.start, eager.outer
        eager.entry = entry
    else:
        entry.mark, entry.at, entry.parent = 0, now(), known.running
    entry.start = entry.last = entry.at     # the bounds of its last poll
    entry.used = None       # the CPU time of its last long poll
    entry.woken = 0         # since when it is ready, if no wake tells it
    entry.told = 0          # the moment of the last wake that was told
    entry.lanes = []
    entry.lane_end = 0      # when its last lane ended
    entry.fresh = True      # whether it has not been looked at yet
    entry.subject = None    # a reference to the coroutine that the task's own lane is about, if it is not the task's
    entry.dirty = False
    name = task.get_name()
    entry.name = None if is_default_name(name) else name
    entry.place = calling_place()
    entries[entry.key] = entry
    return entry if scene is None else join_scene(entry, coroutine)


def join_scene(entry, coroutine):
    """Gives a task its number in the open scene. Returns NO_ENTRY if the scene has no more numbers."""
    current = scene
    loop = entry.loop
    if loop.scene is not current:
        loop.scene, loop.thread = current, thread_here()
    number = entry.mark - 1 if entry.mark else current.next_task()
    if number >= MOST_TASKS:
        entries.pop(entry.key, None)
        return NO_ENTRY
    entry.mark = number + 1
    entry.base = number << 3
    entry.scene = current
    code = getattr(coroutine, "cr_code", None)
    name = entry.name or coroutine_text(coroutine)
    tell_created(number, entry.at, kind_of(code), name, entry.parent, entry.place, code)
    return entry


def kind_of(code):
    """asyncio's own tasks that close a loop down have no lanes."""
    own = code is not None and code.co_name.startswith("shutdown_") and code.co_filename.endswith("base_events.py")
    return "scene" if own else "future"


def dropped(entry):
    """A task is gone. If it was not finished, nothing referred to it any more."""
    if entries.get(entry.key) is not entry:
        return
    del entries[entry.key]
    if entry.scene is scene:
        at = now()
        end_lanes(entry, 0, at, "cancelled")
        tell_end(entry.loop.thread, entry.base, at, "cancelled")


def wake(entry, task):
    """A task is woken by something else than itself."""
    loop = entry.loop
    moment = at = now()
    by = loop.running
    if not by and loop.cause is not None:
        moment, by, _ = loop.cause
    if moment < entry.last:
        moment = entry.last
    if entry.dirty and at - entry.last > LONG:
        look_at(entry, task)
    entry.woken = moment
    if by:
        entry.loop.thread.put((WAKE | entry.base, moment, by, 0))
        entry.woken, entry.told = 0, moment


def finish(entry, task, at):
    """A task has ended in the poll that ended at `at`."""
    if entries.pop(entry.key, None) is None:
        return      # its end was told when it was dropped
    rename(entry, task)
    outcome = outcome_of(task)
    place, codes = raised_at(task._exception) if type(outcome) is dict else (None, ())
    if entry.lanes:
        # Where Python tells of exceptions, a lane of which it has told none has returned.
        end_lanes(entry, 0, at, outcome if monitoring is None else "done", place, codes)
    tell_end(entry.loop.thread, entry.base, at, outcome, place)


def raised_at(error):
    """Returns code and line of the user's innermost statement that an exception has passed, or None, and all codes."""
    place, codes = None, set()
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        codes.add(code)
        if is_users(code):
            place = code, step.tb_lineno
        step = step.tb_next
    return place, codes


def rename(entry, task):
    """Tells the task's name if it has changed: up to 3.12, `create_task` names a task that exists already."""
    name = task.get_name()
    if name != entry.name and entry.subject is None and not is_default_name(name):
        tell_name(entry, name)


def tell_name(entry, name):
    entry.name = name
    entry.scene.lines.append(line("renamed", task=entry.mark - 1, name=name[:200]))


# ---------------------------------------------------------------- where tasks wait

def suspend(entry):
    """Notes that the place of a task is to be looked up."""
    entry.dirty = True
    dirty.append(entry)


def look_up():
    """Looks up where suspended tasks wait. Not of all at once: while the loop is busy, most of them run on soon."""
    todo = dirty[:]
    del dirty[:len(todo)]
    looks = 0
    for entry in todo:
        task = entry()
        if task is None or not entry.dirty or entries.get(entry.key) is not entry:
            continue
        if looks == MOST_LOOKS:
            dirty.append(entry)
            continue
        looks += 1
        look_at(entry, task)


def look_at(entry, task):
    """Follows what a suspended task awaits: tells where it waits, and which coroutines of the user's it is in."""
    entry.dirty = False
    outermost = thing = task.get_coro()
    inside = []         # the user's coroutines, each with its code and what awaits it
    waiting = None      # the user's innermost coroutine or generator
    awaited = None      # the name of what it awaits
    for _ in range(100):
        if thing is None:
            break
        code = code_of(thing)
        if code is None:
            pass
        elif is_users(code):
            if type(thing) is CoroutineType:
                inside.append((thing, code, waiting))
            waiting, awaited = thing, None
        elif awaited is None:
            awaited = name_of(thing)
        thing = awaited_by(thing)
    if entry.fresh:
        entry.fresh = False
        rename(entry, task)
        if inside and inside[0][0] is not outermost:
            choose_subject(entry, outermost, inside[0][0])
    subject = outermost if entry.subject is None else entry.subject()
    if inside and inside[0][0] is subject:
        del inside[0]
    if inside or entry.lanes:
        update_lanes(entry, inside[:MOST_LANES])
    if entry.woken == 0 or entry.last - entry.start > LONG:
        tell_place(entry, task, place_of(waiting or outermost), awaited)


def choose_subject(entry, outermost, coroutine):
    """Has the task's lane be about the first coroutine of the user's, if the task's own only wraps it."""
    code = code_of(outermost)
    # anyio names a task after its function, with the module's name before it.
    plain = entry.name is None or entry.name.endswith("." + name_of(coroutine))
    if plain and code is not None and not is_users(code):
        tell_name(entry, coroutine_text(coroutine))
        entry.subject = ref(coroutine)


def tell_place(entry, task, place, awaited):
    index = site(*place) if place is not None else None
    if index is None:
        return
    waiter = getattr(task, "_fut_waiter", None)
    other = entries.get(id(waiter)) if waiter is not None else None
    other = other.mark if other is not None and other() is waiter else 0
    current = entry.scene
    if awaited and (index, awaited) not in current.awaited:
        # The packed form has no room for what it awaits, so the first task to do so tells it in a line.
        current.awaited.add((index, awaited))
        fields = {"for": other - 1} if other else {}
        current.lines.append(line("stands", task=entry.mark - 1, at=entry.last - current.zero, site=index,
                                  awaits=awaited[:200], **fields))
    else:
        entry.loop.thread.put((STANDS | entry.base, entry.last, index, other))


# ---------------------------------------------------------------- coroutines as lanes

class Lane(ref):
    """A coroutine of the user's that a task awaits. It has ended once the coroutine is gone."""
    __slots__ = ("base", "code", "frame", "ended", "outcome", "place")


monitoring = getattr(sys, "monitoring", None)       # from Python 3.12 on
if monitoring is not None and monitoring.get_tool(monitoring.OPTIMIZER_ID) is not None:
    monitoring = None


def watch_exceptions():
    """Has Python tell of exceptions that leave a function, so that a coroutine's is seen though its awaiter catches it."""
    if monitoring is not None:
        tool, event = monitoring.OPTIMIZER_ID, monitoring.events.PY_UNWIND
        monitoring.use_tool_id(tool, "asyncguide")
        monitoring.register_callback(tool, event, note_exception)
        monitoring.set_events(tool, event)


def note_exception(_code, _offset, error):
    """An exception leaves a function: the one that called this."""
    frame = get_frame(1)
    if id(frame) in by_frame:
        note_failure(by_frame[id(frame)], frame, error)


@guarded
def note_failure(lane, frame, error):
    coroutine = lane()
    if coroutine is None or coroutine.cr_frame is not frame:
        return      # the number of a frame that is gone
    if isinstance(error, cancelling):
        lane.outcome = "cancelled"
    elif not isinstance(error, StopAsyncIteration):     # that is how `async for` ends
        lane.outcome = failure(error)
        lane.place, _ = raised_at(error)


def lane_gone(lane):
    """A coroutine is gone: the `await` that it was for is over. The end of the poll tells what became of it."""
    lane.ended = now()
    by_frame.pop(lane.frame, None)


def update_lanes(entry, inside):
    """Makes a task's lanes those of the coroutines that it is in."""
    lanes = entry.lanes
    same = 0
    for lane, (coroutine, _, _) in zip(lanes, inside):
        if lane() is not coroutine:
            break
        same += 1
    if same < len(lanes):
        end_lanes(entry, same, entry.last, "done")
    for coroutine, code, awaiter in inside[same:]:
        number = scene.next_task()
        if number >= MOST_TASKS:
            return
        lane = Lane(coroutine, lane_gone)
        lane.base, lane.code, lane.ended = number << 3, code, 0
        lane.outcome, lane.place, lane.frame = None, None, id(coroutine.cr_frame)
        by_frame[lane.frame] = lane
        began = min(max(entry.start, entry.lane_end), entry.last)
        if entry.last - began > LONG:
            began = entry.last      # what held the thread may have been the task, before it called the coroutine
        place = place_of(awaiter) if awaiter is not None else None
        above = 1 + (lanes[-1].base >> 3) if lanes else entry.mark
        tell_created(number, began, "future", coroutine_text(coroutine), above, place, code, spawned=False)
        copy_poll(entry, lane, 0, began, entry.last)
        lanes.append(lane)


def poll_lanes(entry, woken, start, end):
    """Tells a poll of a task for its lanes too, and the end of those that ended in it. If the task has ended as well,
    `finish` tells how."""
    woken = woken or entry.told
    lasting = len(entry.lanes)
    for depth, lane in enumerate(entry.lanes):
        copy_poll(entry, lane, woken, start, lane.ended or end)
        coroutine = lane()
        # A coroutine that has returned has no frame, though a variable may still refer to it.
        if coroutine is None or coroutine.cr_frame is None:
            lasting = min(lasting, depth)
    task = entry()
    if task is not None and not task.done():
        end_lanes(entry, lasting, end, "done")


def copy_poll(entry, lane, woken, start, end):
    """Tells the part of the task's last poll that a lane had, and its CPU time if that of the poll was told."""
    if end < start:
        return      # the coroutine went between two polls
    put = entry.loop.thread.put
    put((lane.base, woken, start, end))
    if entry.used is not None and entry.last - entry.start > LONG:
        used = min(entry.used[0], end - start)
        put((CPU | lane.base, start, used, min(entry.used[1], end - start - used)))


def end_lanes(entry, depth, at, outcome, place=None, failed=()):
    """Takes the lanes from `depth` on away from the task. Those of which nothing else is known have the outcome; if that is
    a failure, only those do with one of the codes that `failed`."""
    for lane in entry.lanes[depth:]:
        ended = lane.ended or at
        entry.lane_end = max(entry.lane_end, ended)
        by_frame.pop(lane.frame, None)
        own = lane.outcome
        if own is None:
            own = "done" if type(outcome) is dict and lane.code not in failed else outcome
        tell_end(entry.loop.thread, lane.base, ended, own, lane.place or place)
    del entry.lanes[depth:]
