"""Writes the lines of the event stream that `docs/events.md` specifies, without ever blocking the program."""
import os
import time
from _json import encode_basestring_ascii       # `json` may be a file of the program's own
from array import array
from binascii import b2a_base64

# Bound at the start, because a program's tests may put mocks in their places later.
now, sleep = time.monotonic_ns, time.sleep
os_write, os_open, os_close, fstat = os.write, os.open, os.close, os.fstat

LINE_NUMBERS = 1 << 14          # numbers in one line: 175 kB of the 256 KiB that a line may have


def quote(text):
    """Returns the text as a JSON string in ASCII. A lone surrogate, which no reader takes, becomes `?`."""
    quoted = encode_basestring_ascii(text)
    if "\\ud" in quoted:
        quoted = encode_basestring_ascii(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return quoted


def to_json(value):
    if isinstance(value, dict):
        return "{" + ",".join(f"{quote(key)}:{to_json(item)}" for key, item in value.items() if item is not None) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(to_json, value)) + "]"
    return str(int(value)) if isinstance(value, int) else quote(str(value))


def line(event, **fields):
    """Returns one line of the stream. Fields that are None are left out."""
    return to_json(dict(event=event, **fields)) + "\n"


def packed_lines(zero, thread, numbers):
    """Returns the `packed` lines for the numbers of one thread."""
    lines = []
    for first in range(0, len(numbers), LINE_NUMBERS):
        data = b2a_base64(array("q", numbers[first:first + LINE_NUMBERS]), newline=False).decode("ascii")
        lines.append('{"event":"packed","zero":%d,"thread":%d,"data":"%s"}\n' % (zero, thread, data))
    return lines


class Output:
    """The open stream. Writing never blocks: what the reader does not take yet waits in `unsent`."""

    def __init__(self, where):
        self.unsent = []
        self.size = 0
        self.descriptor = move_up(open_target(where))
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


FIRST_OWN = 240         # the number from which on the recorder's own descriptors are


def take_low_numbers(descriptor):
    """Returns copies of the descriptor that have all free numbers below those of the recorder's own."""
    taken = []
    try:
        while not taken or taken[-1] < FIRST_OWN:
            taken.append(os.dup(descriptor))
    except OSError:
        pass        # a process may have no descriptors of such a number
    return taken


def move_up(descriptor):
    """Moves the descriptor out of the way, so that the program's own files get the numbers that they would have."""
    import fcntl
    try:
        moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, FIRST_OWN)
    except OSError:
        os.set_inheritable(descriptor, False)
        return descriptor       # a process may have no descriptors of such a number
    os_close(descriptor)
    return moved
