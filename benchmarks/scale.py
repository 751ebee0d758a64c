"""What does a data set larger than memory cost: laid out, read, learned from?

    python benchmarks/scale.py

Rows of 20 float32 columns come from a generator, so that no process ever holds them all. Each step
runs in a process of its own, whose peak memory is measured. Least squares of every partition learn
from the data set, and from the same rows in memory at a size that fits.
"""

import argparse
import multiprocessing
import os
import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from sklearn_certify import DPAClassifier
from sklearn_certify.partition import PartitionedDataset

N_COLUMNS, ROWS_AT_A_TIME = 20, 1 << 18


def blocks(n_rows):
    """Yield rows and labels, the same each time."""
    weights = np.random.default_rng(0).normal(size=N_COLUMNS).astype(np.float32)
    for start in range(0, n_rows, ROWS_AT_A_TIME):
        rng = np.random.default_rng(start)
        shape = (min(ROWS_AT_A_TIME, n_rows - start), N_COLUMNS)
        X = rng.random(shape, dtype=np.float32)
        yield X, (X @ weights > weights.sum() / 2).astype(np.int8)


def generate(n_rows, folder, n_partitions):
    for _ in blocks(n_rows):
        pass


def lay_out(n_rows, folder, n_partitions):
    PartitionedDataset.write(folder, blocks(n_rows), n_partitions)


def read(n_rows, folder, n_partitions):
    dataset = PartitionedDataset(folder)
    for partition in range(n_partitions):
        dataset.read(partition)


def fit(n_rows, folder, n_partitions):
    DPAClassifier(n_partitions=n_partitions, n_jobs=2).fit(PartitionedDataset(folder))


def fit_in_memory(n_rows, folder, n_partitions):
    X, y = map(np.concatenate, zip(*blocks(n_rows), strict=True))
    start = perf_counter()
    DPAClassifier(n_partitions=n_partitions, n_jobs=2).fit(X, y)
    return perf_counter() - start


def measure(step, *arguments):
    """Return seconds and peak MB of a step, in a process of its own."""
    start = perf_counter()
    seconds = step(*arguments)
    seconds = perf_counter() - start if seconds is None else seconds
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def in_its_own_process(step, *arguments):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(measure, step, *arguments).result()


def report(n_rows, n_partitions, parent, with_memory):
    n_mb = n_rows * N_COLUMNS * 4 / 1e6
    print(f"{n_rows} rows x {N_COLUMNS} float32 ({n_mb:.0f} MB), {n_partitions} partitions")
    with TemporaryDirectory(dir=parent) as folder:
        steps = [generate, lay_out, read, fit, *([fit_in_memory] if with_memory else [])]
        took = {}
        for step in steps:
            took[step], peak = in_its_own_process(step, n_rows, folder, n_partitions)
            print(
                f"  {step.__name__:14} {took[step]:7.1f} s {n_mb / took[step]:7.0f} MB/s, "
                f"peak {peak:5.0f} MB"
            )
        own = took[lay_out] - took[generate]
        print(f"  laid out at {n_mb / own:.0f} MB/s, without the generator's own time")
        if with_memory:
            print(f"  fit on disk: {took[fit] / took[fit_in_memory]:.2f} of a fit in memory")
        files = [entry for entry in os.scandir(folder) if entry.name.endswith(".parquet")]
        print(f"  {len(files)} files, {sum(f.stat().st_size for f in files) / 1e6:.0f} MB")


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="few rows")
    parser.add_argument("--folder", help="where the data set goes; needs three times its size")
    arguments = parser.parse_args(argv)
    sizes = (200_000,) if arguments.quick else (2_000_000, 6_000_000, 20_000_000)
    for n_rows in sizes:
        n_partitions = 50 if arguments.quick else 1000
        report(n_rows, n_partitions, arguments.folder, with_memory=n_rows <= 2_000_000)


if __name__ == "__main__":
    main()
