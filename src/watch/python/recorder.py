"""Records what the asyncio tasks of an unmodified program do, as an event stream.

`docs/events.md` specifies the stream. It goes where ASYNCGUIDE_WATCH says: `unix:/path/of/socket`, `fd:N`, or the path
of a file. `sitecustomize.py`, beside this file, starts the recorder in every Python process that imports asyncio; for a
Python that ignores its environment, `python3 -I recorder.py script.py args...` does the same. CPython 3.8 to 3.14,
standard library only.

A task of asyncio is resumed by a callback that it hands to `loop.call_soon`, and the loop calls callbacks through
`Handle._run`. So the call of `call_soon` is the wake, and `_run` is the poll. This file has these hooks, and those for
pools, threads, and what is printed and logged. `_asyncguide_tasks.py` keeps what they find out.
"""
import atexit
import builtins
import logging
import os
import sys
import threading
from asyncio import base_events, events, runners, selector_events
from asyncio import tasks as asyncio_tasks
from concurrent.futures import Executor
from functools import partial, wraps
from types import BuiltinFunctionType, MethodType, ModuleType

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import _asyncguide_names        # noqa: E402
import _asyncguide_queues       # noqa: E402
import _asyncguide_stream       # noqa: E402
import _asyncguide_tasks as tasks       # noqa: E402
from _asyncguide_names import calling_place, function_text, locals_of       # noqa: E402
from _asyncguide_tasks import (         # noqa: E402
    CPU_AGE, IDLE, LONG, MOST_TASKS, NO_ENTRY, EagerStart, cpu_now, entries, finish, flush, get_ident, get_running_loop,
    give_up, guarded, lane_here, loops, meet, now, outcome_of, poll_lanes, suspend, switches, tell_cpu, tell_created,
    tell_end, tell_held, tell_mark, thread_here, wake)
sys.path.remove(HERE)
# Libraries go through `sys.modules` to replace clocks.
for module in (_asyncguide_names, _asyncguide_queues, _asyncguide_stream, tasks):
    del sys.modules[module.__name__]

get_frame = sys._getframe
Base = base_events.BaseEventLoop
Handle, TimerHandle = events.Handle, events.TimerHandle

MOST_ASKED = 100                # callers of `loop.is_running()` that may be about to start a task
MOST_HOPS = 3                   # callbacks that hand a cause on: one that calls itself again and again must not keep it


def replace(owner, name, function):
    """Puts a function, which looks like the old one, in the place of a method."""
    setattr(owner, name, wraps(getattr(owner, name))(function))


# ---------------------------------------------------------------- polls and wakes

PYTHON_STEPS = ("__step", "__wakeup", "_Task__step", "_Task__wakeup")
WRAPPERS = ("TaskStepMethWrapper", "TaskWakeupMethWrapper")
CALL_SOON_NAMES = {"events", "Handle", "_source_traceback", "_ready", "append"}

step_kinds = set()      # types whose instances are callbacks that resume a task
python_task = asyncio_tasks._PyTask
run_handle = Handle._run


def poll_with(run_callback):
    """Returns a method that runs a callback which resumes a task, and tells the poll."""
    def _run(self):
        entry = self.entry
        try:
            if entry.scene is not tasks.scene:
                entry = adopt(self)
                if entry is NO_ENTRY:
                    return run_callback(self)
            loop = entry.loop
            thread = loop.thread
            slots = thread.slots
            outer = loop.running
            woken = entry.woken
            entry.woken = 0
            start = now()
            if start > thread.cpu_due:
                thread.cpu = cpu_now()
                thread.switches = switches()
                thread.cpu_due = start + CPU_AGE
            entry.start = start
            slots[1] = start
            slots[0] = loop.running = entry.mark
            try:
                run_callback(self)
            finally:
                end = now()
                slots[0] = outer or thread.outer
                loop.running = outer
                entry.last = end
                thread.put((entry.base, woken, start, end))
                try:
                    if end - start > LONG:
                        entry.used = tell_cpu(thread, entry.base, start, end)
                    if entry.lanes:
                        poll_lanes(entry, woken, start, end)
                    task = entry()
                    if task is None or task.done():
                        finish(entry, task, end)
                    elif not entry.dirty:
                        suspend(entry)
                    if end > tasks.next_busy:
                        flush()
                except Exception:
                    give_up()
        finally:
            # A traceback that leads to this frame must not keep the task alive: it would be reported later that
            # its exception was never retrieved.
            self = task = entry = None
    return _run


