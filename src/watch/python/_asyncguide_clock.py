"""An exact clock for event loops: it stands still while tasks run, and jumps to the next timer when all of them wait.

`recorder.py` loads this if ASYNCGUIDE_WATCH_CLOCK is `virtual`. `loop.time()` and all recorded moments come from the clock, so
three naps of 1 s take exactly 3 s in turn and 1 s together, in a few milliseconds of real time. Computing and
`time.sleep` cost nothing on it; how long one step really held the loop is told as a figure.

The clock goes on like a real one while something beside the loop is at work, because nobody knows when that will be done:
threads, calls in pools, and sockets, pipes and processes that the loop listens to. The stream says so.
"""
import sys
import threading
import time
import _thread
from functools import wraps
from heapq import heappop

# Bound at the start: the program gets shifted ones.
real_now = time.monotonic_ns

ORIGIN = 1_000_000_000_000      # ns: small, so that moments as fractions of a second are exact
FAR = 1e9                       # s: a timer that is due later is none
FLUSH_AFTER = 50_000_000        # ns of real time
NOTABLE = 50_000_000            # ns of real time for which one step may hold the loop without a word
LONG = 1_000_000                # ns of real time from which on a step is looked at closely
LISTENS = "sockets, pipes or processes"
CLOCKS = "monotonic", "perf_counter", "time"


class Clock:
    """The moment now. It is one tuple, because other threads read it at any time."""

    def __init__(self):
        self.state = ORIGIN, None       # the moment, and since which real moment the clock goes on from there, or None
        self.jumped = 0                 # ns, all jumps together
        self.forever = False            # whether it goes on until the end

    def now(self):
        at, since = self.state
        return at if since is None else at + real_now() - since

    def time(self):
        return self.now() / 1e9

    def go_on(self):
        if self.state[1] is None:
            self.state = self.state[0], real_now()

    def stop(self):
        """Has the clock stand still. Returns for how long it has gone on."""
        at, since = self.state
        if since is None or self.forever:
            return 0
        went = real_now() - since
        self.state = at + went, None
        return went

    def jump(self, at):
        before = self.state[0]
        if at > before:
            self.state = at, None
            self.jumped += at - before


class Known:
    """What the open scene is told to have taken in real time."""

    def __init__(self):
        self.held = 0           # ns: the longest step
        self.waited = 0         # ns: for how long the clock went on like a real one
        self.outside = []       # what was at work beside the loop
        self.stuck = False      # whether it was told that nothing can wake the program any more


