"""Nearest neighbours on MNIST and CIFAR-10: speed beside scikit-learn, certificates, peers.

    pip install ".[image,plot]"
    python benchmarks/nearest_neighbors.py DATA_FOLDER

DATA_FOLDER holds ``mnist.npz`` (`X_train`, `y_train`, `X_test`, `y_test`; 28 x 28 uint8) and, for
``--data cifar10``, ``cifar10_jpeg.npz``: the images as JPEG files end to end in `jpeg_train` and
`jpeg_test`, where they end in `end_train` and `end_test`, and `y_train`, `y_test`. Features are
scikit-image's default histograms of oriented gradients, the distance is L1, as in Jia, Cao, Gong,
"Certified Robustness of Nearest Neighbors against Data Poisoning Attacks" (2020).

Part one times vote counts beside scikit-learn's brute force, all cores for both, and checks that
they agree. Part two is one table: certified accuracy under "modify" of rNN (row by row, and jointly
by each method), kNN, and bagging and DPA with settings of about the same clean accuracy, chosen on
held-out training rows. ``--output FILE.png`` draws it.
"""

import argparse
import io
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from joblib import Parallel, delayed
from skimage.color import rgb2gray
from skimage.feature import hog
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier, RadiusNeighborsClassifier

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
)
from sklearn_certify.certificates import joint_neighbors_accuracy
from sklearn_certify.metrics import certified_accuracy_score

N_NEIGHBORS = 5000
SETTINGS = {
    "mnist": {"radius": 4.0, "sizes": [0, 100, 250, 500, 750, 1000, 1500, 2000]},
    "cifar10": {"radius": 20.0, "sizes": [0, 50, 100, 250, 500, 750, 1000, 1500]},
}
VOTER = RidgeClassifier(alpha=0.05)  # of those tried the best on a dozen rows
# what is tried, from many rows per voter to few, until the clean accuracy is that of kNN
BAGGED_ROWS = [4000, 2000, 1000, 400, 200, 100, 70, 50, 40, 30, 27, 20, 15]
N_PARTITIONS = [100, 300, 900, 1500, 2500, 4000, 5500]
JOINT_METHODS = ("pointwise", "island", "knapsack", "branch")


# ---- data


def histograms(images, **options):
    """Histograms of oriented gradients, one row per image; images in parallel."""

    def of_batch(batch):
        return np.array([hog(image, **options) for image in batch])

    batches = np.array_split(images, 100)
    return np.concatenate(Parallel(n_jobs=-1)(delayed(of_batch)(batch) for batch in batches))


def decoded(files, ends):
    """Images from JPEG files that lie end to end."""
    from PIL import Image

    starts = np.concatenate([[0], ends[:-1]])
    return np.array(
        [
            np.asarray(Image.open(io.BytesIO(files[start:end].tobytes())))
            for start, end in zip(starts, ends, strict=True)
        ]
    )


def load(name, folder, color):
    """Rows, labels, queries and their true labels."""
    start = perf_counter()
    if name == "mnist":
        with np.load(Path(folder) / "mnist.npz") as data:
            images, y, queries, truth = (
                data[key] for key in ("X_train", "y_train", "X_test", "y_test")
            )
        rows = histograms(np.concatenate([images, queries]))
    else:
        with np.load(Path(folder) / "cifar10_jpeg.npz") as data:
            images = decoded(data["jpeg_train"], data["end_train"])
            queries = decoded(data["jpeg_test"], data["end_test"])
            y, truth = data["y_train"], data["y_test"]
        together = np.concatenate([images, queries])
        if color == "gray":
            rows = histograms(np.array([rgb2gray(image) for image in together]))
        elif color == "strongest":  # at each pixel the channel with the largest gradient
            rows = histograms(together, channel_axis=-1)
        else:
            rows = np.hstack([histograms(together[..., channel]) for channel in range(3)])
    print(
        f"{name}: {rows.shape[1]} features of {len(rows):,} images in "
        f"{perf_counter() - start:.0f} s"
    )
    # of the same type as an outlier label that scikit-learn accepts
    y, truth = y.astype(np.int64), truth.astype(np.int64)
    return rows[: len(images)], y, rows[len(images) :], truth


# ---- speed


def timed(function, repeats):
    times = []
    for _ in range(repeats):
        start = perf_counter()
        result = function()
        times.append(perf_counter() - start)
    return result, median(times)


def compare_speed(X, y, queries, radius, repeats):
    """Vote counts beside scikit-learn's probabilities, which are the same counts divided."""
    common = {"metric": "manhattan", "algorithm": "brute", "n_jobs": -1}
    pairs = [
        (
            f"rNN, radius {radius:g}",
            CertifiedRNN(radius=radius, n_jobs=-1),
            RadiusNeighborsClassifier(radius=radius, outlier_label=0, **common),
        ),
        (
            f"kNN, k = {N_NEIGHBORS:,}",
            CertifiedKNN(n_neighbors=N_NEIGHBORS, n_jobs=-1),
            KNeighborsClassifier(n_neighbors=N_NEIGHBORS, **common),
        ),
    ]
    print(f"\nvote counts, L1, {len(X):,} rows x {len(queries):,} queries, medians of {repeats}")
    for name, ours, peer in pairs:
        ours.fit(X, y).vote_counts(queries[:64])  # compiles
        peer.fit(X, y)
        counts, our_time = timed(lambda ours=ours: ours.vote_counts(queries), repeats)
        shares, peer_time = timed(lambda peer=peer: peer.predict_proba(queries), repeats)
        votes = counts.sum(axis=1, keepdims=True)
        same = (np.abs(counts - shares * votes) < 1e-6 * votes + 1e-9).all(axis=1)[votes[:, 0] > 0]
        print(
            f"{name:20} {our_time:7.2f} s   scikit-learn {peer_time:7.2f} s   "
            f"ratio {peer_time / our_time:5.1f}   equal counts {same.mean():.2%}"
        )