class StepHandle(Handle):
    """A callback that resumes a task."""
    __slots__ = ("entry",)
    _run = poll_with(run_handle)


class PlainHandle(Handle):
    """Another callback: it may hold the loop, and it may wake tasks for someone else."""
    __slots__ = ("cause",)


for kind in (StepHandle, PlainHandle):
    kind.__name__ = kind.__qualname__ = "Handle"
    kind.__module__ = Handle.__module__


def adopt(handle):
    """Returns the entry of a task that was made before the open scene, or NO_ENTRY if its poll is not recorded."""
    task = getattr(handle._callback, "__self__", None)
    if tasks.scene is None or task is None:
        return NO_ENTRY
    handle.entry = entries.get(id(task)) or meet(task, handle._loop)
    return handle.entry


def resumed_task(callback):
    """Returns the task that a callback resumes, or None."""
    kind = type(callback)
    if kind is BuiltinFunctionType:
        return callback.__self__ if callback.__name__ == "task_wakeup" else None
    if kind is MethodType:
        own = callback.__name__ in PYTHON_STEPS and isinstance(callback.__self__, python_task)
        return callback.__self__ if own else None
    if kind.__name__ in WRAPPERS:
        step_kinds.add(kind)
        return callback.__self__
    return None


def note_wake(task, loop):
    """Returns the entry of a task that a callback will resume, which wakes it."""
    entry = entries.get(id(task), NO_ENTRY)
    try:
        if entry is NO_ENTRY:
            entry = meet(task, loop)
        elif entry.scene is not tasks.scene:
            pass
        elif entry.loop.running == entry.mark:
            entry.woken = entry.start       # a wake during the task's own poll counts from the poll's end
        else:
            wake(entry, task)
    except Exception:
        give_up()
    return entry


def _call_soon(self, callback, args, context):
    task = callback.__self__ if type(callback) in step_kinds else resumed_task(callback)
    if task is None:
        handle = PlainHandle(callback, args, self, context)
        handle.cause = cause_here(self)
    else:
        handle = StepHandle(callback, args, self, context)
        handle.entry = note_wake(task, self)
    if handle._source_traceback:
        del handle._source_traceback[-1]
    self._ready.append(handle)
    return handle


def cause_here(loop):
    """Returns the cause of a callback that is asked for now: the moment, 1 + the task that asks for it or 0, and how
    many callbacks led to it. None while nothing is recorded."""
    known = loops.get(id(loop))
    if tasks.scene is None or known is None:
        return None
    if get_ident() != known.ident:
        return now(), lane_here(), 0
    if known.cause is not None and not known.running and known.cause[2] < MOST_HOPS:
        moment, by, hops = known.cause
        return moment, by, hops + 1
    return now(), known.running, 0


def cause_of(handle, loop, start):
    """Returns the cause of a callback that starts now."""
    if isinstance(handle, TimerHandle):
        cause = int(handle._when * 1e9) if loop.has_real_clock else 0, 0, 0
    else:
        cause = getattr(handle, "cause", None) or (loop.selected, 0, 0)
    return cause if 0 < cause[0] < start else (start, cause[1], cause[2])


