"""Certified label flips on MNIST: an attacker who changes labels leaves rows as they are.

    pip install ".[image]"
    python benchmarks/label_flips.py DATA_FOLDER               # the test images
    python benchmarks/label_flips.py DATA_FOLDER --held-out    # what settings were chosen by
    python benchmarks/label_flips.py DATA_FOLDER --quick       # 10,000 rows

DATA_FOLDER holds ``mnist.npz`` with `X_train`, `y_train`, `X_test`, `y_test` (28 x 28 uint8, in the
original order). Under ``threat_model="label_flip"`` a step in front may learn from all rows, if it
sees no label and draws nothing. Here that is a spectral embedding of the graph that links every
image with the images most like it; a query lies where its neighbours lie. In it a few labels
suffice, and the fewer a voter needs, the more voters there are to be turned. Voters that tell how
many flips turn them (``label_flips="white_box"``) may be few.

SS-DPA (Levine, Feizi, ICLR 2021), whose voters also share features learned without labels, by
networks, reports that half of the test images stand more than 600 flips. About 3,000 is the most
that any of these methods could certify: half of the rows of a class.
"""

import argparse
import resource
from pathlib import Path
from time import perf_counter

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import eigsh
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline

from sklearn_certify import CertifiedKNN, CertifiedRNN, DPAClassifier
from sklearn_certify.image import HOG, Deskew
from sklearn_certify.learners import (
    StackedNearestCentroid,
    StackedRadiusNeighborsClassifier,
    StackedRidgeClassifier,
)
from sklearn_certify.metrics import certified_accuracy_score, median_certified_radius

POISON_SIZES = [0, 50, 100, 200, 400, 600, 1000, 1500, 2000, 2500]
RADIUS = 0.7  # of unit vectors


def feature_steps(n_jobs=None):
    """Make histograms of oriented gradients, of length one, of upright images of one size."""
    hog = HOG(
        4,
        orientations=12,
        cells_per_block=7,
        block_norm="L1-sqrt",
        signed=True,
        interpolate=True,
        n_jobs=n_jobs,
    )
    return make_pipeline(Deskew(spread=(5.5, 4), n_jobs=n_jobs), hog)


def features(images):
    return feature_steps(n_jobs=-1).transform(images)


def embed(rows, queries, n_neighbors=5, n_components=15):
    """Embed rows and queries by the eigenvectors of the graph of the rows' nearest neighbours.

    Labels play no part. Rows and queries lie at the mean of their neighbours (a row is one of its
    own), scaled to length one.
    """
    search = NearestNeighbors(n_neighbors=n_neighbors + 1, n_jobs=-1).fit(rows)
    near, near_queries = (
        search.kneighbors(part, return_distance=False) for part in (rows, queries)
    )
    others = near[:, 1:].ravel()
    numbers = np.repeat(np.arange(len(rows)), n_neighbors)
    links = sparse.csr_matrix((np.ones(len(others)), (numbers, others)), shape=(len(rows),) * 2)
    links = links.maximum(links.T)
    weights = sparse.diags(np.asarray(links.sum(axis=1)).ravel() ** -0.5)
    _, vectors = eigsh(weights @ links @ weights, n_components, v0=np.ones(len(rows)))
    places = weights @ vectors * np.sqrt(len(rows))
    means = [places[numbers].mean(axis=1) for numbers in (near, near_queries[:, :n_neighbors])]
    return [mean / np.linalg.norm(mean, axis=1, keepdims=True) for mean in means]


def methods(n_rows):
    """Yield names and classifiers, from 50 rows per voter down to one."""
    flips = {"threat_model": "label_flip", "classes": range(10), "n_jobs": -1}
    parts = {"partition_by": "features", **flips}
    for rows_per_voter in (50, 20):
        n_partitions = n_rows // rows_per_voter
        yield (
            f"DPA, k = {n_partitions}, nearest centroid",
            DPAClassifier(StackedNearestCentroid(), n_partitions, **parts),
        )
    near = StackedRadiusNeighborsClassifier(RADIUS, outlier_label=-1)  # abstains with -1
    n_partitions = n_rows // 5
    yield f"DPA, k = {n_partitions}, radius", DPAClassifier(near, n_partitions, **parts)
    opened = {"label_flips": "white_box", **parts}
    for n_partitions in (n_rows // 600, 1):
        ridge = StackedRidgeClassifier(n_rows / n_partitions / 5, store_rows=True)
        yield (
            f"DPA, k = {n_partitions}, ridge, white box",
            DPAClassifier(ridge, n_partitions, **opened),
        )
    yield "DPA, k = 1, radius, white box", DPAClassifier(near, 1, **opened)
    n_neighbors = n_rows // 12
    yield (
        f"kNN, k = {n_neighbors}",
        CertifiedKNN(n_neighbors, metric="euclidean", **flips),
    )
    yield "rNN", CertifiedRNN(RADIUS, metric="euclidean", outlier_label=0, **flips)


def certify(name, model, rows, y, queries, y_queries, sizes):
    """Fit, certify, and print the median and the certified accuracy at some sizes."""
    start = perf_counter()
    predicted, radii = model.fit(rows, y).predict_certified(queries)
    seconds = perf_counter() - start
    median = median_certified_radius(y_queries, predicted, radii)
    scores = 100 * certified_accuracy_score(y_queries, predicted, radii, sizes)
    print(
        f"{name:34}{median:8}" + "".join(f"{score:7.2f}" for score in scores) + f"{seconds:7.0f} s",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_folder")
    parser.add_argument("--held-out", action="store_true", help="certify training images")
    parser.add_argument("--quick", action="store_true", help="10,000 rows")
    args = parser.parse_args()
    with np.load(Path(args.data_folder) / "mnist.npz") as data:
        images, y = data["X_train"], data["y_train"].astype(int)
        queries, y_queries = data["X_test"], data["y_test"].astype(int)
    if args.held_out or args.quick:
        n_rows = 10_000 if args.quick else 50_000
        queries, y_queries = images[50_000:], y[50_000:]
        images, y = images[:n_rows], y[:n_rows]
    sizes = [round(size * len(images) / 60_000) for size in POISON_SIZES]

    start = perf_counter()
    hogs, hogs_of_queries = features(images), features(queries)
    middle = perf_counter()
    rows, rows_of_queries = embed(hogs, hogs_of_queries)
    print(
        f"{len(images):,} images, {len(queries):,} queries: features in {middle - start:.0f} s, "
        f"embedding in {perf_counter() - middle:.0f} s"
    )
    print("\ncertified accuracy in % if so many labels are flipped")
    print(f"{'':34}{'median':>8}" + "".join(f"{size:7}" for size in sizes))
    ridge = DPAClassifier(
        StackedRidgeClassifier(0.03),
        len(images) // 50,
        threat_model="label_flip",
        partition_by="features",
        classes=range(10),
        n_jobs=-1,
    )
    name = f"DPA, k = {ridge.n_partitions}, ridge, not embedded"
    certify(name, ridge, hogs, y, hogs_of_queries, y_queries, sizes)
    for name, model in methods(len(images)):
        certify(name, model, rows, y, rows_of_queries, y_queries, sizes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{peak:.1f} GiB of memory at most")


if __name__ == "__main__":
    main()
