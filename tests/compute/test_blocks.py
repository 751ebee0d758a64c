"""Blocks of rows cover every row once."""

import numpy as np
import pytest
from numba import config

from sklearn_certify._compute.blocks import run_on_blocks


@pytest.mark.parametrize("n_threads", [1, 2, 7])
@pytest.mark.parametrize("min_block", [0, 1, 10])
def test_every_row_is_in_one_block(monkeypatch, n_threads, min_block):
    monkeypatch.setattr(config, "NUMBA_NUM_THREADS", n_threads)
    for n_rows in range(100):
        visits = np.zeros(n_rows, dtype=int)

        def visit(start, stop, visits=visits):
            visits[start:stop] += 1

        run_on_blocks(visit, n_rows, min_block=min_block)
        assert (visits == 1).all()


def test_the_first_error_is_raised():
    def fail(start, stop):
        raise ZeroDivisionError(f"rows {start} to {stop}")

    with pytest.raises(ZeroDivisionError):
        run_on_blocks(fail, 100)