def run_plain_with(run_callback):
    """Returns a method that runs a callback which resumes no task."""
    def _run(self):
        try:
            loop = loops.get(id(self._loop))
            if tasks.scene is None or loop is None:
                return run_callback(self)
            callback = self._callback
            outer = loop.cause
            start = now()
            loop.cause = cause = cause_of(self, loop, start)
            try:
                run_callback(self)
            finally:
                end = now()
                loop.cause = outer
                if end - start >= LONG:
                    tell_held(loop, callback, cause[0], start, end)
        finally:
            self = callback = None
    return _run


def patch_thread_safe():
    """From 3.14 on, callbacks from other threads have a handle of their own and do not pass `_call_soon`."""
    class ThreadSafeHandle(events._ThreadSafeHandle):
        __slots__ = ("cause",)

        def __new__(kind, *_, **__):
            handle = super().__new__(kind)
            handle.cause = now(), lane_here(), 0
            return handle

    ThreadSafeHandle.__name__ = ThreadSafeHandle.__qualname__ = "_ThreadSafeHandle"
    ThreadSafeHandle.__module__ = events.__name__
    events._ThreadSafeHandle = ThreadSafeHandle


# ---------------------------------------------------------------- turns and runs of loops

run_once = Base._run_once
process_events = selector_events.BaseSelectorEventLoop._process_events
RUNNERS_FILE = runners.run.__code__.co_filename


def _run_once(self):
    if tasks.scene is not None:
        before_turn(self)
    return run_once(self)


@guarded
def before_turn(loop):
    """Writes what was recorded if the loop is about to sleep, unless that was just done and it sleeps but shortly."""
    known = loops.get(id(loop))
    if loop._ready or known is None or known.scene is not tasks.scene:
        return
    if not tasks.dirty and not known.thread.numbers and not tasks.scene.lines:
        return
    timers = loop._scheduled
    at = now()
    if at > tasks.next_idle or not timers or timers[0]._when * 1e9 - at > IDLE:
        flush()


def _process_events(self, event_list):
    known = loops.get(id(self))
    if known is not None:
        known.selected = now() if event_list else 0
    return process_events(self, event_list)


def run_loop_with(run_forever, main_of=None):
    """Returns a method that runs a loop, which is a scene or part of one. `main_of` returns the task that the loop is to
    complete, if no frame tells."""
    def run_loop(self):
        known = main = None
        if tasks.active and not self.is_closed() and not self.is_running() and get_running_loop() is None:
            main, held, cleaning = purpose_of(get_frame(1))
            if main_of is not None:
                main = main_of(self)
            known = tasks.enter_loop(self, main, cleaning)
        if known is None:
            return run_forever(self)
        interrupted = True
        try:
            run_forever(self)
            interrupted = False
        except KeyboardInterrupt:
            raise
        except BaseException:
            interrupted = False
            raise
        finally:
            interrupted = interrupted or was_interrupted(get_frame(1))
            tasks.leave_loop(known, None if cleaning else main, held, interrupted)
            main = None
    return run_loop


def purpose_of(frame):
    """Returns the future to complete, whether asyncio's runner asks for it, and whether it only cleans up."""
    main, held, cleaning = None, False, False
    if frame.f_code.co_name == "run_until_complete":
        main, = locals_of(frame, ["future"])
        frame = frame.f_back
    if frame is not None and frame.f_code.co_filename == RUNNERS_FILE:
        held = True
        loop, = locals_of(frame, ["loop"])
        known = loops.get(id(loop))
        began = known is not None and tasks.scene is not None and known in tasks.scene.members
        cleaning = frame.f_code.co_name != "run" or began and sys.version_info < (3, 11)
    return main, held, cleaning


def was_interrupted(frame):
    """A runner cancels its main task at the first Ctrl-C. Its frame is the one before that of asyncio's loop."""
    if frame.f_code.co_name == "run_until_complete":
        frame = frame.f_back
    if frame is None or frame.f_code.co_filename != RUNNERS_FILE or frame.f_code.co_name != "run":
        return False
    runner, = locals_of(frame, ["self"])
    return getattr(runner, "_interrupt_count", 0) > 0


