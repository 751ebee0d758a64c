"""Voters whose estimator draws from a global random generator stay functions of their seed."""

import random
import threading
from contextlib import ExitStack, contextmanager

import numpy as np
from numba import njit

from ..exceptions import UnsoundVoterError
from .draws import watched_draws
from .torch_generators import TorchStates, seed_torch, torch_generators

__all__ = ["borrowed_generators", "generators_now", "seeded_global_generators"]


@contextmanager
def seeded_global_generators(seed, *, watch=True):
    """Seed the global generators inside the block, then restore them.

    Parameters
    ----------
    seed : int
        A seed below 2**32.
    watch : bool, default=True
        As for `borrowed_generators`.

    Raises
    ------
    UnsoundVoterError
        If a global generator was used outside the main thread, or by several threads at once.
    """
    with borrowed_generators(watch=watch) as seeded, seeded(seed):
        yield


@contextmanager
def borrowed_generators(*, watch=True, torch_may_draw=False):
    """Lend the global generators to pieces of work, one after the other, then restore them.

    An estimator without `random_state`, such as a neural network, may draw from those of Python,
    NumPy, numba and torch, and would otherwise depend on what was computed before it. Threads
    share all but numba's, so outside the main thread they can only be watched. What other threads
    draw in the meantime is not held against this one, nor may it reach its numbers.

    Parameters
    ----------
    watch : bool, default=True
        Whether to raise if the seed does not decide what is drawn.
    torch_may_draw : bool, default=False
        Whether to let draws from torch's generator pass outside the main thread: its data loaders
        draw numbers that they do not use.

    Yields
    ------
    seeded : callable
        ``with seeded(seed):`` is one piece of work, to which nothing is left of those before it.
        Seeds are below 2**32.

    Raises
    ------
    UnsoundVoterError
        If a global generator was used outside the main thread, or by several threads at once.
    """
    if threading.current_thread() is threading.main_thread():
        lender = _lent_to_the_main_thread(watch)
    else:
        lender = _watched_in_a_thread(watch, torch_may_draw)
    with lender as start:

        @contextmanager
        def seeded(seed):
            _seed_numba(seed)  # a generator of each thread's own, which cannot be restored
            check = start(seed)
            try:
                yield
            except Exception:
                check()  # it may have failed by chance
                raise
            check()

        yield seeded


@contextmanager
def _lent_to_the_main_thread(watch):
    """Let the main thread draw; yield what starts a piece of work and returns what checks it."""

    def start(seed):
        nonlocal draws
        if draws is None and threading.active_count() > 1:
            states.restore()  # what the others draw goes on from there
            draws = stack.enter_context(watched_draws())
        states.torch.add_new(rewind=True)
        random.seed(seed)
        np.random.seed(seed)
        seed_torch(seed)
        if draws is not None:
            draws.restart()  # seeding has drawn
        return check

    def check():
        # Python's generator has served this thread alone
        if watch and draws is not None and "numpy" in draws.drew & draws.disturbed:
            raise UnsoundVoterError(
                "The base estimator draws from NumPy's global random generator, and so does "
                "another thread at the same time, so that its votes depend on chance and no "
                "certificate holds; work in a process of its own, or use an estimator with a "
                "random_state."
            )

    with ExitStack() as stack:
        draws = stack.enter_context(watched_draws()) if threading.active_count() > 1 else None
        states = _States()
        try:
            yield start
        finally:
            states.torch.add_new(rewind=True)
            states.restore()


@contextmanager
def _watched_in_a_thread(watch, torch_may_draw):
    """Let a thread draw from no generator; yield what starts a piece of work, as above."""
    torch_states = TorchStates()
    with watched_draws() as draws:

        def start(seed):
            torch_states.add_new()
            draws.restart()
            return check

        def check():
            if watch and draws.drew:
                raise UnsoundVoterError(
                    "The base estimator draws from a global random generator while voters work in "
                    "threads, so that its votes depend on chance and no certificate holds; use "
                    "joblib's process-based backend or n_jobs=None, or an estimator with a "
                    "random_state."
                )

        yield start
    if not torch_may_draw and torch_states.have_changed():
        draws.drew.add("torch")
    check()


def generators_now():
    """Return what is another thing after a draw from a generator of Python, NumPy or torch.

    Returns
    -------
    tuple
        To be compared with a later one, of the same thread. Looking is no draw.
    """
    numpy = np.random.get_bit_generator().state["state"]
    torch = [generator.get_state().tolist() for generator in torch_generators()]
    return random.getstate(), numpy["key"].tolist(), numpy["pos"], torch


class _States:
    """The states that the global generators have now."""

    def __init__(self):
        self.python, self.numpy = random.getstate(), np.random.get_state()
        self.torch = TorchStates()

    def restore(self):
        random.setstate(self.python)
        np.random.set_state(self.numpy)
        self.torch.restore()


@njit(cache=True)
def _seed_numba(seed):
    np.random.seed(seed)
    random.seed(seed)