def start(recorder):
    """Gives all loops of asyncio the exact clock. `recorder` has begun, and has replaced nothing yet."""
    tasks, Base, pools = recorder.tasks, recorder.Base, {}
    clock, known, under_way = Clock(), Known(), {}
    next_flush = 0

    # ------------------------------------------------------------ what is at work beside the loop

    def outside_of(loop):
        """Returns what is at work beside the loop, or None."""
        if clock.forever or type(loop).time is not Base.time or "time" in loop.__dict__:
            return "a clock of its own"
        for key, future in list(under_way.items()):
            if future.cancelled():
                under_way.pop(key, None)
        if under_way or _thread._count() > workers():
            return "threads"
        return LISTENS if len(loop._selector.get_map()) > 1 else None

    def workers():
        """Returns how many threads of pools there are. Those that have nothing to do are not at work."""
        known_workers = getattr(pools.get("module"), "_threads_queues", ())
        return sum(thread.is_alive() for thread in list(known_workers))

    def go_on(reason):
        clock.go_on()
        if reason not in known.outside:
            known.outside.append(reason)

    def watch_pool(pool):
        """Notes which calls in pools are under way."""
        patch_pool(pool)
        pools["module"] = pool
        item = pool._WorkItem
        init, run = item.__init__, item.run

        def __init__(self, *args, **kwargs):
            init(self, *args, **kwargs)
            under_way[id(self)] = self.future
            go_on("threads")

        def run_item(self, *args):
            try:
                return run(self, *args)
            finally:
                under_way.pop(id(self), None)
                self = None     # a traceback that leads to this frame must not keep it alive

        recorder.replace(item, "__init__", __init__)
        recorder.replace(item, "run", run_item)

    def start_thread(self):
        go_on("threads")
        return begin_thread(self)

    # ------------------------------------------------------------ turns of the loop

    def run_once(loop):
        if tasks.scene is not None:
            before_turn(loop)
        return run_turn(loop)

    @tasks.guarded
    def before_turn(loop):
        """Lets the clock jump to the next timer if all that the program does is to wait for that."""
        nonlocal next_flush
        outside = outside_of(loop)
        if outside is not None:
            go_on(outside)
        else:
            known.waited += clock.stop()
            if not loop._ready and not loop._stopping and not loop._selector.select(0):
                jump(loop)
        at = real_now()
        if at > next_flush:
            tasks.flush()
            next_flush = at + FLUSH_AFTER

    def jump(loop):
        timers = loop._scheduled
        while timers and timers[0]._cancelled:
            loop._timer_cancelled_count -= 1
            heappop(timers)._scheduled = False
        if timers and timers[0]._when < FAR:
            clock.jump(round(timers[0]._when * 1e9))
        elif not getattr(loop, "_signal_handlers", None) and not known.stuck:
            known.stuck = True
            tell("stuck", text="nothing can wake the program any more")
            tasks.flush()

    def timed(run):
        """Returns a method that runs a callback, and measures for how long it really holds the loop."""
        def run_timed(handle):
            began, computed, switched = real_now(), recorder.cpu_now(), recorder.switches()
            try:
                run(handle)
            finally:
                held = real_now() - began
                if held > LONG:
                    note_held(held, computed, switched)
                handle = None       # as above
        return run_timed

    @tasks.guarded
    def note_held(held, computed, switched):
        if recorder.switches() == switched:
            held = recorder.cpu_now() - computed        # other programs had the core for the rest
        known.held = max(known.held, held)
        if held > NOTABLE:
            tasks.tell_mark("held the loop for %.2f s of real time" % (held / 1e9), None, None)

    class ExactTimer(recorder.TimerHandle):
        """A timer. Those that are due at the same moment fire in the order in which they were asked for."""
        __slots__ = ("order",)
        count = 0

        def __init__(self, *args):
            super().__init__(*args)
            ExactTimer.count += 1
            self.order = ExactTimer.count

        def __lt__(self, other):
            return (self._when, self.order) < (other._when, other.order)

    ExactTimer.__name__ = ExactTimer.__qualname__ = "TimerHandle"
    ExactTimer.__module__ = recorder.TimerHandle.__module__

    # ------------------------------------------------------------ scenes

    def tell(name, **figure):
        tasks.scene.lines.append(tasks.line("figure", name=name, **figure))

    def open_scene(main, module):
        known.__init__()
        clock.forever = clock.forever or module in ("uvloop", "trio")
        if clock.forever:
            go_on(module)
        return begin_scene(main, module)

    def close_scene():
        if tasks.scene is not None:
            _, since = clock.state
            known.waited += real_now() - since if since is not None else 0
            tell("held for real", value=known.held, unit="ns")
            if known.waited:
                tell("waited for real", value=known.waited, unit="ns")
                tell("outside", text=", ".join(known.outside))
        return end_scene()

    def shifted(read, unit):
        """Returns one of the program's clocks, which goes on by all jumps."""
        @wraps(read)
        def read_shifted():
            return read() + clock.jumped // unit if unit == 1 else read() + clock.jumped / unit
        return read_shifted

    # ------------------------------------------------------------ start

    patch_pool, begin_thread, run_turn = recorder.patch_pool, recorder.start_thread, recorder.run_once
    begin_scene, end_scene = tasks.open_scene, tasks.close_scene
    recorder.patch_pool, recorder.start_thread, recorder.run_once = watch_pool, start_thread, run_once
    tasks.open_scene, tasks.close_scene = open_scene, close_scene
    tasks.now = recorder.now = clock.now
    recorder.replace(Base, "time", lambda _: clock.time())
    tasks.machine_time = Base.time
    recorder.events.TimerHandle = ExactTimer
    recorder.StepHandle._run = recorder.poll_with(timed(recorder.run_handle))
    recorder.run_handle = timed(recorder.run_handle)
    for name in CLOCKS:
        setattr(time, name, shifted(getattr(time, name), 1e9))
        setattr(time, name + "_ns", shifted(getattr(time, name + "_ns"), 1))
