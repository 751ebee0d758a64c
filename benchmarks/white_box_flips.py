"""Certified label flips on MNIST where voters tell what a flip does, beside those that do not.

    pip install ".[image]"
    python benchmarks/white_box_flips.py DATA_FOLDER               # held-out training images
    python benchmarks/white_box_flips.py DATA_FOLDER --test        # the frontier, test images
    python benchmarks/white_box_flips.py DATA_FOLDER --queries 500 --quick
    python benchmarks/white_box_flips.py DATA_FOLDER --n-copies 4
    python benchmarks/white_box_flips.py --speed                   # made rows, no data

DATA_FOLDER holds ``mnist.npz`` with `X_train`, `y_train`, `X_test`, `y_test` (28 x 28 uint8, in the
original order). Voters are ridge regressions on histograms of oriented gradients of upright images,
in double precision, on 60,000 rows in few partitions; or on 50,000 training images in
proportionally fewer, which certify the other 10,000. ``label_flips="white_box"`` counts the labels
that must change before a voter votes otherwise, "black_box" the voters that have a flipped label.
``--n-copies`` has voters that learn from turned, scaled and moved copies of each image as well.
``--test`` has the settings that held-out images favour, and the voters of `label_flips.py`, whose
features are an embedding that is learned from all rows without labels.

SS-DPA (Levine, Feizi, ICLR 2021), whose voters also share features learned without labels, by
networks, reports that half of the test images stand more than 600 flips.
"""

import argparse
import resource
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from label_flips import POISON_SIZES, embed, feature_steps, features, methods

from sklearn_certify import DPAClassifier
from sklearn_certify.augmentation import AugmentedCopies, RandomAffine
from sklearn_certify.certificates import plurality_radius
from sklearn_certify.learners import CopiesClassifier, StackedRidgeClassifier
from sklearn_certify.metrics import certified_accuracy_score, median_certified_radius

PENALTIES = {1: [10, 100, 1000], 6: [30, 300], 60: [1, 3, 10, 30], 300: [0.3, 1, 3, 10, 30]}
FRONTIER = {1: [10, 100, 1000], 60: [1, 10, 30], 300: [0.3, 1, 30]}
WITH_COPIES = {60: [10, 20, 50], 300: [1, 3, 5]}
BLACK_BOX = {1200: 0.03, 3000: 0.1}


def certify(name, model, rows, y, queries, y_queries, sizes):
    """Fit and certify; print accuracy, medians of both certificates, and certified accuracies."""
    is_open = getattr(model, "label_flips", None) == "white_box"
    start = perf_counter()
    predicted, radii = model.fit(rows, y).predict_certified(queries)
    seconds = perf_counter() - start
    medians = [median_certified_radius(y_queries, predicted, radii)] if is_open else ["-"]
    black_box = radii
    if is_open:
        _, black_box = plurality_radius(model.votes(queries), 10, phantom=False)
    medians.append(median_certified_radius(y_queries, predicted, black_box))
    scores = 100 * certified_accuracy_score(y_queries, predicted, radii, sizes)
    print(
        f"{name:34}{medians[0]:>8}{medians[1]:>8}"
        + "".join(f"{score:7.2f}" for score in scores)
        + f"{seconds:7.0f} s",
        flush=True,
    )


def ensemble(n_partitions, alpha, label_flips, *, copies=False):
    ridge = StackedRidgeClassifier(alpha, store_rows=label_flips == "white_box")
    return DPAClassifier(
        CopiesClassifier(ridge) if copies else ridge,
        n_partitions,
        threat_model="label_flip",
        classes=range(10),
        label_flips=label_flips,
        n_jobs=-1,
    )


def ensembles(penalties, share, *, copies):
    """Yield names and ensembles of voters on histograms, on a share of the 60,000 rows."""
    settings = [(k, alpha, "white_box") for k, alphas in penalties.items() for alpha in alphas]
    if not copies:
        settings += [(k, alpha, "black_box") for k, alpha in BLACK_BOX.items()]
    for n_partitions, alpha, label_flips in settings:
        model = ensemble(max(round(n_partitions * share), 1), alpha, label_flips, copies=copies)
        yield f"DPA, k = {model.n_partitions}, ridge, alpha = {alpha}", model


def measure_speed():
    """10,000 queries, 60 voters with 1,000 rows each, of 588 features."""
    rng = np.random.default_rng(0)
    rows, y = rng.normal(size=(70_000, 588)) / 24, rng.integers(0, 10, 70_000)
    rows[:, 0] += y / 10
    model = ensemble(60, 30.0, "white_box").fit(rows[:60_000], y[:60_000])
    model.certified_radius(rows[:10])  # compiles
    start = perf_counter()
    model.votes(rows[60_000:])
    middle, busy = perf_counter(), process_time()
    model.certified_radius(rows[60_000:])
    busy = process_time() - busy
    print(
        f"10,000 queries, 60 voters, 60,000 rows of 588 features: votes in {middle - start:.1f} s, "
        f"with radii in {perf_counter() - middle:.1f} s, in which cores were busy for {busy:.1f} s"
    )


def load(folder, test):
    with np.load(Path(folder) / "mnist.npz") as data:
        images, y = data["X_train"], data["y_train"].astype(int)
        if test:
            return images, y, data["X_test"], data["y_test"].astype(int)
        return images[:50_000], y[:50_000], images[50_000:], y[50_000:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_folder", nargs="?")
    parser.add_argument("--test", action="store_true", help="certify the test images")
    parser.add_argument("--queries", type=int, default=10_000, help="how many, evenly spaced")
    parser.add_argument("--quick", action="store_true", help="one penalty for each number of parts")
    parser.add_argument("--n-copies", type=int, default=0, help="altered, of each image")
    parser.add_argument("--speed", action="store_true", help="only the seconds, on made rows")
    args = parser.parse_args()
    if args.speed:
        measure_speed()
        return
    images, y, queries, y_queries = load(args.data_folder, args.test)
    step = -(-len(queries) // args.queries)
    queries, y_queries = queries[::step], y_queries[::step]
    share = len(images) / 60_000
    sizes = [round(size * share) for size in POISON_SIZES]
    copies, describe = args.n_copies > 0, features
    penalties = FRONTIER if args.test else PENALTIES
    if copies:
        affine = RandomAffine(rotation=20, scale=(0.9, 1.1), translation=0.04)
        maker = AugmentedCopies(affine, feature_steps(), n_copies=args.n_copies, n_jobs=-1)
        describe, penalties = maker.fit_transform, WITH_COPIES
    hogs, hogs_of_queries = describe(images), describe(queries)
    rows, queries = hogs.astype(np.float64), hogs_of_queries.astype(np.float64)
    print(f"{len(rows):,} images, {len(queries):,} queries; medians, and certified accuracy in %")
    print(f"{'':34}{'white':>8}{'black':>8}" + "".join(f"{size:7}" for size in sizes))
    if args.quick:
        penalties = {n_partitions: alphas[-2:-1] for n_partitions, alphas in penalties.items()}
    for name, model in ensembles(penalties, share, copies=copies):
        certify(name, model, rows, y, queries, y_queries, sizes)
    if args.test and not copies:
        rows, queries = embed(hogs, hogs_of_queries)
        print("embedded")
        for name, model in methods(len(rows)):
            certify(name, model, rows, y, queries, y_queries, sizes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{peak:.1f} GiB of memory at most, cores busy for {process_time():.0f} s")


if __name__ == "__main__":
    main()