def close_with(close):
    """Returns a method that closes a loop, which may end a scene."""
    def close_loop(self):
        close(self)
        if tasks.scene is not None:
            tasks.depart(loops.get(id(self)))
            flush()
    return close_loop


# ---------------------------------------------------------------- eager tasks

def create_task_with(create_task):
    """Returns a method that makes a task, which may run at once."""
    def create_any_task(self, coro, **options):
        known = loops.get(id(self))
        recorded = known is not None and known.scene is tasks.scene and get_ident() == known.ident
        if not recorded or not starts_eagerly(self, options):
            return trimmed(create_task(self, coro, **options))
        step = EagerStart()
        step.coroutine, step.entry = coro, None
        step.mark, step.outer, step.start = tasks.scene.next_task() + 1, known.running, now()
        above, known.eager, known.running = known.eager, step, step.mark
        task = None
        try:
            task = trimmed(create_task(self, coro, **options))
            return task
        finally:
            end = now()
            known.running = step.outer
            if isinstance(task, (asyncio_tasks.Task, python_task)):
                tell_eager(self, task, step, end)
            known.eager = above
            task = coro = step = None
    return create_any_task


def starts_eagerly(loop, options):
    code = getattr(loop.get_task_factory(), "__code__", None)
    return options.get("eager_start") or code is asyncio_tasks.eager_task_factory.__code__


def trimmed(task):
    """Returns the task without the recorder in the stack that debug mode keeps of its creation."""
    stack = getattr(task, "_source_traceback", None)
    if isinstance(stack, list):
        stack[:] = [frame for frame in stack if frame.filename != __file__]
    return task


@guarded
def tell_eager(loop, task, step, end):
    if tasks.scene is None:
        return
    # 3.12.0 and 3.12.1 crash if a task that has ended already is asked for its coroutine.
    entry = step.entry or meet(task, loop, step.coroutine)
    if entry is NO_ENTRY:
        return
    entry.start, entry.last = step.start, end
    entry.loop.thread.put((entry.base, 0, step.start, end))
    if task.done():
        finish(entry, task, end)
    elif not entry.dirty:
        suspend(entry)


known_tasks = getattr(asyncio_tasks, "_scheduled_tasks", None)
add_task = getattr(known_tasks, "add", None)


def is_running_with(is_running):
    """Returns a method that says whether a loop runs. A task that is to start inside its constructor asks just before."""
    def is_loop_running(self):
        known = loops.get(id(self))
        if known is not None and tasks.scene is not None:
            if len(known.asked) > MOST_ASKED:
                known.asked.clear()     # the program asks this too
            known.asked[id(get_frame(1))] = now()
        return is_running(self)
    return is_loop_running


def add_any_task(task):
    """A task is known to asyncio: just made, or after a start inside its constructor."""
    add_task(task)
    if tasks.scene is not None and id(task) not in entries:
        tell_constructed(task, get_frame(1))


@guarded
def tell_constructed(task, frame):
    """Tells the first poll of a task that its constructor, called by the frame, has started."""
    loop = task.get_loop()
    known = loops.get(id(loop))
    start = known.asked.pop(id(frame), None) if known is not None else None
    if start is None or known.scene is not tasks.scene or get_ident() != known.ident:
        return
    coroutine, above = task.get_coro(), known.eager
    if above is not None and above.coroutine is coroutine:
        return      # `create_any_task` tells it
    step = known.eager = EagerStart()
    step.coroutine, step.entry = coroutine, None
    step.mark, step.outer, step.start = tasks.scene.next_task() + 1, known.running, start
    tell_eager(loop, task, step, now())
    known.eager = above


# ---------------------------------------------------------------- pools and threads

class Call:
    """A function that runs, or is to run, in another thread."""
    __slots__ = ("scene", "base", "thread", "ident", "outer", "start", "cpu", "switches", "end")

    def note_end(self, _):
        self.end = now()


