"""Records what the asyncio tasks of an unmodified program do, as an event stream.

`docs/events.md` specifies the stream. It goes where ASYNCGUIDE_WATCH says: `unix:/path/of/socket`, `fd:N`, or the path
of a file. `sitecustomize.py`, beside this file, starts the recorder in every Python process; for a Python that ignores
its environment, `python3 -I recorder.py script.py args...` does the same. CPython 3.8 to 3.14, standard library only.

A task of asyncio is resumed by a callback that it hands to `loop.call_soon`, and the loop calls callbacks through
`Handle._run`. So the call of `call_soon` is the wake, and `_run` is the poll. Everything else here is about names,
places, and what a program can do that must work as it does without a recorder.

Numbers are kept in one list for each thread, four for each record: see `packed` in the specification.
"""
import os
import sys
import time
import _thread
from _functools import partial
from _weakref import ref
from array import array
from binascii import b2a_base64
from itertools import count
from types import AsyncGeneratorType, BuiltinFunctionType, CoroutineType, GeneratorType, MethodType, ModuleType

try:
    from _json import encode_basestring_ascii       # `json` itself takes 5 ms to import
except ImportError:
    from json.encoder import encode_basestring_ascii

# Bound at the start, because a program's tests may put mocks in their places later.
now = time.monotonic_ns
sleep = time.sleep
get_ident = _thread.get_ident
get_frame = sys._getframe
getpid, os_write, os_open, os_close, fstat = os.getpid, os.write, os.open, os.close, os.fstat
try:
    cpu_now = time.thread_time_ns
except AttributeError:
    cpu_now = int

HERE = os.path.abspath(__file__)
FOLDER = os.getcwd()        # replaced by the folder in which the program was started
LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
DEBUG = bool(os.environ.get("ASYNCGUIDE_WATCH_DEBUG"))

LONG = 1_000_000                # ns: a callback or a poll of this length is told in detail, a wait with its place
CPU_AGE = 200_000               # ns: a reading of the thread's CPU time is used for this long
BUSY = 50_000_000               # ns between two writes while the loop does not sleep
IDLE = 5_000_000                # ns between two writes while it sleeps often
MOST_NUMBERS = 1 << 16          # numbers in a thread's list before it is written
LINE_NUMBERS = 1 << 14          # numbers in one line: 175 kB of the 256 KiB that a line may have
MOST_UNSENT = int(os.environ.get("ASYNCGUIDE_WATCH_UNSENT", 64 << 20))      # bytes
MOST_TASKS = 2_000_000          # in a scene; docs/events.md allows 2,097,152
MOST_SITES = 65_536
MOST_LANES = 16                 # coroutines of one task that have lanes of their own
MOST_HOPS = 3                   # callbacks that hand a cause on: one that calls itself again and again must not keep it
MOST_LOOKS = 200                # tasks whose place is looked up in one go while the loop is busy
EXIT_PATIENCE = 2_000_000_000   # ns that the end of the program waits for the reader

POLL, WAKE, STANDS, END, CPU = range(5)

active = False      # whether anything is recorded at all
scene = None        # the open Scene
output = None       # the open Output
target = None       # where the output goes, as ASYNCGUIDE_WATCH says; None if this process must not write
entries = {}        # id(task) -> Entry
loops = {}          # id(loop) -> Loop
dirty = []          # entries of tasks that were suspended, and whose place has not been looked up since
shared_slots = None     # the numbers of the `.running` file, or None without one
next_busy = next_idle = 0       # moments of the next write
lost = 0            # records dropped since this was last told
full = False        # whether too much is unsent
write_lock = _thread.allocate_lock()
book_lock = _thread.RLock()         # for numbers that must come in order: threads and sites


# ---------------------------------------------------------------- lines

def quote(text):
    """Returns the text as a JSON string in ASCII. A lone surrogate, which no reader takes, becomes `?`."""
    quoted = encode_basestring_ascii(text)
    if "\\ud" in quoted:
        quoted = encode_basestring_ascii(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return quoted


def to_json(value):
    if isinstance(value, dict):
        return "{" + ",".join(f"{quote(key)}:{to_json(item)}" for key, item in value.items() if item is not None) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(to_json, value)) + "]"
    if value is True or value is False:
        return "true" if value else "false"
    if value is None:
        return "null"
    return str(int(value)) if isinstance(value, int) else quote(str(value))


def line(event, **fields):
    """Returns one line of the stream. Fields that are None are left out."""
    return to_json(dict(event=event, **fields)) + "\n"


# ---------------------------------------------------------------- output

class Output:
    """The open stream. Writing never blocks: what the reader does not take yet waits in `unsent`."""

    def __init__(self, where):
        self.unsent = []
        self.size = 0
        self.descriptor = move_up(open_target(where))
        os.set_inheritable(self.descriptor, False)
        os.set_blocking(self.descriptor, False)
        self.identity = self.identify()

    def identify(self):
        status = fstat(self.descriptor)
        return status.st_dev, status.st_ino

    def send(self, data, patience=0):
        """Writes the data and what waits before it. Tries again for `patience` ns if the reader does not take it."""
        if data:
            self.unsent.append(data)
            self.size += len(data)
        # A program may close every descriptor and get the same number for a file of its own.
        if self.identify() != self.identity:
            raise OSError("the descriptor of the stream was closed")
        until = now() + patience if patience else 0
        while self.unsent:
            head = self.unsent[0]
            try:
                sent = os_write(self.descriptor, head)
            except BlockingIOError:
                if now() >= until:
                    return
                sleep(0.005)
                continue
            self.size -= sent
            if sent < len(head):
                self.unsent[0] = memoryview(head)[sent:]
            else:
                del self.unsent[0]


def open_target(where):
    if where.startswith("unix:"):
        import _socket
        socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        socket.setsockopt(_socket.SOL_SOCKET, _socket.SO_SNDBUF, 1 << 20)
        socket.connect(where[5:])
        return socket.detach()
    if where.startswith("fd:"):
        return int(where[3:])
    return os_open(where, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def move_up(descriptor):
    """Moves the descriptor out of the way, so that the program's own files get the numbers that they would have."""
    try:
        import fcntl
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 240)
    except (ImportError, AttributeError, OSError):
        return descriptor
    os_close(descriptor)
    return moved


def open_output():
    """Opens the stream and says which program this is. Does nothing if it is open, or if it cannot be opened."""
    global output, target
    if output is not None or target is None:
        return
    try:
        opened = Output(target)
        opened.send(run_line().encode("ascii"))
        output = opened
    except Exception:
        target = None
        give_up()


