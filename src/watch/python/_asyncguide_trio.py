"""Records tasks that run on trio. `sitecustomize.py` starts this once the program has imported trio.

trio tells instruments what its tasks do; each `trio.run` gets one more, and is a scene. How a task ended is not told, so
that is read from trio's own function that ends it. Deadlines are not told either: a timer that fires late, because a task
held the loop, is seen as a wake when it fires. System tasks have no lanes.
"""
import sys

get_frame = sys._getframe


def start(recorder, trio):
    tasks = recorder.tasks
    if not tasks.active:
        return
    guarded, now = tasks.guarded, tasks.now
    tasks.cancelling += (trio.Cancelled,)

    class Task:
        """A task of trio, seen as one of asyncio."""
        __slots__ = ("own", "name", "entry", "outcome", "cpu", "woken", "__weakref__")

        def __init__(self, own):
            self.own = own
            self.name = own.name
            self.entry = self.outcome = None

        def get_coro(self):
            return self.own.coro

        def get_name(self):
            # trio calls a task after its function unless the program calls it something else.
            return "None" if self.name.endswith("." + self.own.coro.__qualname__) else str(self.name)

        def done(self):
            return self.outcome is not None

        def cancelled(self):
            return is_cancelled(self._exception)

        @property
        def _exception(self):
            return getattr(self.outcome, "error", None)

    def is_cancelled(error):
        parts = getattr(error, "exceptions", None)
        return all(map(is_cancelled, parts)) if parts else isinstance(error, trio.Cancelled)

    class Run:
        """A run of trio, seen as a loop of asyncio."""
        __slots__ = ("known", "tasks", "main", "__weakref__")

        def __init__(self):
            self.known = self.main = None
            self.tasks = {}     # a task of trio -> its Task

    Run.__module__ = "trio"

    class Recorder(trio.abc.Instrument):
        """Tells of one run."""

        def __init__(self):
            self.run = Run()

        @guarded
        def task_spawned(self, own):
            run = self.run
            nursery = own.parent_nursery
            of_trio = nursery is None or nursery.parent_task.parent_nursery is None
            if of_trio and own.coro.cr_code.co_filename.startswith(HOME):
                return
            task = run.tasks[own] = Task(own)
            task.entry = tasks.meet(task, run, own.coro)
            if run.main is None:
                run.main = task
                run.known = tasks.enter_loop(run, task, False)

        @guarded
        def task_scheduled(self, own):
            task = self.run.tasks.get(own)
            entry = task.entry if task is not None else None
            # A task that has just been made is ready anyway.
            if entry is None or entry.scene is not tasks.scene or entry.last == entry.at:
                return
            if entry.loop.running == entry.mark:
                entry.woken = entry.start       # a wake during the task's own poll counts from the poll's end
            else:
                tasks.wake(entry, task)

        @guarded
        def before_task_step(self, own):
            task = self.run.tasks.get(own)
            if task is None or task.entry.scene is not tasks.scene:
                return
            entry = task.entry
            thread = entry.loop.thread
            task.woken, entry.woken = entry.woken, 0
            start = now()
            if start > thread.cpu_due:
                thread.cpu, thread.switches = tasks.cpu_now(), tasks.switches()
                thread.cpu_due = start + tasks.CPU_AGE
            entry.start = thread.slots[1] = start
            thread.slots[0] = entry.loop.running = entry.mark

        @guarded
        def after_task_step(self, own):
            end = now()
            task = self.run.tasks.get(own)
            if task is None or task.entry.scene is not tasks.scene:
                return
            entry = task.entry
            thread = entry.loop.thread
            start = entry.start
            thread.slots[0], entry.loop.running = thread.outer, 0
            entry.last = end
            thread.put((entry.base, task.woken, start, end))
            if end - start > tasks.LONG:
                entry.used = tasks.tell_cpu(thread, entry.base, start, end)
            if entry.lanes:
                tasks.poll_lanes(entry, task.woken, start, end)
            if task.outcome is not None:
                del self.run.tasks[own]
                tasks.finish(entry, task, end)
            elif not entry.dirty:
                tasks.suspend(entry)
            if end > tasks.next_busy:
                tasks.flush()

        @guarded
        def task_exited(self, own):
            task = self.run.tasks.get(own)
            if task is None:
                return
            frame = get_frame(1)
            while frame is not None and frame.f_code.co_name != "task_exited":
                frame = frame.f_back
            if frame is not None:
                runner, task.outcome = recorder.locals_of(frame, ["self", "outcome"])
                if own is getattr(runner, "main_task", None):
                    task.outcome = runner.main_task_outcome

        @guarded
        def before_io_wait(self, timeout):
            if timeout * 1e9 > tasks.IDLE or timeout > 0 and now() > tasks.next_idle:
                tasks.flush()

        @guarded
        def after_run(self):
            run = self.run
            if run.known is not None:
                tasks.leave_loop(run.known, run.main, False, isinstance(run.main._exception, KeyboardInterrupt))

    run_plain = trio.run
    HOME = trio.__file__.rpartition("__init__")[0]

    def run(async_fn, *args, instruments=(), **options):
        if tasks.active:
            instruments = [*instruments, Recorder()]
        return run_plain(async_fn, *args, instruments=instruments, **options)

    recorder.replace(trio, "run", run)
    for module in (trio._core, trio._core._run):
        module.run = trio.run
