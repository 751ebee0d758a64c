"""Certified accuracy of DPA and Finite Aggregation on MNIST, beside the paper's figures.

    pip install ".[image]"
    python benchmarks/mnist_partitions.py DATA_FOLDER

DATA_FOLDER holds ``mnist.npz`` with `X_train`, `y_train`, `X_test`, `y_test` (28 x 28 uint8, in the
original order). Voters are ridge classifiers on histograms of oriented gradients of the deskewed
image, computed image by image and so sound in front of the classifier. The paper's voters are
networks, trained on a GPU; the number of partitions is the same.
"""

import argparse
from pathlib import Path
from time import perf_counter

import numpy as np
from joblib import Parallel, delayed
from scipy.ndimage import affine_transform
from skimage.feature import hog
from sklearn.linear_model import RidgeClassifier

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier
from sklearn_certify.metrics import certified_accuracy_score

POISON_SIZES = [0, 50, 100, 200, 300, 400]
# Wang, Levine, Feizi, ICML 2022, Tables 1 and 2: MNIST, k = 1200; in percent
PAPER = {
    1: [95.75, 94.12, 92.11, 86.45, 77.12, 61.78],
    8: [95.95, 94.38, 92.45, 86.97, 77.31, 61.81],
    16: [95.90, 94.54, 92.75, 87.89, 78.91, 62.42],
    32: [95.94, 94.63, 92.97, 88.49, 80.17, 64.34],
}
ROWS, COLUMNS = np.indices((28, 28))


def deskew(image):
    """Shear an image so that its strokes stand upright, and centre it."""
    mass = image.sum()
    row, column = (ROWS * image).sum() / mass, (COLUMNS * image).sum() / mass
    variance = ((ROWS - row) ** 2 * image).sum()
    slant = ((ROWS - row) * (COLUMNS - column) * image).sum() / variance
    shear = np.array([[1, 0], [slant, 1]])
    return affine_transform(image, shear, offset=[row, column] - shear @ [13.5, 13.5], order=1)


def features(images):
    """Histograms of oriented gradients in cells of two sizes, one row per image."""
    rows = []
    for image in images:
        upright = deskew(image / 255)
        cells = [
            hog(upright, pixels_per_cell=(size, size), cells_per_block=(2, 2)) for size in (4, 7)
        ]
        rows.append(np.concatenate(cells))
    return np.array(rows, dtype=np.float32)


def load(folder):
    with np.load(Path(folder) / "mnist.npz") as data:
        images, y, queries, y_test = (
            data[name] for name in ("X_train", "y_train", "X_test", "y_test")
        )
    start = perf_counter()
    blocks = np.array_split(np.concatenate([images, queries]), 100)
    rows = np.concatenate(Parallel(n_jobs=-1)(delayed(features)(block) for block in blocks))
    print(f"{rows.shape[1]} features of {len(rows):,} images: {perf_counter() - start:.0f} s")
    return rows[: len(images)], y, rows[len(images) :], y_test


def line(name, accuracies, note=""):
    print(f"{name:34}" + "".join(f"{accuracy:7.2f}" for accuracy in accuracies) + note)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_folder")
    parser.add_argument("--n-partitions", type=int, default=1200)
    parser.add_argument("--degrees", type=int, nargs="*", default=[8, 16])
    args = parser.parse_args()
    X, y, queries, y_test = load(args.data_folder)

    common = {"n_partitions": args.n_partitions, "n_jobs": -1}
    print(f"\ncertified accuracy in %, k = {args.n_partitions}")
    line("poison size", POISON_SIZES)
    for degree in [1, *args.degrees]:
        name = "DPA" if degree == 1 else f"FA, d = {degree}"
        if args.n_partitions == 1200 and degree in PAPER:
            line(f"{name}, paper", PAPER[degree])
        model = (
            DPAClassifier(RidgeClassifier(), **common)
            if degree == 1
            else FiniteAggregationClassifier(RidgeClassifier(), spreading_degree=degree, **common)
        )
        start = perf_counter()
        model.fit(X, y)
        print(f"{model.n_voters_:,} voters fitted in {perf_counter() - start:.0f} s")
        certify(name, model, queries, y_test)
        if degree > 1:
            certify(f"{name}, tightened", model.set_params(tighten=True), queries, y_test)
        if degree == 1:
            model.set_params(aggregation="runoff")
            certify(f"{name}, run-off", model, queries, y_test)


def certify(name, model, queries, y_test):
    start = perf_counter()
    labels, radii = model.predict_certified(queries)
    seconds = perf_counter() - start
    scores = certified_accuracy_score(y_test, labels, radii, POISON_SIZES)
    line(name, 100 * scores, f"   {seconds:.0f} s")


if __name__ == "__main__":
    main()
