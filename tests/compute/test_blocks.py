"""Blocks of rows cover every row once, on as many threads as asked for."""

import threading

import numpy as np
import pytest
from numba import config

from sklearn_certify._compute.blocks import run_on_blocks


@pytest.mark.parametrize("n_threads", [None, 1, 2, 7])
@pytest.mark.parametrize("limit", [1, 2, 7])
@pytest.mark.parametrize("min_block", [0, 1, 10])
def test_every_row_is_in_one_block(monkeypatch, limit, min_block, n_threads):
    monkeypatch.setattr(config, "NUMBA_NUM_THREADS", limit)
    for n_rows in (0, 1, 2, 9, 10, 19, 29, 30, 99):
        visits = np.zeros(n_rows, dtype=int)

        def visit(start, stop, visits=visits):
            visits[start:stop] += 1

        run_on_blocks(visit, n_rows, min_block=min_block, n_threads=n_threads)
        assert (visits == 1).all()


@pytest.mark.parametrize(
    ("limit", "n_threads", "expected"),
    [(8, None, 8), (8, 1, 1), (8, 2, 2), (8, 3, 3), (2, 5, 2), (1, None, 1), (1, 4, 1)],
)
def test_no_thread_is_started_to_be_idle(monkeypatch, limit, n_threads, expected):
    """So many work at the same time, and no further one was started."""
    monkeypatch.setattr(config, "NUMBA_NUM_THREADS", limit)
    started, workers = [], set()
    start = threading.Thread.start
    monkeypatch.setattr(
        threading.Thread, "start", lambda thread: (started.append(thread), start(thread))
    )
    together = threading.Barrier(expected)

    def work(start, stop):
        workers.add(threading.get_ident())
        together.wait(timeout=60)  # breaks, as an error, unless so many are here

    run_on_blocks(work, 100, n_threads=n_threads)
    assert len(workers) == expected
    assert len(started) == (expected if expected > 1 else 0)
    assert expected > 1 or workers == {threading.get_ident()}


def test_the_first_error_is_raised():
    def fail(start, stop):
        raise ZeroDivisionError(f"rows {start} to {stop}")

    with pytest.raises(ZeroDivisionError):
        run_on_blocks(fail, 100)
