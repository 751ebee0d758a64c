"""Certified accuracy of DPA and Finite Aggregation on CIFAR-10, without networks, on a CPU.

    pip install ".[image]"
    python benchmarks/cifar10_partitions.py DATA_FOLDER --n-partitions 50 --voter kernel
    python benchmarks/cifar10_partitions.py DATA_FOLDER --n-partitions 250 --degrees 1 16
    python benchmarks/cifar10_partitions.py DATA_FOLDER --quick    # a tenth of everything

DATA_FOLDER holds ``cifar10_jpeg.npz``, a copy of CIFAR-10 as JPEG that is a little lossy: figures
compare with each other, and with a paper's only roughly. Voters see histograms of oriented
gradients and colours in a grid, learn also from five altered copies of each image, mirrored and
moved, and answer for a query by the mean over it and its copies. They are linear classifiers on
random Fourier features, or ("kernel") kernel ridge classifiers with a polynomial kernel, which
are the better ones on 1,000 rows and take a hundred times as long to answer.

Cells, weights, kernels and copies were chosen by how well voters of 200 and of 1,000 training rows
each do on 2,000 other training rows; the test images were used for the tables alone. The papers'
voters are networks, trained on a GPU on the lossless images.
"""

import argparse
import io
import resource
import warnings
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image
from sklearn.pipeline import FeatureUnion, make_pipeline

from sklearn_certify import FiniteAggregationClassifier
from sklearn_certify.augmentation import (
    AugmentedCopies,
    Compose,
    HorizontalFlip,
    RandomShift,
)
from sklearn_certify.exceptions import FingerprintWarning
from sklearn_certify.image import HOG, ColorGrid
from sklearn_certify.kernel_approximation import RandomFourierFeatures
from sklearn_certify.learners import (
    CopiesClassifier,
    StackedKernelRidgeClassifier,
    StackedRidgeClassifier,
)
from sklearn_certify.metrics import certified_accuracy_score

POISON_SIZES = {50: [0, 3, 5, 10, 15, 20], 250: [0, 10, 20, 30, 40, 50]}
# Wang, Levine, Feizi, ICML 2022, Tables 1 and 2: CIFAR-10; in percent, by number of partitions
PAPER = {
    50: {
        "DPA, paper": [70.15, 63.15, 58.07, 46.44, 33.46, 19.36],
        "FA, d = 16, paper": [70.57, 64.80, 60.55, 48.85, 34.61, 19.90],
        "FA, d = 32, paper": [np.nan, 65.40, 61.31, 50.31, 36.03, 19.93],
    },
    250: {
        "DPA, paper": [55.84, 44.31, 34.01, 25.81, 18.99, 13.55],
        "FA, d = 8, paper": [55.88, 45.38, 36.05, 27.10, 20.08, 14.39],
        "FA, d = 16, paper": [np.nan, 46.52, 37.56, 29.00, 22.00, 15.79],
    },
}
# of ridge on random features; a voter of few rows needs less of it
ALPHA = {50: 0.3, 250: 0.1}


def make_features():
    """Return the step that describes images: gradients of the steepest channel, and colours."""
    gradients = HOG(
        (4, 8),
        orientations=16,
        cells_per_block=3,
        center_surround=True,
        block_norm="L1-sqrt",
        signed=True,
        interpolate=True,
        epsilon=5.0,
    )
    colours = ColorGrid(4, with_std=True)
    # gradients have a length of about 0.45 then, colours one of about 0.36
    weights = {"gradients": 40**-0.5, "colours": 0.1 / 255}
    return FeatureUnion(
        [("gradients", gradients), ("colours", colours)], transformer_weights=weights
    )


def make_copies(n_copies, voter):
    """Return the step that alters images, and describes images and copies."""
    features = make_features()
    if voter == "fourier":
        features = make_pipeline(features, RandomFourierFeatures(4.0, n_components=4096))
    altered = Compose([HorizontalFlip(), RandomShift(3, mode="edge")])
    return AugmentedCopies(altered, features, n_copies=n_copies, n_jobs=-1)


