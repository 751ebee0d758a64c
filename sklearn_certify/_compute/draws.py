"""Tell which thread draws from the global random generators of Python and of NumPy.

Threads share these generators, and some draw from them all the time: the event loop of a cluster
scheduler spreads its work by chance. Such draws must neither be held against a voter that works at
the same time nor reach its numbers.
"""

import random
import threading
from contextlib import contextmanager

import numpy as np

__all__ = ["watched_draws"]

_PYTHON = random._inst  # whose methods are the functions of the module `random`
_DIVERTED = ("random", "getrandbits", "gauss", "seed", "setstate")  # all others call these


class _Watch:
    """What is seen while one thread works."""

    def __init__(self):
        self.thread = threading.current_thread()
        self.drew = set()  # generators that the thread, or a thread born since, has drawn from
        self.disturbed = set()  # generators that bystanders have drawn from
        self.restart()

    def restart(self):
        """Forget what was seen; a thread that is there by now is a bystander."""
        self.bystanders = set(threading.enumerate()) - {self.thread}
        self.drew.clear()
        self.disturbed.clear()

    def owns(self, thread):
        return thread not in self.bystanders

    def note(self, thread, generator):
        (self.drew if self.owns(thread) else self.disturbed).add(generator)


_watches = []  # those that are open
_lock = threading.RLock()


@contextmanager
def watched_draws():
    """Watch who draws from the generators of Python and of NumPy inside the block.

    What threads that are not watched draw from Python's generator is diverted to a stand-in for
    the while; afterwards the generator goes on where the stand-in stopped. So the generator itself
    serves a watched main thread alone, and if another thread is watched, it must not change.

    Blocks may be nested; the outer one then makes the inner ones cheap.

    Yields
    ------
    watch
        `drew` and `disturbed` say from which generators, "python" or "numpy", this thread has
        drawn and from which others have; complete when the block has ended. `restart` forgets it.
    """
    watch = _Watch()
    with _lock:
        if not _watches:
            _divert_python()
            _note_numpy()
        _watches.append(watch)
    state = random.Random.getstate(_PYTHON)
    try:
        yield watch
    finally:
        is_changed = random.Random.getstate(_PYTHON) != state
        if is_changed and watch.thread is not threading.main_thread():
            watch.drew.add("python")  # by a function taken before, so that nobody knows by whom
        with _lock:
            _watches.remove(watch)
            if not _watches:
                _leave_numpy()
                _lead_python_back()


def _note(generator):
    thread = threading.current_thread()
    watches = list(_watches)
    for watch in [w for w in watches if w.thread is thread] or watches:
        watch.note(thread, generator)


class _Diverted:
    """Stands for a function of the module `random`, also in the eyes of compilers and picklers."""

    __module__ = "random"

    def __init__(self, name):
        self.plain = getattr(random, name)
        self.__name__ = name

    def __call__(self, *args, **kwargs):
        _note("python")
        return getattr(random.Random, self.__name__)(_server(), *args, **kwargs)

    def __eq__(self, other):
        return other == self.plain

    def __hash__(self):
        return hash(self.plain)

    def __reduce__(self):
        return self.__name__


_diverted = []  # while they stand there
_stand_in = random.Random()


def _server():
    """Return the generator that serves the thread at hand."""
    watches = list(_watches)
    of_main = [watch for watch in watches if watch.thread is threading.main_thread()]
    is_served = of_main and of_main[-1].owns(threading.current_thread())  # the innermost
    return _PYTHON if is_served or not watches else _stand_in


def _divert_python():
    _stand_in.setstate(random.Random.getstate(_PYTHON))
    for function in map(_Diverted, _DIVERTED):
        _diverted.append(function)
        setattr(random, function.__name__, function)
        setattr(_PYTHON, function.__name__, function)


def _lead_python_back():
    while _diverted:
        function = _diverted.pop()
        setattr(random, function.__name__, function.plain)
        delattr(_PYTHON, function.__name__)
    _PYTHON.setstate(_stand_in.getstate())


class _NotedLock:
    """The lock of a bit generator, which every draw holds."""

    def __init__(self, lock):
        self._lock = lock

    def __enter__(self):
        _note("numpy")
        return self._lock.__enter__()

    def __exit__(self, *error):
        return self._lock.__exit__(*error)


class _NotedGenerator:
    """A bit generator of NumPy with another lock; its state stays where it is."""

    def __init__(self, generator):
        self.plain = generator
        self.lock = _NotedLock(generator.lock)

    def __getattr__(self, name):
        return getattr(self.plain, name)

    def __reduce__(self):  # copies are plain
        return self.plain.__reduce__()

    @property
    def __class__(self):  # NumPy seeds generators of one class only
        return type(self.plain)

    @property
    def state(self):
        return self.plain.state

    @state.setter
    def state(self, state):
        self.plain.state = state


def _note_numpy():
    plain = np.random.get_bit_generator()
    _put_behind_numpy(_NotedGenerator(plain), plain.lock)


def _leave_numpy():
    plain = np.random.get_bit_generator().plain
    _put_behind_numpy(plain, plain.lock)


def _put_behind_numpy(generator, lock):
    with lock:
        state = np.random.get_state(legacy=False)
        np.random.set_bit_generator(generator)  # forgets the second number of a normal pair
        if state["has_gauss"]:
            np.random.set_state(state)
