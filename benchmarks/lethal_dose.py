"""Forecasts of DPA's certified accuracy from at most 60 voters, beside the fitted truth.

    pip install ".[image]"
    python benchmarks/lethal_dose.py                             # digits, seconds
    python benchmarks/lethal_dose.py --data-folder DATA_FOLDER   # MNIST as well, minutes
    python benchmarks/lethal_dose.py --data-folder DATA_FOLDER --queries-of-its-own

DATA_FOLDER holds ``mnist.npz`` with `X_train` and `y_train` (28 x 28 uint8). 50,000 of MNIST's
training images are learned from and the other 10,000 are asked about; its test images are not used.
For each number of partitions the whole ensemble is fitted once, and the forecast is made with
several seeds, which choose other voters. Printed are the forecast of the first seed, the truth,
what the largest error over all poison sizes is for one seed and another, in points, the root mean
square error, and how often the truth is in the band of 95 %. With 50 partitions all voters are
fitted unless 30 are asked for.

``--queries-of-its-own`` lets the forecast ask about rows of the training set, as it does where no
test rows are given, so that the sampling of rows adds to the errors.
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sklearn_certify import DPAClassifier
from sklearn_certify.lethal_dose import lethal_dose_curve

N_SIZES, N_SHOWN = 26, 9
VOTERS = {50: [30, 60], 100: [30, 60], 200: [60], 1000: [60]}


def settings(data_folder):
    """Yield a name, training rows and labels, queries and labels, numbers of partitions."""
    X, X_test, y, y_test = train_test_split(
        *load_digits(return_X_y=True), test_size=450, random_state=0, stratify=load_digits().target
    )
    yield "digits, pixels", X, y, X_test, y_test, [50, 100, 200, 1000]
    if data_folder is None:
        return
    from sklearn_certify.image import HOG

    with np.load(Path(data_folder) / "mnist.npz") as data:
        images, y = data["X_train"], data["y_train"]
    for name, cells in [("MNIST, HOG(7)", 7), ("MNIST, HOG((4, 7))", (4, 7))]:
        X = HOG(cells).transform(images)
        yield name, X[:50_000], y[:50_000], X[50_000:], y[50_000:], [50, 200, 1000]


def line(name, values):
    print(f"  {name:12}" + "".join(f"{value:7.1f}" for value in values), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-folder")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--queries-of-its-own", action="store_true")
    args = parser.parse_args()
    for name, X, y, X_test, y_test, counts in settings(args.data_folder):
        for n_partitions in counts:
            sizes = np.unique(np.linspace(0, n_partitions // 2, N_SIZES).astype(int))
            start = perf_counter()
            truth = DPAClassifier(n_partitions=n_partitions).fit(X, y)
            truth = truth.certified_accuracy(X_test, y_test, sizes)
            seconds = perf_counter() - start
            for n_voters in VOTERS[n_partitions]:
                compare(name, (X, y, X_test, y_test), sizes, truth, seconds, n_voters, args)


def compare(name, data, sizes, truth, seconds, n_voters, args):
    X, y, X_test, y_test = data
    asked = {} if args.queries_of_its_own else {"X_test": X_test, "y_test": y_test}
    n_partitions = 2 * sizes[-1]
    forecasts, inside = [], []
    start = perf_counter()
    for seed in range(args.seeds):
        curve = lethal_dose_curve(
            None,
            X,
            y,
            partition_counts=n_partitions,
            poison_sizes=sizes,
            n_voters=n_voters,
            random_state=seed,
            **asked,
        )
        (low,), (high,) = curve.band()
        forecasts.append(curve.certified_accuracy[0])
        inside.append((low <= truth) & (truth <= high))
    took = (perf_counter() - start) / args.seeds
    errors = 100 * (np.array(forecasts) - truth)
    shown = np.linspace(0, len(sizes) - 2, N_SHOWN).round().astype(int)
    print(
        f"\n{name}: {n_partitions} partitions, {curve.n_fitted_voters[0]} voters fitted, "
        f"{took:.1f} s a forecast; fitted in {seconds:.1f} s"
    )
    line("poison size", sizes[shown])
    line("forecast", 100 * forecasts[0][shown])
    line("truth", 100 * truth[shown])
    largest = np.abs(errors).max(axis=1)
    print(
        f"  largest error over all sizes, {args.seeds} seeds: mean {largest.mean():.1f}, 95th "
        f"percentile {np.percentile(largest, 95):.1f}, maximum {largest.max():.1f} points; at most "
        f"2 points for {np.mean(largest <= 2):.0%}\n  root mean square "
        f"{np.sqrt((errors**2).mean()):.2f}; in the band of 95 % {np.mean(inside):.0%}"
    )


if __name__ == "__main__":
    main()
