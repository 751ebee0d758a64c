"""How fast are rows hashed, beside pandas' own row hash?

    python benchmarks/content_hash.py

Both hash the same dense float64 rows on one core. pandas hashes rows by content too
(``pandas.util.hash_array`` of every column, combined), but an integer, a float32 and a float64
column of the same values hash differently there.
"""

import argparse
from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd
from numba import config
from scipy.sparse import random_array

from sklearn_certify.partition import hash_rows


def median_seconds(function, repeats):
    function()  # compiles, and fills the caches
    times = []
    for _ in range(repeats):
        start = perf_counter()
        function()
        times.append(perf_counter() - start)
    return median(times)


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

    def hash_frame():
        return pd.util.hash_pandas_object(frame, index=False)

    print(f"{n_rows:,} rows x {args.columns} columns, {megabytes:.0f} MB as float64")
    config.NUMBA_NUM_THREADS = 1
    peer = median_seconds(hash_frame, args.repeats)
    print(f"{'pandas.util.hash_pandas_object':38} {megabytes / peer:7.0f} MB/s")
    held = {
        "float64, 1 core": X,
        "float64, Fortran order, 1 core": np.asfortranarray(X),
        "float32, 1 core": X.astype(np.float32),
        "uint8, 1 core": (X * 50).astype(np.uint8),
        "DataFrame of float64, 1 core": frame,
    }
    for name, rows in held.items():
        own = median_seconds(lambda rows=rows: hash_rows(rows), args.repeats)
        print(f"hash_rows, {name:27} {megabytes / own:7.0f} MB/s, {peer / own:6.1f} x pandas")
    sparse = random_array((n_rows, args.columns * 10), density=0.1, format="csr", rng=rng)
    own = median_seconds(lambda: hash_rows(sparse), args.repeats)
    print(f"hash_rows, {'CSR, as many cells, 1 core':27} {megabytes / own:7.0f} MB/s")
    config.NUMBA_NUM_THREADS = all_cores
    own = median_seconds(lambda: hash_rows(X), args.repeats)
    print(f"hash_rows, {f'float64, {all_cores} cores':27} {megabytes / own:7.0f} MB/s")


if __name__ == "__main__":
    main()
