"""Starts the recorder in a Python process whose PYTHONPATH names this folder, then makes way for the program.

The program and its own `sitecustomize` find `sys.path` as it would be without this folder. The environment stays as it
is, so that child processes are recorded too.
"""


def start_recorder():
    import os
    import sys
    import _frozen_importlib_external as loaders
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder or ".") != here]
    where = os.environ.get("ASYNCGUIDE_WATCH")
    if not where:
        return
    path = os.path.join(here, "recorder.py")
    # Not in `sys.modules`: libraries go through those to replace clocks.
    recorder = type(sys)("_asyncguide_recorder")
    recorder.__file__ = path
    exec(loaders.SourceFileLoader(recorder.__name__, path).get_code(recorder.__name__), recorder.__dict__)
    recorder.start(where)


def run_hidden():
    """Runs the `sitecustomize` that Python would have found without this one."""
    import sys
    import _frozen_importlib as machinery
    import _frozen_importlib_external as loaders
    spec = loaders.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    module = machinery.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


try:
    start_recorder()
except Exception:
    import os
    if os.environ.get("ASYNCGUIDE_WATCH_DEBUG"):
        raise
run_hidden()
