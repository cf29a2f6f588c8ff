"""Records tasks that run on uvloop. `sitecustomize.py` starts this once the program has imported uvloop.

uvloop runs its callbacks in C, out of sight. So this wraps what the program hands to the loop: the callbacks that resume
a task, and those of asyncio and of C, which wake tasks. Other callbacks, and those of transports, stay as they are and
are not seen: an exception in one must look as it does without the recorder.
"""
import sys
from types import BuiltinFunctionType, MethodType

FLUSH_AFTER = 0.02      # seconds after a poll: uvloop does not say when it is about to sleep


class Wrapped:
    """A callback that looks like the one that it calls."""
    __slots__ = ("_callback", "_loop", "args")

    def __init__(self, callback, loop):
        self._callback = callback
        self._loop = loop

    def __getattr__(self, name):
        return getattr(self._callback, name)

    def __repr__(self):
        return repr(self._callback)


def call(wrapped):
    try:
        wrapped._callback(*wrapped.args)
    finally:
        wrapped = None      # a traceback that leads to this frame must not keep the task alive


def start(recorder, uvloop):
    tasks = recorder.tasks
    if not tasks.active:
        return
    Loop = uvloop.Loop
    call_soon, call_later, call_soon_threadsafe = Loop.call_soon, Loop.call_later, Loop.call_soon_threadsafe
    poll, run_plain = recorder.poll_with(call), recorder.run_plain_with(call)

    class Step(Wrapped):
        """A callback that resumes a task."""
        __slots__ = ("entry",)

        def __call__(self, *args):
            self.args = args
            known = self.entry.loop if self.entry is not tasks.NO_ENTRY else None
            if known is not None and not known.flush_planned:
                known.flush_planned = True
                call_later(self._loop, FLUSH_AFTER, flush, known)
            try:
                poll(self)
            finally:
                self = known = args = None      # as above

    class Plain(Wrapped):
        """Another callback, which may wake tasks."""
        __slots__ = ("cause",)

        def __call__(self, *args):
            self.args = args
            run_plain(self)

    def flush(known):
        known.flush_planned = False
        tasks.flush()

    def wrap(loop, callback, due=None):
        """Returns the callback, wrapped if it resumes or may wake a task. `due` is when a timer's was asked for."""
        if not tasks.active or not callable(callback):
            return callback
        task = recorder.resumed_task(callback)
        if task is not None:
            step = Step(callback, loop)
            step.entry = recorder.note_wake(task, loop)
            return step
        function = callback.__func__ if type(callback) is MethodType else callback
        module = getattr(function, "__module__", None)
        if type(callback) is BuiltinFunctionType or type(module) is str and module.startswith("asyncio."):
            plain = Plain(callback, loop)
            plain.cause = (due, 0, 0) if due else recorder.cause_here(loop)
            return plain
        return callback

    def soon(self, callback, *args, context=None):
        return call_soon(self, wrap(self, callback), *args, context=context)

    def soon_threadsafe(self, callback, *args, context=None):
        return call_soon_threadsafe(self, wrap(self, callback), *args, context=context)

    def later(self, delay, callback, *args, context=None):
        # uvloop counts whole milliseconds, and has no end of time.
        due = tasks.now() + round(delay * 1000) * 1_000_000 if type(delay) in (int, float) and 0 < delay < 1e9 else None
        return call_later(self, delay, wrap(self, callback, due), *args, context=context)

    def main_of(loop):
        """Returns the task that the loop is told to complete, by the callback that will stop the loop."""
        for entry in list(tasks.entries.values()):
            task = entry()
            for callback in getattr(task, "_callbacks", None) or ():
                if str(getattr(callback[0], "__qualname__", "")).endswith("run_until_complete.<locals>.done_cb"):
                    return task
        return None

    recorder.replace(Loop, "call_soon", soon)
    recorder.replace(Loop, "call_soon_threadsafe", soon_threadsafe)
    recorder.replace(Loop, "call_later", later)
    recorder.replace(Loop, "run_forever", recorder.run_loop_with(Loop.run_forever, main_of))
    recorder.replace(Loop, "close", recorder.close_with(Loop.close))
    recorder.replace(Loop, "is_running", recorder.is_running_with(Loop.is_running))
    if sys.version_info >= (3, 12):
        recorder.replace(Loop, "create_task", recorder.create_task_with(Loop.create_task))