@guarded
def begin_call(name, kind):
    """Tells that a function is to run in another thread. Returns None outside of scenes."""
    current = tasks.scene
    if current is None or tasks.full:
        return None
    number = current.next_task()
    if number >= MOST_TASKS:
        return None
    call = Call()
    call.scene, call.base, call.thread, call.end = current, number << 3, None, None
    tell_created(number, now(), kind, name, lane_here(), calling_place())
    return call


@guarded
def start_call(call):
    """The function begins to run on this thread."""
    call.thread = thread = thread_here()
    call.ident = get_ident()
    call.outer, thread.outer = thread.outer, 1 + (call.base >> 3)
    call.start, call.cpu, call.switches = now(), cpu_now(), switches()
    call.scene.calls.add(call)
    thread.slots[1] = call.start
    thread.slots[0] = thread.outer


@guarded
def end_call(call, outcome):
    """The function has ended."""
    thread = call.thread
    if thread is None:
        return
    end = call.end or now()
    call.scene.calls.discard(call)
    thread.outer = thread.slots[0] = call.outer
    if call.scene is not tasks.scene:
        return
    if outcome != "cancelled":
        thread.put((call.base, 0, call.start, end))
        if end - call.start > LONG:
            thread.cpu, thread.switches = call.cpu, call.switches
            tell_cpu(thread, call.base, call.start, end)
    tell_end(thread, call.base, end, outcome)
    call.scene.latest = max(call.scene.latest, end)
    if end > tasks.next_busy:
        flush()


def patch_pool_when_imported():
    """Patches the pool of threads. The module that has it makes a subclass of `Executor` when it is imported."""
    name = "concurrent.futures.thread"
    if name in sys.modules:
        patch_pool(sys.modules[name])
        return

    def __init_subclass__(kind, **options):
        super(Executor, kind).__init_subclass__(**options)
        if kind.__module__ == name:
            del Executor.__init_subclass__
            patch_pool(sys.modules[name])

    Executor.__init_subclass__ = classmethod(__init_subclass__)


@guarded
def item_text(item):
    # From 3.14 on: function, arguments, keyword arguments.
    function, arguments = item.task[:2] if hasattr(item, "task") else (item.fn, item.args)
    return function_text(function, arguments)