# ---- certificates


def similar(make, values, X, y, target):
    """The classifier whose accuracy on held-out training rows is closest to the target.

    A row on which it abstains counts as wrong.
    """
    rows, held_out, labels, truth = train_test_split(
        X, y, test_size=min(5000, len(X) // 5), random_state=0, stratify=y
    )
    scores = {
        value: make(value).fit(rows, labels).certified_accuracy(held_out, truth, 0)
        for value in values
    }
    return make(min(values, key=lambda value: abs(scores[value] - target)))


def neighbor_curves(X, y, queries, truth, radius, sizes):
    """Certified accuracy of rNN by each method and of kNN, and the clean accuracy of kNN."""
    curves = {}
    rnn = CertifiedRNN(radius=radius, threat_model="modify", n_jobs=-1).fit(X, y)
    start = perf_counter()
    counts = rnn.vote_counts(queries)
    print(f"\nrNN: vote counts in {perf_counter() - start:.1f} s")
    indices = np.searchsorted(rnn.classes_, truth)
    for method in JOINT_METHODS:
        start = perf_counter()
        curves[f"rNN, {method}"] = joint_neighbors_accuracy(
            counts, indices, sizes, threat_model="modify", method=method
        )
        print(f"rNN, {method}: certified in {perf_counter() - start:.1f} s")
    knn = CertifiedKNN(n_neighbors=N_NEIGHBORS, threat_model="modify", n_jobs=-1).fit(X, y)
    start = perf_counter()
    curves["kNN"] = knn.certified_accuracy(queries, truth, sizes)
    print(f"kNN: certified in {perf_counter() - start:.1f} s")
    return curves


def peer_curves(X, y, queries, truth, sizes, target):
    """Certified accuracy of bagging and DPA with about the clean accuracy of the target."""
    makers = {
        "bagging, {max_samples} rows": (
            lambda value: BaggingCertifiedClassifier(
                VOTER,
                n_estimators=1000,
                max_samples=value,
                threat_model="modify",
                random_state=0,
                n_jobs=-1,
            ),
            BAGGED_ROWS,
        ),
        "DPA, {n_partitions} parts": (
            lambda value: DPAClassifier(
                VOTER, n_partitions=value, threat_model="modify", n_jobs=-1
            ),
            N_PARTITIONS,
        ),
    }
    curves = {}
    for name, (make, values) in makers.items():
        start = perf_counter()
        model = similar(make, [v for v in values if v < len(X) // 5], X, y, target).fit(X, y)
        labels, radii = model.predict_certified(queries)
        name = name.format(**model.get_params())
        curves[name] = certified_accuracy_score(truth, labels, radii, sizes)
        print(f"{name}: chosen, fitted and certified in {perf_counter() - start:.0f} s")
    return curves


def draw(curves, sizes, title, path):
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for name, curve in curves.items():
        axes.plot(sizes, 100 * np.asarray(curve), marker="o", markersize=3, label=name)
    axes.set(title=title, xlabel="modified rows", ylabel="certified accuracy in %")
    axes.set_ylim(bottom=0)
    axes.legend()
    figure.savefig(path, dpi=150)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_folder")
    parser.add_argument("--data", choices=SETTINGS, default="mnist")
    parser.add_argument("--color", choices=("gray", "strongest", "channels"), default="gray")
    parser.add_argument("--radius", type=float, help="default: the paper's")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=("speed", "certificates"))
    parser.add_argument("--quick", action="store_true", help="fewer rows and queries")
    parser.add_argument("--output", help="picture to draw, .png")
    args = parser.parse_args()
    settings = SETTINGS[args.data]
    radius = args.radius or settings["radius"]
    X, y, queries, truth = load(args.data, args.data_folder, args.color)
    if args.quick:
        X, y, queries, truth = X[::6], y[::6], queries[::10], truth[::10]
    if args.only != "certificates":
        compare_speed(X, y, queries, radius, 1 if args.quick else args.repeats)
    if args.only == "speed":
        return
    sizes = settings["sizes"]
    curves = neighbor_curves(X, y, queries, truth, radius, sizes)
    curves |= peer_curves(X, y, queries, truth, sizes, target=curves["kNN"][0])
    title = f"{args.data}, L1, rNN radius {radius:g}, kNN k = {N_NEIGHBORS:,}"
    print(f"\ncertified accuracy in %, modified rows: {title}")
    print(f"{'poison size':24}" + "".join(f"{size:7}" for size in sizes))
    for name, curve in curves.items():
        print(f"{name:24}" + "".join(f"{100 * value:7.1f}" for value in curve))
    if args.output:
        draw(curves, sizes, title, args.output)


if __name__ == "__main__":
    main()