def make_model(n_partitions, voter, alpha, *, spreading_degree=1):
    """Return the ensemble with the chosen settings, not fitted; it takes images with copies."""
    learners = {
        "kernel": StackedKernelRidgeClassifier(alpha=1.0, kernel="polynomial", degree=5),
        "fourier": StackedRidgeClassifier(alpha),
    }
    return FiniteAggregationClassifier(
        CopiesClassifier(learners[voter], test_time_augmentation=True),
        n_partitions,
        spreading_degree,
        classes=range(10),
        n_jobs=-1,
    )


def load(folder, part):
    """Return the images and labels of the part "train" or "test"."""
    with np.load(Path(folder) / "cifar10_jpeg.npz") as data:
        files, ends, y = (data[f"{name}_{part}"] for name in ("jpeg", "end", "y"))
    images = [
        np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))
        for file in np.split(files, ends[:-1])
    ]
    return np.stack(images), y


def line(name, accuracies, note=""):
    print(f"{name:26}" + "".join(f"{accuracy:7.2f}" for accuracy in accuracies) + note, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_folder")
    parser.add_argument("--n-partitions", type=int, nargs="*", default=[50, 250], choices=PAPER)
    parser.add_argument("--degrees", type=int, nargs="*", default=[1])
    parser.add_argument("--n-copies", type=int, nargs="*", default=[0, 5])
    parser.add_argument("--voter", choices=["fourier", "kernel"], default="fourier")
    parser.add_argument("--quick", action="store_true", help="a tenth of all rows and partitions")
    args = parser.parse_args()
    step = 10 if args.quick else 1
    warnings.simplefilter("ignore", FingerprintWarning)  # classes are equal by design

    (images, y), (queries, y_test) = (load(args.data_folder, part) for part in ("train", "test"))
    if args.quick:  # the files lie class after class, in turn
        some = [np.random.default_rng(0).permutation(len(part))[::step] for part in (y, y_test)]
        images, y, queries, y_test = images[some[0]], y[some[0]], queries[some[1]], y_test[some[1]]
    for n_copies in args.n_copies:
        start = perf_counter()
        copies = make_copies(n_copies, args.voter)
        X, X_test = copies.fit_transform(images), copies.transform(queries)
        seconds = perf_counter() - start
        print(f"\n{n_copies} copies of each image: {X.shape[2]} features in {seconds:.0f} s")
        for n_partitions in args.n_partitions:
            sizes = POISON_SIZES[n_partitions]
            print(f"certified accuracy in %, k = {n_partitions // step}")
            print(f"{'poison size':26}" + "".join(f"{size:7}" for size in sizes))
            if not args.quick:
                for name, accuracies in PAPER[n_partitions].items():
                    line(name, accuracies)
            for degree in args.degrees:
                name = "DPA" if degree == 1 else f"FA, d = {degree}"
                model = make_model(
                    n_partitions // step, args.voter, ALPHA[n_partitions], spreading_degree=degree
                )
                certify(name, model, X, y, X_test, y_test, sizes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{peak:.1f} GiB of memory at most")


def certify(name, model, X, y, X_test, y_test, sizes):
    """Fit, certify and print; then the same voters in a run-off."""
    start = perf_counter()
    model.fit(X, y)
    fitted = perf_counter()
    for aggregation in ("plurality", "runoff"):
        predicted, radii = model.set_params(aggregation=aggregation).predict_certified(X_test)
        scores = 100 * certified_accuracy_score(y_test, predicted, radii, sizes)
        if aggregation == "plurality":
            votes = perf_counter() - fitted
            line(name, scores, f"   {fitted - start:.0f} s to fit, {votes:.0f} s to certify")
        else:
            line(f"{name}, run-off", scores)


if __name__ == "__main__":
    main()
