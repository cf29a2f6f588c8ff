"""Starts the recorder in a Python process whose PYTHONPATH names this folder, then makes way for the program.

The recorder is loaded once the program has imported asyncio, so that other programs start as fast as ever. The
program and its own `sitecustomize` find `sys.path` as it would be without this folder. The environment stays as it is,
so that child processes are recorded too; ASYNCGUIDE_WATCH_FIRST tells them that another process was first.
"""
import os
import sys


def prepare():
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder or ".") != here]
    where = os.environ.get("ASYNCGUIDE_WATCH")
    if not where:
        return
    child = "ASYNCGUIDE_WATCH_FIRST" in os.environ
    os.environ.setdefault("ASYNCGUIDE_WATCH_FIRST", str(os.getpid()))
    tell_that_python_started(os.environ.get("ASYNCGUIDE_WATCH_RUNNING"))
    if where.startswith("fd:") and not child:
        where = f"fd:{load(here, '_asyncguide_stream').move_up(int(where[3:]))}"    # out of the program's way
    load_later(here, (where, child, os.getcwd()))


def load_later(here, arguments):
    """Has each part of the recorder loaded after the module that it records."""
    class Finder:
        """Finds these modules as the others do."""
        recorder = None
        parts = {"asyncio": "recorder", "uvloop": "_asyncguide_uvloop", "trio": "_asyncguide_trio"}

        @classmethod
        def find_spec(cls, name, path=None, target=None):
            if name not in cls.parts:
                return None
            for finder in sys.meta_path:
                find = getattr(finder, "find_spec", None) if finder is not cls else None
                spec = find(name, path, target) if find is not None else None
                if spec is not None:
                    call_after(spec.loader, lambda module: cls.start(name, module))
                    return spec
            return None

        @classmethod
        def start(cls, name, module):
            file = cls.parts.pop(name)
            # The recorder is that of asyncio, which trio does without.
            if cls.recorder is None and name != "uvloop":
                cls.parts.pop("asyncio", None)
                cls.recorder = load(here, "recorder")
                cls.recorder.start(*arguments, start_clock=cls.start_clock if exact else None)
            if name != "asyncio" and cls.recorder is not None:
                load(here, file).start(cls.recorder, module)

        @classmethod
        def start_clock(cls):
            load(here, "_asyncguide_clock").start(cls.recorder)

    exact = os.environ.get("ASYNCGUIDE_WATCH_CLOCK") == "virtual"
    sys.meta_path.insert(0, Finder)


def tell_that_python_started(folder):
    """Leaves an empty file: a program without asyncio writes no stream, and is told from one that is no Python."""
    try:
        if folder:
            open(os.path.join(folder, "python"), "a").close()
    except OSError:
        pass


def call_after(loader, start):
    """Calls `start` with the module once the loader has loaded it."""
    execute = loader.exec_module

    def exec_module(module):
        del loader.exec_module
        execute(module)
        try:
            start(module)
        except Exception:
            if os.environ.get("ASYNCGUIDE_WATCH_DEBUG"):
                raise

    loader.exec_module = exec_module


def load(here, name):
    """Loads a file of the recorder, not into `sys.modules`: libraries go through those to replace clocks."""
    import _frozen_importlib_external as loaders
    path = os.path.join(here, name + ".py")
    module = type(sys)("_asyncguide_" + name)
    module.__file__ = path
    exec(loaders.SourceFileLoader(module.__name__, path).get_code(module.__name__), module.__dict__)
    return module


def run_hidden():
    """Runs the `sitecustomize` that Python would have found without this one."""
    import _frozen_importlib as machinery
    import _frozen_importlib_external as loaders
    spec = loaders.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    module = machinery.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


prepare()
run_hidden()