def run_line():
    arguments = [argument[:200] for argument in getattr(sys, "argv", [])[:64]]
    command = [os.path.basename(sys.executable or "python3")] + arguments
    return line(
        "run", schema=1, program="asyncguide python recorder", lesson=os.path.basename(script_path()) or "python3",
        clock="real", inputs={"tasks": 0, "delay": 0},
        process={"pid": getpid(), "parent": os.getppid(), "command": command, "folder": FOLDER},
        language={"name": "python", "implementation": sys.implementation.name,
                  "version": ".".join(map(str, sys.version_info[:3]))})


def script_path():
    main = sys.modules.get("__main__")
    path = getattr(main, "__file__", None)
    return os.path.join(FOLDER, path) if type(path) is str else ""


def collect(current):
    """Returns what was recorded since the last time. Lines come first: they name all that the numbers speak of."""
    global lost, full
    blocks = []
    for thread in list(current.threads.values()) + current.ended:
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
    elif lost:
        parts.append(line("lost", records=lost))
        lost = 0
    for index, block in blocks:
        for first in range(0, len(block), LINE_NUMBERS):
            data = b2a_base64(array("q", block[first:first + LINE_NUMBERS]), newline=False).decode("ascii")
            parts.append('{"event":"packed","zero":%d,"thread":%d,"data":"%s"}\n' % (current.zero, index, data))
    return "".join(parts)


def flush(patience=0):
    """Writes what was recorded. Another thread that is about to do so does it for this one."""
    global next_busy, next_idle
    current = scene
    if current is None or output is None or not write_lock.acquire(False):
        return
    try:
        look_up(None if patience else MOST_LOOKS)
        output.send(collect(current).encode("ascii"), patience)
        at = now()
        next_busy = at + BUSY
        next_idle = at + IDLE
    except Exception:
        give_up()
    finally:
        write_lock.release()


def give_up():
    """Stops recording, because the recorder is wrong or cannot write. The program goes on."""
    global active, scene
    if DEBUG:
        import traceback
        traceback.print_exc()
    active = False
    scene = None
    entries.clear()


# ---------------------------------------------------------------- scenes, loops and threads

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
        self.threads = {}           # ident -> Thread
        self.ended = []             # Threads whose ident was given to another one
        self.sites = {}             # (id(code), line) -> (number, code)
        self.awaited = set()        # (site, what is awaited there) that were told
        self.next_task = count().__next__
        self.next_thread = 0


class Thread:
    """A thread that takes part in a scene."""
    __slots__ = ("index", "numbers", "put", "slots", "slot", "outer", "cpu", "cpu_due")

    def __init__(self, index):
        self.index = index
        self.numbers = []
        self.put = self.numbers.extend      # one call, and atomic
        shown = shared_slots is not None and index < 256
        self.slots = shared_slots if shown else [0, 0]
        self.slot = 2 * index if shown else 0
        self.outer = 0      # 1 + the task of the call or the thread that runs here, or 0
        self.cpu = 0        # the CPU time that the thread had used when it was last asked
        self.cpu_due = 0    # when to ask again


class Loop:
    """What is known of an event loop. Not an attribute of it: that would slow down all its others."""
    __slots__ = ("reference", "scene", "thread", "ident", "running", "cause", "cause_by", "selected", "real", "eager",
                 "hops", "lane", "held", "main", "depth")

    def __init__(self):
        self.scene = self.thread = self.ident = self.main = self.reference = None
        self.running = 0        # 1 + the task that is polled, or 0
        self.cause = 0          # during a plain callback: since when it was ready to run
        self.cause_by = 0       # and 1 + the task that asked for it, or 0
        self.hops = 0           # and how many callbacks led to it
        self.selected = 0       # when the selector returned with something, in this turn of the loop
        self.real = True        # whether its clock is the machine's
        self.eager = None       # the EagerStart under way
        self.lane = 0           # 1 + the number of the lane "the loop", or 0
        self.held = False       # whether asyncio's runner cleans it up and closes it later
        self.depth = 0


def loop_of(loop):
    key = id(loop)
    known = loops.get(key)
    if known is None:
        known = loops[key] = Loop()
        known.real = has_real_clock(loop)
        try:
            known.reference = ref(loop, lambda _: loops.pop(key, None))
        except TypeError:
            pass
    return known


def has_real_clock(loop):
    return True     # replaced once asyncio is there


def thread_here():
    """Returns this thread's part in the open scene."""
    current = scene
    ident = get_ident()
    thread = current.threads.get(ident)
    if thread is None:
        with book_lock:
            thread = Thread(current.next_thread)
            current.next_thread += 1
            current.lines.append(line("thread", thread=thread.index, name=thread_name(ident)[:200]))
            current.threads[ident] = thread
    return thread


def thread_name(ident):
    threading = sys.modules.get("threading")
    known = getattr(threading, "_active", {}).get(ident)
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
    thread = current.threads.get(get_ident())
    return thread.outer if thread is not None else 0


def get_running_loop():
    return None     # replaced once asyncio is there


def open_scene(main):
    """Opens a scene for the future that a loop is told to complete, or None if it is to run forever."""
    global scene, next_busy
    open_output()
    if output is None:
        return
    entry = entries.get(id(main)) if main is not None else None
    name, title = ("main", "main()") if entry is None else (entry.function, entry.label)
    if main is None:
        name = title = os.path.basename(script_path()) or "loop"
    opened = Scene(name)
    opened.lines.append(line("scene", scene=name, title=title, file=script_path(), started=opened.zero,
                             runtime={"name": "asyncio", "flavor": "current_thread", "workers": 1}))
    if shared_slots is not None:
        for slot in range(0, len(shared_slots), 2):
            shared_slots[slot] = 0
    next_busy = 0       # the first poll is written at once, so that a reader knows its tasks from the start
    del dirty[:]
    scene = opened
    if entry is not None:
        tell_created(entry)
    for other in list(entries.values()):
        if other is not entry:
            tell_created(other)


def close_scene():
    """Ends the open scene. Tasks that are left of it are known no more, and become those of the next one if it runs."""
    global scene, lost
    current = scene
    for entry in list(entries.values()):
        task = entry()
        if task is not None and entry.dirty:
            look_at(entry, task)
    for loop in list(loops.values()):
        if loop.lane and loop.scene is current:
            loop.thread.put((END | loop.lane - 1 << 3, current.latest, 0, 0))
        loop.lane = 0
    if not write_lock.acquire(True, 0.5):
        give_up()
        return
    try:
        rest = collect(current)
        scene = None
        entries.clear()
        wall = max(current.latest - current.zero, 0)
        rest += collect(current)
        if lost:
            rest += line("lost", records=lost)
            lost = 0
        rest += line("scene_end", scene=current.name, wall=wall, outcome=current.outcome)
        output.send(rest.encode("ascii"))
    except Exception:
        give_up()
    finally:
        write_lock.release()


