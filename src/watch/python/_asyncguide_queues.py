"""Looks at queues without a limit whenever recorded lines are written, and tells how many items wait in them."""
from asyncio import queues
from functools import wraps
from itertools import count
from weakref import ref

FEWEST = 64         # items that are worth a line; then each time that there are twice as many
MOST_QUEUES = 200   # queues that are looked at


class Seen:
    """A queue, which this does not keep alive."""
    __slots__ = ("queue", "number", "place", "items", "fewest", "looks", "told", "next")

    def __init__(self, queue, place):
        self.queue, self.number, self.place = ref(queue), next(numbers), place
        self.forget()

    def forget(self):
        self.items = self.told = 0
        self.fewest = self.looks = 0    # since it last had fewer items than at the look before
        self.next = FEWEST


numbers = count()
seen = []           # in the order in which the queues were made


def look(tell):
    """Looks at all queues, and calls `tell` for those that have become much longer."""
    for one in list(seen):
        queue = one.queue()
        if queue is None:
            seen.remove(one)
            tell_rest(one, tell)
            continue
        items = len(queue._queue)
        if items < one.items:
            one.fewest, one.looks = items, 0
        one.items = items
        one.looks += 1
        if items >= one.next:
            one.next = 2 * items
            tell(one)


def look_last(tell):
    """Looks at all queues when a scene ends, and calls `tell` for those that are long."""
    look(tell)
    for one in seen:
        tell_rest(one, tell)
        one.forget()


def tell_rest(one, tell):
    """Calls `tell` for a queue that will not be looked at again, if it is long and has changed."""
    if one.items >= FEWEST and one.told != one.items:
        tell(one)


def remember_with(make, calling_place):
    """Returns a method that makes what holds the items of a queue, and remembers the queue."""
    @wraps(make)
    def _init(self, maxsize):
        make(self, maxsize)
        if maxsize <= 0 and len(seen) < MOST_QUEUES:
            seen.append(Seen(self, calling_place()))
    return _init


def patch(calling_place):
    # Not `__init__`: its warnings name the line that called it.
    for kind in (queues.Queue, queues.PriorityQueue, queues.LifoQueue):
        kind._init = remember_with(kind._init, calling_place)
