"""Says what code is called, whose it is, and what a suspended coroutine awaits."""
import os
import sys
from functools import partial
from types import AsyncGeneratorType, BuiltinFunctionType, CoroutineType, GeneratorType

get_frame = sys._getframe

HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
PLAIN = (str, int, float, bool, type(None), bytes)      # types of arguments that are shown

users = {}      # file name -> whether its code is the user's


def is_users(code):
    name = code.co_filename
    known = users.get(name)
    if known is None:
        others = name.startswith((LIBRARY, HERE, "<frozen")) or "site-packages" in name or "dist-packages" in name
        known = users[name] = not others
    return known


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
        if library is None and "asyncio" not in code.co_filename and not code.co_filename.startswith(HERE):
            library = code, frame.f_lineno
        frame = frame.f_back
    return library


def locals_of(frame, names):
    """Returns local variables of a frame, or None for those that it does not have."""
    local = frame.f_locals
    values = [local.get(name) for name in names]
    if type(local) is dict:
        local.clear()       # before 3.13 the frame keeps this dict, which would keep all that is in it alive
    return values


# ---------------------------------------------------------------- names

def is_default_name(name):
    # 3.13.0 calls a task that a factory made "None".
    return name == "None" or name.startswith("Task-") and name[5:].isdigit()


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


def name_of(thing):
    """Returns the name of a function or a coroutine, or else of its type. A mock's name may be anything."""
    name = getattr(thing, "__qualname__", None)
    return name if type(name) is str else type(thing).__name__


def coroutine_text(coroutine):
    values = []
    frame = coroutine.cr_frame if type(coroutine) is CoroutineType else None
    if frame is not None:
        code = frame.f_code
        names = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
        if names:
            values = locals_of(frame, [name for name in names if name not in ("self", "cls")])
    return call_text(name_of(coroutine), values)


def wrapped_by(coroutine):
    """Returns the user's coroutine that a library's wraps, as that of `uvloop.run` does, or else the same one."""
    frame = coroutine.cr_frame if type(coroutine) is CoroutineType else None
    if frame is not None and not is_users(frame.f_code):
        for value in locals_of(frame, frame.f_code.co_freevars):
            if type(value) is CoroutineType and is_users(value.cr_code):
                return value
    return coroutine


def function_text(function, arguments):
    # By exact types: a mock has every attribute, without an end.
    while type(function) is partial:
        arguments = tuple(function.args) + tuple(arguments)
        function = function.func
    name = name_of(function)
    if name == "Context.run" and arguments:
        return function_text(arguments[0], arguments[1:])
    if type(function) is BuiltinFunctionType and type(function.__module__) is str:
        name = f"{function.__module__}.{name}"
    return call_text(name, arguments)


# ---------------------------------------------------------------- what a coroutine awaits

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


def place_of(thing):
    """Returns code and line where a coroutine, generator or asynchronous generator stands, or None."""
    kind = type(thing)
    if kind is CoroutineType:
        frame = thing.cr_frame
    elif kind is GeneratorType:
        frame = thing.gi_frame
    else:
        frame = thing.ag_frame if kind is AsyncGeneratorType else None
    return None if frame is None else (frame.f_code, frame.f_lineno)