def enter_loop(loop, main, held, cleaning):
    """A loop begins to run. `held` says that asyncio's runner closes it later, `cleaning` that it does so now."""
    known = loop_of(loop)
    known.depth += 1
    if known.depth > 1:
        return known
    current = scene
    if current is not None and known in current.members and not cleaning and len(current.members) == 1:
        close_scene()
    if scene is None:
        open_scene(main)
        if scene is None:
            return known
        scene.owner = known
    known.thread = thread_here()
    known.ident = get_ident()
    known.scene = scene
    known.running = known.cause = 0
    known.eager = None
    known.held = held
    if not cleaning:
        known.main = ref(main) if main is not None else None
    scene.members.add(known)
    return known


def leave_loop(known, interrupted):
    """A loop has stopped. Unless its runner cleans it up later, it takes no part in the scene any more."""
    known.depth -= 1
    current = scene
    if known.depth or current is None or known.scene is not current:
        return
    current.latest = now()
    known.running = 0
    if known is current.owner and known.main is not None:
        current.outcome = "interrupted" if interrupted else outcome_of(known.main())
        known.main = None
    if known.held:
        flush()
    else:
        depart(known)


def depart(known):
    current = scene
    if current is None or known.depth or known not in current.members:
        return
    current.members.discard(known)
    if not current.members:
        close_scene()


def outcome_of(future):
    """Returns how a future ended, as the stream says it."""
    if future is None or not future.done():
        return "done"
    if future.cancelled():
        return "cancelled"
    # `exception()` would count as retrieving it, and asyncio would not report one that is never retrieved.
    error = future._exception
    return "done" if error is None else {"panicked": {"message": message_of(error)}}


def message_of(error):
    kind = error if isinstance(error, type) else type(error)
    text = "" if isinstance(error, type) else str(error)
    return (f"{kind.__name__}: {text}" if text else kind.__name__)[:2000]


# ---------------------------------------------------------------- names and places

PLAIN = (str, int, float, bool, type(None), bytes)
users = {}      # file name -> whether its code is the user's


def is_users(code):
    name = code.co_filename
    known = users.get(name)
    if known is None:
        installed = "site-packages" in name or "dist-packages" in name
        known = users[name] = not (installed or name.startswith((LIBRARY, "<frozen")) or os.path.dirname(name) ==
                                   os.path.dirname(HERE))
    return known


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
            file = os.path.join(FOLDER, file)
        function = getattr(code, "co_qualname", code.co_name)
        current.lines.append(line("site", site=index, file=file, line=max(number or 0, 0), function=function[:200]))
        current.sites[key] = index, code        # the code is kept, so that no other one gets its id
    return index


def calling_place():
    """Returns code and line of the user's statement that led here, or else of the library's."""
    frame = get_frame(2)
    library = None
    for _ in range(40):
        if frame is None:
            break
        code = frame.f_code
        if is_users(code):
            return code, frame.f_lineno
        if library is None and "asyncio" not in code.co_filename and code.co_filename != HERE:
            library = code, frame.f_lineno
        frame = frame.f_back
    return library


def shown(value):
    if type(value) not in PLAIN:
        return None
    text = "%.6g" % value if type(value) is float else repr(value)
    return text if len(text) <= 24 else None


def call_text(name, values):
    """Returns a call as a user wrote it, with plain arguments only: `nap('A', 0.2)`."""
    texts = [shown(value) for value in values]
    while texts and texts[-1] in (None, "None"):
        texts.pop()
    name = name.replace("<locals>.", "").replace("<lambda>", "lambda")
    return "%s(%s)" % (name, ", ".join("…" if text is None else text for text in texts))


def coroutine_name(coroutine):
    name = getattr(coroutine, "__qualname__", None)
    return name if type(name) is str else type(coroutine).__name__


def coroutine_text(coroutine):
    name = coroutine_name(coroutine)
    frame = coroutine.cr_frame if type(coroutine) is CoroutineType else None
    if frame is None:
        return call_text(name, ())
    code = frame.f_code
    arguments = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
    if not arguments:
        return call_text(name, ())
    local = frame.f_locals
    values = [local.get(argument) for argument in arguments if argument not in ("self", "cls")]
    if type(local) is dict:
        local.clear()       # before 3.13 the frame keeps this dict, which would keep the arguments alive
    return call_text(name, values)


def function_text(function, arguments):
    # By exact types: a mock has every attribute, without an end.
    while type(function) is partial:
        arguments = tuple(function.args) + tuple(arguments)
        function = function.func
    name = getattr(function, "__qualname__", None)
    if type(name) is not str:
        name = type(function).__name__
    if name == "Context.run" and arguments:
        return function_text(arguments[0], arguments[1:])
    if type(function) is BuiltinFunctionType and type(function.__module__) is str:
        name = f"{function.__module__}.{name}"
    return call_text(name, arguments)


def is_default_name(name):
    # 3.13.0 calls a task that a factory made "None".
    return name == "None" or name.startswith("Task-") and name[5:].isdigit()


# ---------------------------------------------------------------- tasks

class Entry(ref):
    """A task, which this does not keep alive."""
    __slots__ = ("key", "scene", "loop", "base", "mark", "name", "label", "function", "place", "code", "parent", "at",
                 "start", "last", "woken", "told", "lanes", "ended", "lane_end", "dirty", "opaque")


class NoEntry:
    """Stands for the entry of a task that is not recorded: it is of no scene."""
    scene = False


NO_ENTRY = NoEntry()


def meet(task, loop, at, coroutine=None, mark=0):
    """Returns the entry of a task that was not known: it is being made, by the code that is on the stack."""
    if not active or full:
        return NO_ENTRY
    if coroutine is None:
        coroutine = task.get_coro()
    entry = Entry(task, dropped)
    known = loop_of(loop)
    eager = known.eager
    if eager is not None and eager.coroutine is coroutine:
        mark, at, known.eager = eager.mark, eager.start, None
        eager.entry = entry
    entry.key = id(task)
    entry.scene = False     # of no scene yet
    entry.loop = known
    entry.mark = mark
    entry.at = entry.start = entry.last = at
    entry.woken = entry.told = entry.lane_end = 0
    entry.parent = eager.outer if eager is not None and eager.entry is entry else known.running
    entry.lanes = None
    entry.ended = []
    entry.dirty = False
    entry.opaque = True     # until its first suspension: a library's coroutine may only wrap a user's
    name = task.get_name()
    entry.name = None if is_default_name(name) else name
    entry.label = coroutine_text(coroutine)
    entry.function = coroutine_name(coroutine).replace("<locals>.", "")
    entry.place = calling_place()
    entry.code = getattr(coroutine, "cr_code", None)
    entries[entry.key] = entry
    if scene is not None:
        return tell_created(entry)
    return entry


