"""What data sets of any size should take, from what a few sizes took (scale.py)."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from sklearn_certify.ensemble import _base_ensemble
from sklearn_certify.partition.dataset import _layout, _row_files

CLOCKS = ("seconds", "of processors")  # as a clock on the wall shows, and all processes' together


@dataclass(frozen=True)
class Size:
    """How much there is of what costs something; rows are of float32."""

    n_rows: int
    n_columns: int = 20
    n_partitions: int = 1000
    n_queries: int = 20_000

    @property
    def n_mb(self):
        return self.n_rows * self.n_columns * 4 / 1e6

    @property
    def n_chunks(self):
        """In how many parts queries are asked, for each of which all voters are prepared anew."""
        size = min(max(_base_ensemble._CHUNK_BYTES // self.n_partitions, 16), 2**16)
        return -(-self.n_queries // size)

    def __str__(self):
        return f"{self.n_rows:,} x {self.n_columns}, {self.n_partitions:,} partitions"


# what steps cost, in terms that grow with a size; what is asked does not grow with training rows
UNITS = {
    "start": lambda size: 1,  # of what loads kernels, or first touches memory, for ever so few rows
    "partition": lambda size: size.n_partitions,
    "row": lambda size: size.n_rows,
    "MB": lambda size: size.n_mb,
    "voter and chunk": lambda size: size.n_partitions * size.n_chunks,
    "vote": lambda size: size.n_queries * size.n_partitions,
    "vote and column": lambda size: size.n_queries * size.n_partitions * size.n_columns,
}
UNITS_OF_STEPS = {
    "hash": ("start", "row", "MB"),
    # no column costs by itself: all cells of a row are one value of Arrow, and of a Parquet file
    "lay out": ("start", "partition", "row", "MB"),
    "read and sort": ("partition", "row", "MB"),
    "fit": ("partition", "row", "MB"),
    "ask": ("voter and chunk", "vote", "vote and column"),
}


def fit_costs(measured, clock):
    """Return the seconds of each unit of each step that come nearest to what was measured.

    Parameters
    ----------
    measured : dict of dict
        By size and step, the seconds on each clock.
    clock : str
        One of `CLOCKS`.

    Returns
    -------
    dict of dict of float
        By step and unit, none of them negative.
    """
    costs = {}
    for step, units in UNITS_OF_STEPS.items():
        amounts = np.array([[UNITS[unit](size) for unit in units] for size in measured], float)
        seconds = np.array([max(results[step][clock], 1e-6) for results in measured.values()])
        most = amounts.max(axis=0)
        # errors count in parts of what a step took
        found, _ = nnls(amounts / most / seconds[:, np.newaxis], np.ones(len(seconds)))
        costs[step] = dict(zip(units, (found / most).tolist(), strict=True))
    return costs


def predict(costs, size):
    """Return the seconds that each step should take here, by the clock that costs are of."""
    return {
        step: sum(cost * UNITS[unit](size) for unit, cost in of_units.items())
        for step, of_units in costs.items()
    }


def project(costs, size, n_workers):
    """Return what a size would take: one process lays out, workers fit and ask.

    Parameters
    ----------
    costs : dict of dict of float
        As `fit_costs` returns them of processors' seconds; workers are as fast as those.
    size : Size
        What there is to do.
    n_workers : int
        Number of workers of one core.

    Returns
    -------
    dict of float
        By what it is, in words.
    """
    seconds, n_gb = predict(costs, size), size.n_mb / 1e3
    in_buckets = size.n_mb / min(size.n_partitions, _layout._MOST_BUCKETS)
    return {
        "hours to lay out, one process": seconds["lay out"] / 3600,
        "hours to read, sort and fit": seconds["fit"] / n_workers / 3600,
        f"hours to ask about {size.n_queries:,} rows": seconds["ask"] / n_workers / 3600,
        "GB that the layout writes, half of them for a while": 2 * n_gb,
        "GB that the layout reads": n_gb,
        "GB that workers read": n_gb,
        "GB/s of the storage that keep workers from waiting": n_gb / seconds["fit"] * n_workers,
        "files": max(
            size.n_mb * 1e6 / _row_files._MOST_BYTES,
            size.n_partitions / _row_files._MOST_PARTITIONS,
        ),
        "MB of a partition, in the memory of a worker": size.n_mb / size.n_partitions,
        "MB that are sorted at a time, in the memory of the layout": max(
            _layout._HELD_BYTES / 1e6, in_buckets
        ),
    }