def patch_pool(pool):
    init, run = pool._WorkItem.__init__, pool._WorkItem.run

    def __init__(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self._asyncguide_call = None
        if tasks.scene is not None:
            self._asyncguide_call = begin_call(item_text(self), "call")

    def run_item(self, *args):
        call = self._asyncguide_call
        if call is None or call.scene is not tasks.scene:
            return run(self, *args)
        future = self.future
        # First in the list: the others wake tasks, and then this thread may wait for the interpreter's lock.
        future._done_callbacks.insert(0, call.note_end)
        start_call(call)
        try:
            return run(self, *args)
        finally:
            end_call(call, outcome_of(future))
            self = future = None

    replace(pool._WorkItem, "__init__", __init__)
    replace(pool._WorkItem, "run", run_item)


start_thread, run_thread = threading.Thread.start, threading.Thread._bootstrap_inner
thread_calls = {}       # id(thread) -> its Call


def _start(self):
    if tasks.scene is not None:
        text = thread_text(self)
        if text is not None:
            thread_calls[id(self)] = begin_call(text, "thread")
    return start_thread(self)


def _bootstrap_inner(self):
    call = thread_calls.pop(id(self), None)
    scene = tasks.scene
    if scene is not None:
        # The system gives the ident of a thread that has ended to a new one.
        scene.by_ident.pop(get_ident(), None)
    if call is None or call.scene is not scene:
        return run_thread(self)
    start_call(call)
    try:
        return run_thread(self)
    finally:
        end_call(call, "done")


@guarded
def thread_text(thread):
    """Returns what a thread's lane is called, or None for a thread of a pool: its calls have lanes."""
    function = getattr(thread, "_target", None) or getattr(thread, "function", None)
    module = getattr(function, "__module__", None)
    if type(module) is str and module.startswith(("concurrent.futures", "asyncio", "trio.")):
        return None
    if function is not None and (thread.name.startswith("Thread-") or thread.name == "Thread"):
        return function_text(function, getattr(thread, "_args", None) or getattr(thread, "args", ()))
    return thread.name


# ---------------------------------------------------------------- marks

write = builtins.print
log = logging.Logger.callHandlers


def _print(*args, **kwargs):
    if tasks.scene is None or kwargs.get("file") not in (None, sys.stdout, sys.stderr):
        return write(*args, **kwargs)
    try:
        # The program's `__str__` must not be called twice.
        texts = tuple([str(arg) for arg in args])
        separator = kwargs.get("sep")
        text = (" " if separator is None else separator).join(texts)
    except Exception:
        return write(*args, **kwargs)
    frame = get_frame(1)
    tell_mark(text, frame.f_code.co_filename, frame.f_lineno)
    return write(*texts, **kwargs)


def callHandlers(self, record):
    if tasks.scene is not None:
        try:
            text = f"{record.levelname}: {record.getMessage()}"
        except Exception:
            pass    # the program's arguments do not fit its format, which logging reports itself
        else:
            tell_mark(text, record.pathname, record.lineno)
    return log(self, record)


# ---------------------------------------------------------------- start

def start(where, child, folder, start_clock=None):
    """Begins to record. `folder` is where the program was started; `child` says that another process was first.
    `start_clock` gives loops an exact clock."""
    if set(Base._call_soon.__code__.co_names) != CALL_SOON_NAMES:
        return      # a later asyncio, whose ways are not known
    tasks.clock = "virtual" if start_clock is not None else "real"
    tasks.begin(where, child, folder)
    if not tasks.active:
        return
    if start_clock is not None:
        start_clock()
    atexit.register(tasks.finish_stream)
    os.register_at_fork(after_in_child=tasks.forget_parent)
    tasks.watch_exceptions()
    replace(Base, "_call_soon", _call_soon)
    replace(Handle, "_run", run_plain_with(run_handle))
    replace(Base, "_run_once", _run_once)
    replace(selector_events.BaseSelectorEventLoop, "_process_events", _process_events)
    replace(Base, "run_forever", run_loop_with(Base.run_forever))
    replace(Base, "close", close_with(Base.close))
    if sys.version_info >= (3, 12):
        replace(Base, "create_task", create_task_with(Base.create_task))
        replace(Base, "is_running", is_running_with(Base.is_running))
        if add_task is not None:
            known_tasks.add = add_any_task
    if hasattr(events, "_ThreadSafeHandle"):
        patch_thread_safe()
    patch_pool_when_imported()
    _asyncguide_queues.patch(calling_place)
    replace(threading.Thread, "start", _start)
    replace(threading.Thread, "_bootstrap_inner", _bootstrap_inner)
    replace(builtins, "print", _print)
    replace(logging.Logger, "callHandlers", callHandlers)


def run_script(arguments):
    path = arguments[0]
    sys.argv[:] = arguments
    if sys.flags.isolated:
        sys.path.insert(0, "")
    sys.path[0] = os.path.dirname(os.path.abspath(path))
    main = ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    with open(path, "rb") as source:
        code = compile(source.read(), path, "exec")
    exec(code, main.__dict__)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python3 recorder.py script.py [argument...]")
    if os.environ.get("ASYNCGUIDE_WATCH"):
        known = "ASYNCGUIDE_WATCH_FIRST" in os.environ
        os.environ.setdefault("ASYNCGUIDE_WATCH_FIRST", str(os.getpid()))
        start(os.environ["ASYNCGUIDE_WATCH"], known, os.getcwd())
    run_script(sys.argv[1:])