def tell_created(entry):
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
    at = max(entry.at - current.zero, 0)
    parts = ['{"event":"created","task":%d,"at":%d,"kind":"%s","name":%s' % (
        number, at, kind_of(entry.code), quote((entry.name or entry.label)[:200]))]
    if entry.parent:
        parts.append(',"parent":%d' % (entry.parent - 1))
    if entry.place is not None:
        add_site(parts, "site", entry.place[0], entry.place[1])
    if entry.code is not None:
        add_site(parts, "code", entry.code, entry.code.co_firstlineno)
    parts.append('}\n{"event":"spawned","task":%d,"at":%d}\n' % (number, at))
    current.lines.append("".join(parts))
    entry.place = entry.code = None
    return entry


def add_site(parts, field, code, number):
    index = site(code, number)
    if index is not None:
        parts.append(',"%s":%d' % (field, index))


def kind_of(code):
    """asyncio's own tasks that close a loop down have no lanes."""
    own = code is not None and code.co_name.startswith("shutdown_") and code.co_filename.endswith("base_events.py")
    return "scene" if own else "future"


def dropped(entry):
    """A task is gone. If it was not finished, nothing referred to it any more."""
    if scene is None:
        if entries and entries.get(entry.key) is entry:
            del entries[entry.key]
        return
    if entries.get(entry.key) is entry and entry.scene is scene:
        del entries[entry.key]
        at = now()
        if entry.lanes is not None:
            cut_lanes(entry, 0, at)
            tell_ended(entry, 1)
        entry.loop.thread.put((END | entry.base, at, 1, 0))


def wake(entry, task, at):
    """A task is woken by something else than itself."""
    loop = entry.loop
    moment, by = at, loop.running
    if not by and loop.cause:
        moment, by = loop.cause, loop.cause_by
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
    outcome = outcome_of(task) if task is not None else "cancelled"
    failed = type(outcome) is dict
    cancelled = 1 if outcome == "cancelled" else 0
    if entry.lanes is not None:
        cut_lanes(entry, 0, at)
        tell_ended(entry, outcome if failed else cancelled, set(traceback_codes(task._exception)) if failed else ())
    if failed:
        entry.scene.lines.append(line("end", task=entry.mark - 1, at=at - entry.scene.zero, outcome=outcome))
    else:
        entry.loop.thread.put((END | entry.base, at, cancelled, 0))


def traceback_codes(error):
    step = getattr(error, "__traceback__", None)
    while step is not None:
        yield step.tb_frame.f_code
        step = step.tb_next


def rename(entry, task):
    """Tells the task's name if it has changed: up to 3.12, `create_task` names a task that exists already."""
    name = task.get_name()
    if name != entry.name and not is_default_name(name):
        entry.name = name
        entry.scene.lines.append(line("renamed", task=entry.mark - 1, name=name[:200]))


# ---------------------------------------------------------------- where tasks wait, and coroutines as lanes

class Lane(ref):
    """A coroutine of the user's that a task awaits. It has ended once the coroutine is gone."""
    __slots__ = ("base", "entry", "code", "began")


def awaited_by(thing):
    """Returns what a coroutine, generator or asynchronous generator awaits."""
    kind = type(thing)
    if kind is CoroutineType:
        return thing.cr_await
    if kind is GeneratorType:
        return thing.gi_yieldfrom
    if kind is AsyncGeneratorType:
        return thing.ag_await
    if kind.__name__ in ("async_generator_asend", "async_generator_athrow", "anext_awaitable", "coroutine_wrapper"):
        # No attribute leads from these to what they drive.
        import gc
        for held in gc.get_referents(thing):
            if type(held) in (AsyncGeneratorType, CoroutineType) or type(held).__name__.startswith("async_generator_a"):
                return held
    return None


def code_of(thing):
    kind = type(thing)
    if kind is CoroutineType:
        return thing.cr_code
    if kind is GeneratorType:
        return thing.gi_code
    return thing.ag_code if kind is AsyncGeneratorType else None


def frame_of(thing):
    kind = type(thing)
    if kind is CoroutineType:
        return thing.cr_frame
    return thing.gi_frame if kind is GeneratorType else thing.ag_frame


def look_up(most):
    """Looks up where suspended tasks wait: of all, or of at most `most` if others are likely to run on at once."""
    todo = dirty[:]
    del dirty[:len(todo)]
    looks = 0
    for entry in todo:
        task = entry()
        if task is None or not entry.dirty or entries.get(entry.key) is not entry:
            continue
        if looks == most:
            dirty.append(entry)
            continue
        looks += 1
        look_at(entry, task)


def look_at(entry, task):
    """Follows what a suspended task awaits: tells where it waits, and which coroutines of the user's it is in."""
    entry.dirty = False
    thing = task.get_coro()
    outermost = thing
    place = awaited = None
    depth = 0
    for _ in range(100):
        code = code_of(thing) if thing is not None else None
        if code is not None:
            if is_users(code):
                place, awaited = thing, None
                if thing is not outermost and type(thing) is CoroutineType and depth < MOST_LANES:
                    depth = keep_lane(entry, thing, code, depth)
            elif awaited is None:
                awaited = coroutine_name(thing)
        elif thing is None:
            break
        thing = awaited_by(thing)
    if entry.lanes is not None and depth < len(entry.lanes):
        cut_lanes(entry, depth, entry.last)
        tell_ended(entry, 0)
    if entry.opaque:
        entry.opaque = False
        rename(entry, task)
    if entry.woken == 0 or entry.last - entry.start > LONG:
        tell_place(entry, task, place or outermost, awaited)


def tell_place(entry, task, thing, awaited):
    if code_of(thing) is None:
        return
    frame = frame_of(thing)
    if frame is None:
        return
    index = site(frame.f_code, frame.f_lineno)
    if index is None:
        return
    waiter = getattr(task, "_fut_waiter", None)
    other = entries.get(id(waiter)) if waiter is not None else None
    other = other.mark if other is not None and other() is waiter else 0
    if awaited and (index, awaited) not in entry.scene.awaited:
        # The packed form has no room for what it awaits, so the first task to do so tells it in a line.
        entry.scene.awaited.add((index, awaited))
        at = max(entry.last - entry.scene.zero, 0)
        entry.scene.lines.append(line("stands", task=entry.mark - 1, at=at, site=index, awaits=awaited[:200],
                                      **({"for": other - 1} if other else {})))
    else:
        entry.loop.thread.put((STANDS | entry.base, entry.last, index, other))


