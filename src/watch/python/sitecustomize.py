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
    if where.startswith("fd:") and not child:
        where = move_up(where)
    load_after_asyncio(here, (where, child, os.getcwd()))


def move_up(where):
    """Moves the stream's descriptor out of the program's way."""
    import fcntl
    descriptor = int(where[3:])
    try:
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 240)
    except OSError:
        return where
    os.close(descriptor)
    return f"fd:{moved}"


def load_after_asyncio(here, arguments):
    class Finder:
        """Finds asyncio as the others do, and has the recorder loaded after it."""

        @staticmethod
        def find_spec(name, path=None, target=None):
            if name != "asyncio":
                return None
            sys.meta_path.remove(Finder)
            for finder in sys.meta_path:
                find = getattr(finder, "find_spec", None)
                spec = find(name, path, target) if find is not None else None
                if spec is not None:
                    load_after(spec.loader, here, arguments)
                    return spec
            return None

    sys.meta_path.insert(0, Finder)


def load_after(loader, here, arguments):
    execute = loader.exec_module

    def exec_module(module):
        del loader.exec_module
        execute(module)
        load_recorder(here, arguments)

    loader.exec_module = exec_module


def load_recorder(here, arguments):
    import _frozen_importlib_external as loaders
    path = os.path.join(here, "recorder.py")
    # Not in `sys.modules`: libraries go through those to replace clocks.
    recorder = type(sys)("_asyncguide_recorder")
    recorder.__file__ = path
    try:
        code = loaders.SourceFileLoader(recorder.__name__, path).get_code(recorder.__name__)
        exec(code, recorder.__dict__)
        recorder.start(*arguments)
    except Exception:
        if os.environ.get("ASYNCGUIDE_WATCH_DEBUG"):
            raise


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
