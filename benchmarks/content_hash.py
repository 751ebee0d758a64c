"""How fast are rows hashed, beside pandas' own row hash?

    python benchmarks/content_hash.py

Both hash the same dense float64 rows on one core, then columns of Python objects. pandas hashes
rows by content too (``pandas.util.hash_array`` of every column, combined), but an integer, a
float32 and a float64 column of the same values hash differently there, and so do objects of other
types.
"""

import argparse
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd
from numba import config
from scipy.sparse import random_array

from sklearn_certify._rows import cell_tokens
from sklearn_certify.partition import hash_rows


def median_seconds(function, rows, repeats):
    function(rows)  # compiles, and fills the caches
    times = []
    for _ in range(repeats):
        start = perf_counter()
        function(rows)
        times.append(perf_counter() - start)
    return median(times)


def hash_by_pandas(rows):
    return pd.util.hash_pandas_object(rows, index=False)


def object_columns(n_cells, rng):
    """Return columns of Python objects by the name of their kind."""
    numbers = rng.normal(size=n_cells).tolist()
    whole = rng.integers(-(10**9), 10**9, n_cells).tolist()
    spans = [timedelta(microseconds=1_000_000 * number + 7) for number in whole]
    moments = [datetime(2000, 1, 1) + span for span in spans]
    zone = timezone(timedelta(hours=2))
    columns = {
        "floats": numbers,
        "integers": whole,
        "both, and None": [(None, numbers[i], whole[i])[i % 3] for i in range(n_cells)],
        "truth values": [number > 0 for number in numbers],
        "numpy's float32": list(np.array(numbers, dtype=np.float32)),
        "Decimals": [Decimal(number) / 1000 for number in whole],
        "dates": [moment.date() for moment in moments],
        "datetimes": moments,
        "datetimes with a zone": [moment.replace(tzinfo=zone) for moment in moments],
        "Timestamps": list(map(pd.Timestamp, moments)),
        "timedeltas": spans,
        "unique texts": [f"text number {i}" for i in range(n_cells)],
        "texts that repeat": [f"text number {i % 100}" for i in whole],
    }
    kinds = list(columns.values())
    columns["all of these"] = [kinds[i % len(kinds)][i] for i in range(n_cells)]
    return columns


def compare_object_columns(n_cells, repeats, rng):
    print(f"columns of {n_cells:,} objects, ns a cell")
    for name, cells in object_columns(n_cells, rng).items():
        column = pd.Series(cells, dtype=object)
        own = median_seconds(cell_tokens, column, repeats) / n_cells * 1e9
        peer = median_seconds(hash_by_pandas, column, repeats) / n_cells * 1e9
        print(f"{name:22} {own:7.0f}, pandas {peer:7.0f}, {peer / own:6.1f} x pandas")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    args = parser.parse_args()
    n_rows = args.rows // 10 if args.quick else args.rows

    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, args.columns))
    frame = pd.DataFrame(X)
    megabytes = X.nbytes / 1e6
    all_cores = config.NUMBA_NUM_THREADS

    print(f"{n_rows:,} rows x {args.columns} columns, {megabytes:.0f} MB as float64")
    config.NUMBA_NUM_THREADS = 1
    peer = median_seconds(hash_by_pandas, frame, args.repeats)
    print(f"{'pandas.util.hash_pandas_object':38} {megabytes / peer:7.0f} MB/s")
    held = {
        "float64, 1 core": X,
        "float64, Fortran order, 1 core": np.asfortranarray(X),
        "float32, 1 core": X.astype(np.float32),
        "uint8, 1 core": (X * 50).astype(np.uint8),
        "DataFrame of float64, 1 core": frame,
    }
    for name, rows in held.items():
        own = median_seconds(hash_rows, rows, args.repeats)
        print(f"hash_rows, {name:27} {megabytes / own:7.0f} MB/s, {peer / own:6.1f} x pandas")
    sparse = random_array((n_rows, args.columns * 10), density=0.1, format="csr", rng=rng)
    own = median_seconds(hash_rows, sparse, args.repeats)
    print(f"hash_rows, {'CSR, as many cells, 1 core':27} {megabytes / own:7.0f} MB/s")
    config.NUMBA_NUM_THREADS = all_cores
    own = median_seconds(hash_rows, X, args.repeats)
    print(f"hash_rows, {f'float64, {all_cores} cores':27} {megabytes / own:7.0f} MB/s")
    compare_object_columns(n_rows // 2, min(args.repeats, 3), rng)


if __name__ == "__main__":
    main()