def keep_lane(entry, coroutine, code, depth):
    """Makes sure that the coroutine is the lane at this depth. Returns the depth of the next one."""
    lanes = entry.lanes
    if lanes is None:
        lanes = entry.lanes = []
    if entry.opaque and entry.name is None and not lanes and not depth and not is_users_task(entry):
        # The task's own coroutine is a library's wrapper: the task is about this one.
        entry.name = entry.label = coroutine_text(coroutine)
        entry.scene.lines.append(line("renamed", task=entry.mark - 1, name=entry.label[:200]))
        lanes.append(new_lane(entry, coroutine, code, -1))
        return 1
    if depth < len(lanes) and lanes[depth]() is coroutine:
        return depth + 1
    if depth < len(lanes):
        cut_lanes(entry, depth, entry.last)
        tell_ended(entry, 0)
    current = entry.scene
    number = current.next_task()
    if number >= MOST_TASKS:
        return depth
    lane = new_lane(entry, coroutine, code, number << 3)
    parts = ['{"event":"created","task":%d,"at":%d,"parent":%d,"kind":"future","name":%s' % (
        number, max(lane.began - current.zero, 0), entry.mark - 1, quote(coroutine_text(coroutine)[:200]))]
    add_site(parts, "code", code, code.co_firstlineno)
    parts.append("}\n")
    current.lines.append("".join(parts))
    entry.loop.thread.put((lane.base, 0, lane.began, entry.last))
    lanes.append(lane)
    return depth + 1


def is_users_task(entry):
    task = entry()
    code = code_of(task.get_coro()) if task is not None else None
    return code is None or is_users(code)


def new_lane(entry, coroutine, code, base):
    lane = Lane(coroutine, lane_gone)
    lane.entry = entry
    lane.base = base        # -1 if it is the task itself, under a wrapper
    lane.code = code
    lane.began = min(max(entry.start, entry.lane_end), entry.last)
    return lane


def lane_gone(lane):
    """A coroutine is gone: the `await` that it was for is over."""
    entry = lane.entry
    lanes = entry.lanes
    if not lanes or entry.scene is not scene:
        return
    for depth, other in enumerate(lanes):
        if other is lane:
            cut_lanes(entry, depth, now())
            break


def poll_lanes(entry, woken, start, end):
    """Tells a poll of a task for the lanes in it too. The outcome of those that ended in it is told after this."""
    put = entry.loop.thread.put
    woken = woken or entry.told
    for lane, at in entry.ended:
        if lane.base >= 0:
            put((lane.base, woken, start, at))
    for depth, lane in enumerate(entry.lanes):
        if lane.base >= 0:
            put((lane.base, woken, start, end))
        coroutine = lane()
        if coroutine is not None and coroutine.cr_frame is None:
            # It has returned, but a variable still refers to it.
            cut_lanes(entry, depth, end)
            break


def cut_lanes(entry, depth, at):
    """Takes the lanes from `depth` on away from the task. What became of them is told later."""
    entry.lane_end = at
    entry.ended.extend((lane, at) for lane in entry.lanes[depth:])
    del entry.lanes[depth:]


def tell_ended(entry, outcome, codes=()):
    """Tells the end of lanes. `outcome` is 0, 1, or a dict if those with one of the `codes` failed."""
    ended, entry.ended = entry.ended, []
    for lane, at in ended:
        if lane.base < 0:
            continue
        if type(outcome) is dict and lane.code in codes:
            entry.scene.lines.append(line("end", task=lane.base >> 3, at=at - entry.scene.zero, outcome=outcome))
        else:
            entry.loop.thread.put((END | lane.base, at, 1 if outcome == 1 else 0, 0))


# ---------------------------------------------------------------- asyncio

PYTHON_STEPS = ("__step", "__wakeup", "_Task__step", "_Task__wakeup")
WRAPPERS = ("TaskStepMethWrapper", "TaskWakeupMethWrapper")
CALL_SOON_NAMES = {"events", "Handle", "_source_traceback", "_ready", "append"}
step_kinds = set()      # types whose instances are callbacks that resume a task


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


python_task = ()        # asyncio's task in Python, once asyncio is there


class EagerStart:
    """The first step of a task that runs inside the call that makes it. The task is not known until it is over."""
    __slots__ = ("coroutine", "mark", "outer", "start", "entry")


def disguise(new, old):
    """Makes a function look like the one that it replaces."""
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(new, name, getattr(old, name))
    new.__dict__.update(getattr(old, "__dict__", ()))
    new.__wrapped__ = old
    return new


def tell_cpu(thread, base, start, end):
    """Tells the CPU time of a poll of 1 ms or more. Up to 0.2 ms before its start may be counted with it."""
    spent = cpu_now()
    used = min(spent - thread.cpu, end - start)
    thread.cpu, thread.cpu_due = spent, end + CPU_AGE
    thread.put((CPU | base, start, max(used, 0), 0))


def tell_held(loop, callback, start, end, cause):
    """Tells that a plain callback held the loop."""
    current, thread = scene, loop.thread
    if loop.scene is not current or thread is None:
        return
    if not loop.lane:
        number = current.next_task()
        loop.lane = number + 1
        at = max(start - current.zero, 0)
        current.lines.append(line("created", task=number, at=at, kind="call", name="the loop"))
    thread.put((loop.lane - 1 << 3, max(min(cause, start), current.zero), start, end))
    tell_cpu(thread, loop.lane - 1 << 3, start, end)
    while type(callback) is partial:
        callback = callback.func
    code = getattr(getattr(callback, "__func__", callback), "__code__", None)
    name = getattr(callback, "__qualname__", None)
    name = name if type(name) is str else type(callback).__name__
    text = "%s held the loop for %.1f ms" % (name[:200], (end - start) / 1e6)
    known = type(code) is type(tell_held.__code__)
    current.lines.append(line("mark", at=end - current.zero, task=loop.lane - 1, thread=thread.index, text=text,
                              file=code.co_filename if known else None, line=code.co_firstlineno if known else None))


def patch_asyncio(asyncio):
    from asyncio import base_events, events, selector_events, tasks, runners
    global python_task, get_running_loop, has_real_clock
    Base = base_events.BaseEventLoop
    if set(Base._call_soon.__code__.co_names) != CALL_SOON_NAMES:
        return      # a later asyncio, whose ways are not known
    python_task = tasks._PyTask
    get_running_loop = events._get_running_loop
    machine_time = Base.time

    def has_real_clock(loop):
        # A test's loop may have a clock of its own, which says nothing about when a timer was due.
        return getattr(type(loop), "time", None) is machine_time and "time" not in getattr(loop, "__dict__", ())

    patch_handles(Base, events)
    patch_turns(Base, selector_events)
    patch_runs(Base, runners)
    if sys.version_info >= (3, 12):
        patch_eager(Base, tasks)
    patch_print()


def patch_handles(Base, events):
    Handle, TimerHandle = events.Handle, events.TimerHandle
    run = Handle._run

    class StepHandle(Handle):
        """A callback that resumes a task."""
        __slots__ = ("entry",)

        def _run(self):
            entry = self.entry
            try:
                if entry.scene is not scene:
                    entry = adopt(self)
                    if entry is NO_ENTRY:
                        return run(self)
                loop = entry.loop
                thread = loop.thread
                slots, slot = thread.slots, thread.slot
                outer = loop.running
                mark = entry.mark
                woken = entry.woken
                entry.woken = 0
                start = now()
                if start > thread.cpu_due:
                    thread.cpu = cpu_now()
                    thread.cpu_due = start + CPU_AGE
                entry.start = start
                loop.running = mark
                slots[slot + 1] = start
                slots[slot] = mark
                try:
                    run(self)
                finally:
                    end = now()
                    slots[slot] = outer or thread.outer
                    loop.running = outer
                    thread.put((entry.base, woken, start, end))
                    try:
                        if end - start > LONG:
                            tell_cpu(thread, entry.base, start, end)
                        if entry.lanes is not None:
                            poll_lanes(entry, woken, start, end)
                        task = entry()
                        if task is None or task.done():
                            finish(entry, task, end)
                        else:
                            entry.last = end
                            if entry.ended:
                                tell_ended(entry, 0)
                            if not entry.dirty:
                                entry.dirty = True
                                dirty.append(entry)
                        if end > next_busy:
                            flush()
                    except Exception:
                        give_up()
            finally:
                # A traceback that leads to this frame must not keep the task alive: it would be reported later that
                # its exception was never retrieved.
                self = task = entry = None

    class PlainHandle(Handle):
        """Another callback: it may hold the loop, and it may wake tasks for someone else."""
        __slots__ = ("cause", "by", "hops")

    for kind in (StepHandle, PlainHandle):
        kind.__name__ = kind.__qualname__ = "Handle"
        kind.__module__ = Handle.__module__

    def adopt(handle):
        """Returns the entry of a task that was made before the open scene, or None if its poll is not recorded."""
        callback = handle._callback
        task = getattr(callback, "__self__", None)
        if scene is None or task is None:
            return NO_ENTRY
        entry = entries.get(id(task))
        if entry is None or entry.scene is not scene:
            entry = meet(task, handle._loop, now())
        handle.entry = entry
        return entry

    def _call_soon(self, callback, args, context):
        if type(callback) in step_kinds:
            task = callback.__self__
        else:
            task = resumed_task(callback)
        if task is None:
            handle = PlainHandle(callback, args, self, context)
            note_cause(handle, self)
        else:
            handle = StepHandle(callback, args, self, context)
            entry = entries.get(id(task), NO_ENTRY)
            try:
                if entry.scene is not scene:
                    if entry is NO_ENTRY or scene is not None:
                        entry = meet(task, self, now())
                elif entry.loop.running == entry.mark:
                    entry.woken = entry.start       # a wake during the task's own poll counts from the poll's end
                else:
                    wake(entry, task, now())
            except Exception:
                give_up()
            handle.entry = entry
        if handle._source_traceback:
            del handle._source_traceback[-1]
        self._ready.append(handle)
        return handle

    def note_cause(handle, loop):
        """Keeps when a callback was asked for, and by which task."""
        handle.cause = handle.by = handle.hops = 0
        known = loops.get(id(loop))
        if scene is None or known is None:
            return
        if get_ident() != known.ident:
            handle.cause, handle.by = now(), lane_here()
        elif known.cause and not known.running and known.hops < MOST_HOPS:
            handle.cause, handle.by, handle.hops = known.cause, known.cause_by, known.hops + 1
        else:
            handle.cause, handle.by = now(), known.running

    def run_plain(self):
        if scene is None:
            try:
                return run(self)
            finally:
                self = None
        try:
            loop = loop_of(self._loop)
            callback = self._callback
            outer = loop.cause, loop.cause_by, loop.hops
            start = now()
            cause, by, hops = cause_of(self, loop)
            if not 0 < cause < start:
                cause = start
            loop.cause, loop.cause_by, loop.hops = cause, by, hops
            try:
                run(self)
            finally:
                end = now()
                loop.cause, loop.cause_by, loop.hops = outer
                if end - start >= LONG and scene is not None:
                    try:
                        tell_held(loop, callback, start, end, cause)
                    except Exception:
                        give_up()
        finally:
            self = callback = None

    def cause_of(handle, loop):
        """Returns since when a callback was due, which task asked for it, and how many callbacks led to it."""
        if isinstance(handle, PlainHandle):
            return handle.cause, handle.by, handle.hops
        if isinstance(handle, TimerHandle):
            return int(handle._when * 1e9) if loop.real else 0, 0, 0
        return getattr(handle, "asked", loop.selected), getattr(handle, "by", 0), 0

    Base._call_soon = disguise(_call_soon, Base._call_soon)
    Handle._run = disguise(run_plain, run)
    if hasattr(events, "_ThreadSafeHandle"):
        patch_thread_safe(events)


def patch_thread_safe(events):
    """From 3.14 on, callbacks from other threads have a handle of their own and do not pass `_call_soon`."""
    class ThreadSafeHandle(events._ThreadSafeHandle):
        __slots__ = ("asked", "by")

        def __new__(kind, *_, **__):
            handle = super().__new__(kind)
            handle.asked, handle.by = now(), lane_here()
            return handle

    ThreadSafeHandle.__name__ = ThreadSafeHandle.__qualname__ = "_ThreadSafeHandle"
    ThreadSafeHandle.__module__ = events.__name__
    events._ThreadSafeHandle = ThreadSafeHandle


def patch_turns(Base, selector_events):
    once = Base._run_once

    def _run_once(self):
        if scene is not None:
            try:
                before_turn(self)
            except Exception:
                give_up()
        return once(self)

    def before_turn(loop):
        known = loop_of(loop)
        thread = known.thread
        if thread is None or known.scene is not scene:
            return
        if loop._ready:
            if len(thread.numbers) > MOST_NUMBERS:
                flush()
            return
        if not dirty and not thread.numbers and not scene.lines:
            return
        timers = loop._scheduled
        at = now()
        if at > next_idle or not timers or timers[0]._when * 1e9 - at > IDLE:
            flush()

    Base._run_once = disguise(_run_once, once)

    process = selector_events.BaseSelectorEventLoop._process_events

    def _process_events(self, event_list):
        if scene is not None:
            known = loops.get(id(self))
            if known is not None:
                known.selected = now() if event_list else 0
        return process(self, event_list)

    selector_events.BaseSelectorEventLoop._process_events = disguise(_process_events, process)


def patch_runs(Base, runners):
    forever, close = Base.run_forever, Base.close
    runner_file = runners.run.__code__.co_filename

    def run_forever(self):
        known = None
        if active and not self._closed and get_running_loop() is None:
            try:
                known = enter_loop(self, *purpose_of(get_frame(1)))
            except Exception:
                give_up()
        if known is None:
            return forever(self)
        interrupted = True
        try:
            forever(self)
            interrupted = False
        except KeyboardInterrupt:
            raise
        except BaseException:
            interrupted = False
            raise
        finally:
            try:
                leave_loop(known, interrupted or was_interrupted(get_frame(1)))
            except Exception:
                give_up()

    def purpose_of(frame):
        """Returns the future to complete, whether asyncio's runner asks for it, and whether it only cleans up."""
        main, held, cleaning = None, False, False
        if frame.f_code.co_name == "run_until_complete":
            main = local_of(frame, "future")
            frame = frame.f_back
        if frame is not None and frame.f_code.co_filename == runner_file:
            held = True
            known = loops.get(id(local_of(frame, "loop")))
            began = known is not None and scene is not None and known in scene.members
            cleaning = frame.f_code.co_name != "run" or began and sys.version_info < (3, 11)
        return main, held, cleaning

    def was_interrupted(frame):
        """A runner cancels its main task at the first Ctrl-C."""
        frame = frame.f_back
        if frame is None or frame.f_code.co_filename != runner_file or frame.f_code.co_name != "run":
            return False
        return getattr(local_of(frame, "self"), "_interrupt_count", 0) > 0

    def local_of(frame, name):
        local = frame.f_locals
        value = local.get(name)
        if type(local) is dict:
            local.clear()
        return value

    def close_loop(self):
        close(self)
        if scene is not None:
            try:
                known = loops.get(id(self))
                if known is not None:
                    depart(known)
                flush()
            except Exception:
                give_up()

    Base.run_forever = disguise(run_forever, forever)
    Base.close = disguise(close_loop, close)


def patch_eager(Base, tasks):
    create = Base.create_task
    eager_factory = tasks.eager_task_factory

    def create_task(self, coro, **options):
        factory = self._task_factory
        if scene is None or factory is None and not options.get("eager_start"):
            return create(self, coro, **options)
        eager = options.get("eager_start") or getattr(factory, "__code__", None) is eager_factory.__code__
        known = loop_of(self)
        if not eager or known.scene is not scene or get_ident() != known.ident:
            return trimmed(create(self, coro, **options))
        start = EagerStart()
        start.coroutine, start.entry = coro, None
        start.mark, start.outer, start.start = scene.next_task() + 1, known.running, now()
        above, known.eager, known.running = known.eager, start, start.mark
        task = None
        try:
            task = trimmed(create(self, coro, **options))
            return task
        finally:
            end = now()
            known.running, known.eager = start.outer, above
            try:
                tell_eager(self, known, task, start, end)
            except Exception:
                give_up()
            task = coro = start = None

    def trimmed(task):
        # Debug mode takes away one frame for each caller, and here is one more.
        if getattr(task, "_source_traceback", None):
            del task._source_traceback[-1]
        return task

    def tell_eager(loop, known, task, start, end):
        if scene is None or task is None or not isinstance(task, (tasks.Task, python_task)):
            return
        entry = start.entry
        if entry is None:
            known.eager = start
            # 3.12.0 and 3.12.1 crash if a task that has ended already is asked for its coroutine.
            entry = meet(task, loop, start.start, start.coroutine)
            known.eager = None
        if entry is NO_ENTRY:
            return
        known.thread.put((entry.base, 0, start.start, end))
        if task.done():
            finish(entry, task, end)
            return
        entry.start, entry.last = start.start, end
        if not entry.dirty:
            entry.dirty = True
            dirty.append(entry)

    Base.create_task = disguise(create_task, create)


# ---------------------------------------------------------------- pools and threads

class Call:
    """A function that runs, or is to run, in another thread."""
    __slots__ = ("scene", "number")


def begin_call(name, kind, place):
    """Tells that a function is to run in another thread. Returns None outside of scenes."""
    current = scene
    if current is None or full:
        return None
    call = Call()
    call.scene = current
    call.number = current.next_task()
    if call.number >= MOST_TASKS:
        return None
    at = now() - current.zero
    parent = lane_here()
    fields = {"site": site(*place)} if place is not None else {}
    if parent:
        fields["parent"] = parent - 1
    current.lines.append(line("created", task=call.number, at=at, kind=kind, name=name[:200], **fields)
                         + line("spawned", task=call.number, at=at))
    return call


def start_call(call):
    """The function begins to run on this thread. Returns the thread and what `end_call` needs."""
    thread = thread_here()
    outer = thread.outer
    thread.outer = mark = call.number + 1
    start = now()
    thread.cpu, thread.cpu_due = cpu_now(), start + CPU_AGE
    thread.slots[thread.slot + 1] = start
    thread.slots[thread.slot] = mark
    return thread, outer, start, thread.cpu


def end_call(call, started, error, cancelled=False, end=None):
    thread, outer, start, cpu = started
    end = end or now()
    thread.outer = outer
    thread.slots[thread.slot] = outer
    if call.scene is not scene:
        return
    base = call.number << 3
    if not cancelled:
        thread.put((base, 0, start, end))
        if end - start > LONG:
            thread.put((CPU | base, start, min(cpu_now() - cpu, end - start), 0))
    if error is not None:
        outcome = {"panicked": {"message": message_of(error)}}
        call.scene.lines.append(line("end", task=call.number, at=end - call.scene.zero, outcome=outcome))
    else:
        thread.put((END | base, end, 1 if cancelled else 0, 0))
    call.scene.latest = max(call.scene.latest, end)
    if end > next_busy:
        flush()


def patch_pool(pool):
    Item = pool._WorkItem
    init, run = Item.__init__, Item.run

    def __init__(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self._asyncguide_call = None
        if scene is None:
            return
        try:
            task = getattr(self, "task", None)      # 3.14: function, arguments, keyword arguments
            function, arguments = task[:2] if type(task) is tuple else (self.fn, self.args)
            self._asyncguide_call = begin_call(function_text(function, arguments), "call", calling_place())
        except Exception:
            give_up()

    def run_item(self, *args):
        call = self._asyncguide_call
        if call is None or call.scene is not scene:
            return run(self, *args)
        future = self.future
        ended_at = []
        # First in the list: the others wake tasks, and then this thread may wait for the interpreter's lock.
        future._done_callbacks.insert(0, lambda _: ended_at.append(now()))
        started = start_call(call)
        try:
            return run(self, *args)
        finally:
            try:
                cancelled = future.cancelled()
                error = None if cancelled else future._exception
                end_call(call, started, error, cancelled, ended_at[0] if ended_at else None)
            except Exception:
                give_up()
            self = future = error = None

    Item.__init__, Item.run = disguise(__init__, init), disguise(run_item, run)


def patch_threading(threading):
    begin, body = threading.Thread.start, threading.Thread._bootstrap_inner
    calls = {}      # id(thread) -> its Call

    def start(self):
        if scene is not None:
            try:
                note(self)
            except Exception:
                give_up()
        return begin(self)

    def note(thread):
        function = getattr(thread, "_target", None) or getattr(thread, "function", None)
        module = getattr(function, "__module__", None)
        if type(module) is str and module.startswith(("concurrent.futures", "asyncio")):
            return      # a pool's: its calls have lanes
        name = thread.name
        if function is not None and (name.startswith("Thread-") or name == "Thread"):
            name = function_text(function, getattr(thread, "_args", None) or getattr(thread, "args", ()))
        calls[id(thread)] = begin_call(name, "thread", calling_place())

    def _bootstrap_inner(self):
        call = calls.pop(id(self), None)
        forget_ident()
        if call is None or call.scene is not scene:
            return body(self)
        started = start_call(call)
        try:
            return body(self)
        finally:
            end_call(call, started, None)

    def forget_ident():
        """The system gives the ident of a thread that has ended to a new one."""
        current = scene
        if current is None:
            return
        thread = current.threads.pop(get_ident(), None)
        if thread is not None:
            current.ended.append(thread)

    threading.Thread.start = disguise(start, begin)
    threading.Thread._bootstrap_inner = disguise(_bootstrap_inner, body)


# ---------------------------------------------------------------- marks

def tell_mark(text, file, number):
    current = scene
    text = text.strip("\r\n")
    if current is None or not text or full:
        return
    lane = lane_here()
    fields = {"task": lane - 1} if lane else {}
    current.lines.append(line("mark", at=now() - current.zero, thread=thread_here().index, text=text[:2000],
                              file=file, line=number, **fields))


def patch_print():
    import builtins
    write = builtins.print

    def print(*args, **kwargs):
        if scene is None or kwargs.get("file") not in (None, sys.stdout, sys.stderr):
            return write(*args, **kwargs)
        try:
            # The program's `__str__` must not be called twice.
            texts = tuple([str(arg) for arg in args])
            frame = get_frame(1)
            separator = kwargs.get("sep")
            tell_mark((" " if separator is None else separator).join(texts), frame.f_code.co_filename, frame.f_lineno)
        except Exception:
            texts = args
        return write(*texts, **kwargs)

    builtins.print = disguise(print, write)


def patch_logging(logging):
    handle = logging.Logger.callHandlers

    def callHandlers(self, record):
        if scene is not None:
            try:
                tell_mark(f"{record.levelname}: {record.getMessage()}", record.pathname, record.lineno)
            except Exception:
                pass    # the program's arguments do not fit its format, which logging reports itself
        return handle(self, record)

    logging.Logger.callHandlers = disguise(callHandlers, handle)


# ---------------------------------------------------------------- start and end

PATCHES = {"asyncio": patch_asyncio, "concurrent.futures.thread": patch_pool, "threading": patch_threading,
           "logging": patch_logging}


class Finder:
    """Patches a module once the program has imported it."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in PATCHES:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None and finder is not Finder else None
            if spec is not None:
                return patching(name, spec)
        return None


def patching(name, spec):
    loader = spec.loader
    execute = getattr(loader, "exec_module", None)
    if execute is None:
        return spec

    def exec_module(module):
        try:
            del loader.exec_module
        except AttributeError:
            pass
        execute(module)
        patch(name, module)

    try:
        loader.exec_module = exec_module
    except AttributeError:
        pass
    return spec


def patch(name, module):
    change = PATCHES.pop(name, None)
    try:
        if change is not None:
            change(module)
    except Exception:
        give_up()


def finish_stream():
    """The program ends: what is left is written, for two seconds at most."""
    global active
    if not active:
        return
    if scene is not None:
        close_scene()
    elif output is None and not child:
        open_output()
    active = False
    try:
        if output is not None:
            output.send(b"", EXIT_PATIENCE)
    except Exception:
        give_up()


def forget_parent():
    """A forked process is a program of its own: it opens a stream of its own once a loop runs in it."""
    global output, scene, write_lock, book_lock, lost, full, child, target
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
    loops.clear()
    del dirty[:]
    target = child_target(first_target)
    share_slots()


child = False           # whether another process of the program was the first
first_target = ""


def child_target(where):
    """Returns where a child process writes, or None if it cannot: a descriptor has one writer."""
    if where.startswith("unix:"):
        return where
    return None if where.startswith("fd:") else f"{where}.{getpid()}"


def share_slots():
    """Maps the file that shows which poll is under way, even while it holds the loop and after a kill."""
    global shared_slots
    shared_slots = None
    folder = os.environ.get("ASYNCGUIDE_WATCH_RUNNING")
    if not folder:
        return
    try:
        import mmap
        descriptor = os_open(os.path.join(folder, f"{getpid()}.running"), os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(descriptor, 4096)
        shared_slots = memoryview(mmap.mmap(descriptor, 4096)).cast("q")
        os_close(descriptor)
    except Exception:
        shared_slots = None


def start(where, is_child, folder):
    """Begins to record. `folder` is where the program was started; `is_child` says that another process was first."""
    global active, target, child, first_target, FOLDER
    import atexit
    FOLDER = folder
    if not where.startswith(("unix:", "fd:")):
        where = os.path.join(FOLDER, where)
    first_target = where
    child = is_child
    target = child_target(where) if child else where
    if target is None:
        return
    if target.startswith("fd:"):
        target = f"fd:{move_up(int(target[3:]))}"
    active = True
    share_slots()
    atexit.register(finish_stream)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget_parent)
    for name in list(PATCHES):
        if name in sys.modules:
            patch(name, sys.modules[name])
    sys.meta_path.insert(0, Finder)


def run_script(arguments):
    path = arguments[0]
    sys.argv[:] = arguments
    folder = os.path.dirname(os.path.abspath(path))
    if getattr(sys.flags, "isolated", 0):
        sys.path.insert(0, folder)
    else:
        sys.path[0] = folder
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
        os.environ.setdefault("ASYNCGUIDE_WATCH_FIRST", str(getpid()))
        start(os.environ["ASYNCGUIDE_WATCH"], known, FOLDER)
    run_script(sys.argv[1:])
