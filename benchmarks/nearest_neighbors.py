"""Nearest neighbours on MNIST and CIFAR-10: speed beside scikit-learn, certificates, peers.

    pip install ".[image,plot]"
    python benchmarks/nearest_neighbors.py DATA_FOLDER
    python benchmarks/nearest_neighbors.py --random

DATA_FOLDER holds ``mnist.npz`` (`X_train`, `y_train`, `X_test`, `y_test`; 28 x 28 uint8) and, for
``--data cifar10``, ``cifar10_jpeg.npz``: the images as JPEG files end to end in `jpeg_train` and
`jpeg_test`, where they end in `end_train` and `end_test`, and `y_train`, `y_test`. Features are
scikit-image's default histograms of oriented gradients, the distance is L1, as in Jia, Cao, Gong,
"Certified Robustness of Nearest Neighbors against Data Poisoning Attacks" (2020).

Part one times vote counts beside scikit-learn's brute force, all cores for both, and checks that
they agree: L1 on these features, then Euclidean distances of pixels, as whole numbers and divided
by 255. It also times what kNN takes to certify. Runs of both sides alternate, and medians count.
``--only euclidean`` needs no features, and ``--random`` no data: 10,000 rows of 50 random numbers.

Part two is one table: certified accuracy under "modify" of rNN (row by row, jointly by each
method, and by random division, the paper's baseline), kNN, bagging and DPA. The radius and k are
the paper's. The rows of a voter of bagging and the parts of DPA are those with the best mean over
the columns on held-out training rows.
``--output FILE.png`` draws it.
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
from sklearn_certify.certificates._margins import rival_gaps
from sklearn_certify.metrics import certified_accuracy_score

N_NEIGHBORS = 5000
SETTINGS = {
    "mnist": {
        "radius": 4.0,
        "pixel_radius": 1500.0,  # about 470 rows near a query
        "sizes": [0, 100, 250, 500, 750, 1000, 1500, 2000],
    },
    "cifar10": {
        "radius": 20.0,
        "pixel_radius": 2000.0,
        "sizes": [0, 50, 100, 250, 500, 750, 1000, 1500],
    },
}
VOTER = RidgeClassifier(alpha=0.05)  # of those tried the best on a dozen rows
# what is tried
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


def load(name, folder):
    """Images, labels, queries (images too) and their true labels."""
    if name == "mnist":
        with np.load(Path(folder) / "mnist.npz") as data:
            images, y, queries, truth = (
                data[key] for key in ("X_train", "y_train", "X_test", "y_test")
            )
    else:
        with np.load(Path(folder) / "cifar10_jpeg.npz") as data:
            images = decoded(data["jpeg_train"], data["end_train"])
            queries = decoded(data["jpeg_test"], data["end_test"])
            y, truth = data["y_train"], data["y_test"]
    # labels of the same type as an outlier label that scikit-learn accepts
    return images, y.astype(np.int64), queries, truth.astype(np.int64)


def features(images, color):
    """The features of the paper: histograms of one channel, or of each of several."""
    start = perf_counter()
    if images.ndim == 3:
        rows = histograms(images)
    elif color == "gray":
        rows = histograms(np.array([rgb2gray(image) for image in images]))
    elif color == "strongest":  # at each pixel the channel with the largest gradient
        rows = histograms(images, channel_axis=-1)
    else:
        rows = np.hstack([histograms(images[..., channel]) for channel in range(3)])
    seconds = perf_counter() - start
    print(f"{rows.shape[1]} features of {len(rows):,} images in {seconds:.0f} s")
    return rows


# ---- speed


def timed(function):
    start = perf_counter()
    result = function()
    return result, perf_counter() - start


def compare_speed(X, y, queries, radius, metric, neighbors, repeats):
    """Vote counts beside scikit-learn's probabilities, which are the same counts divided."""
    common = {"metric": metric, "algorithm": "brute", "n_jobs": -1}
    pairs = [
        (
            f"rNN, radius {radius:.4g}",
            CertifiedRNN(radius=radius, metric=metric, n_jobs=-1),
            RadiusNeighborsClassifier(radius=radius, outlier_label=0, **common),
        ),
        *(
            (
                f"kNN, k = {n_neighbors:,}",
                CertifiedKNN(n_neighbors, metric, n_jobs=-1),
                KNeighborsClassifier(n_neighbors, **common),
            )
            for n_neighbors in neighbors
        ),
    ]
    print(f"\nvote counts, {metric}, {X.shape[0]:,} rows x {X.shape[1]} features")
    for name, ours, peer in pairs:
        ours.fit(X, y).vote_counts(queries[:64])  # compiles
        peer.fit(X, y)
        our_times, peer_times = [], []
        for _ in range(repeats):
            counts, seconds = timed(lambda ours=ours: ours.vote_counts(queries))
            our_times.append(seconds)
            shares, seconds = timed(lambda peer=peer: peer.predict_proba(queries))
            peer_times.append(seconds)
        votes = counts.sum(axis=1, keepdims=True)
        same = (np.abs(counts - shares * votes) < 1e-6 * votes + 1e-9).all(axis=1)[votes[:, 0] > 0]
        ratios = [peer / our for our, peer in zip(our_times, peer_times, strict=True)]
        print(
            f"{name:20} {median(our_times):7.2f} s   scikit-learn {median(peer_times):7.2f} s   "
            f"ratio {median(ratios):5.1f}   equal counts {same.mean():.2%}"
        )


def time_certificates(X, y, queries, metric, repeats):
    """What certifying a vote of the nearest rows takes, beside counting it."""
    classifier = CertifiedKNN(N_NEIGHBORS, metric, n_jobs=-1).fit(X, y)
    for name in ("insert_delete", "insert", "delete"):
        classifier.set_params(threat_model=name).predict_certified(queries[:64])
        pairs = [
            [
                timed(lambda: classifier.vote_counts(queries))[1],
                timed(lambda: classifier.predict_certified(queries))[1],
            ]
            for _ in range(repeats)
        ]
        counting, certifying = (median(times) for times in zip(*pairs, strict=True))
        print(
            f"kNN, k = {N_NEIGHBORS:,}, {metric}, {name}: counted in {counting:.2f} s, "
            f"certified in {certifying:.2f} s"
        )


def time_targets(repeats):
    """What a target and a joint certificate add to a vote of the nearest of random rows."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, 11_000)
    X = rng.normal(size=(11_000, 50))
    X[:, :10] += 2 * np.eye(10)[y]
    rows, queries, labels, truth = X[:10_000], X[10_000:], y[:10_000], y[10_000:]
    for metric in ("manhattan", "euclidean", "chebyshev"):
        for n_neighbors in (500, 5_000):
            classifier = CertifiedKNN(n_neighbors, metric, classes=range(10)).fit(rows, labels)
            questions = {
                "radius": lambda it=classifier: it.certified_radius(queries),
                "with a target": lambda it=classifier: it.certified_radius(queries, target=3),
                "joint": lambda it=classifier: it.certified_accuracy(
                    queries, truth, [20, 100], joint=True
                ),
                "kneighbors": lambda it=classifier: it.kneighbors(queries),
            }
            for ask in questions.values():
                ask()  # compiles
            times = [[timed(ask)[1] for ask in questions.values()] for _ in range(repeats)]
            medians = zip(questions, np.median(times, axis=0), strict=True)
            told = "   ".join(f"{name} {seconds:.2f} s" for name, seconds in medians)
            print(f"kNN, k = {n_neighbors:,}, {metric}: {told}")


def compare_euclidean(images, y, queries, radius, repeats):
    """Pixels, and pixels divided by 255, which are no whole numbers."""
    rows = [array.reshape(len(array), -1).astype(np.float64) for array in (images, queries)]
    for unit in (1.0, 255.0):
        X, asked = (array / unit for array in rows)
        compare_speed(X, y, asked, radius / unit, "euclidean", (N_NEIGHBORS, 5), repeats)
    time_certificates(X, y, asked, "euclidean", repeats)


# ---- certificates


def best(make, values, X, y, sizes):
    """The classifier that certifies most held-out training rows, on average over the sizes.

    A row on which it abstains counts as wrong.
    """
    rows, held_out, labels, truth = train_test_split(
        X, y, test_size=min(5000, len(X) // 5), random_state=0, stratify=y
    )
    scores = {}
    for value in values:
        curve = make(value).fit(rows, labels).certified_accuracy(held_out, truth, sizes)
        scores[value] = curve.mean()
        print(
            f"  {value}: {100 * curve[0]:.1f} at {sizes[0]}, {100 * scores[value]:.1f} on average"
        )
    return make(max(values, key=scores.get))


def random_division(counts, truth, sizes, random_state):
    """Joint accuracy of rNN under "modify" by Theorems 3 and 4, with groups formed by chance.

    Every row is in a group of rows with different predictions, the next of each in random order.
    """
    predicted = counts.argmax(axis=1)
    groups = np.empty(len(counts), dtype=np.int64)
    for label in np.unique(predicted):
        of_label = np.flatnonzero(predicted == label)
        groups[of_label] = random_state.permutation(len(of_label))
    correct = predicted == truth
    gaps = rival_gaps(counts, predicted, phantom=True).min(axis=1)
    accuracies = []
    for size in sizes:
        # inserted rows serve every row, removed ones are shared; a wrong row needs none
        needed = np.where(correct, np.maximum(gaps + 1 - size, 0), 0)
        order = np.lexsort([needed, groups])
        group = groups[order]
        place = np.arange(len(group)) - np.searchsorted(group, group)
        taken = np.zeros((group.max() + 1, counts.shape[1]), dtype=np.int64)
        taken[group, place] = needed[order]
        survives = taken.cumsum(axis=1)[group, place] > size
        accuracies.append(np.mean(correct[order] & (survives | (size == 0))))
    return np.array(accuracies)


def neighbor_curves(X, y, queries, truth, radius, sizes):
    """Certified accuracy of rNN by each method and of kNN."""
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
    curves["rNN, random division"] = random_division(
        counts, indices, sizes, np.random.RandomState(0)
    )
    knn = CertifiedKNN(n_neighbors=N_NEIGHBORS, threat_model="modify", n_jobs=-1).fit(X, y)
    start = perf_counter()
    curves["kNN"] = knn.certified_accuracy(queries, truth, sizes)
    print(f"kNN: certified in {perf_counter() - start:.1f} s")
    return curves


def peer_curves(X, y, queries, truth, sizes):
    """Certified accuracy of bagging and DPA with their best settings on training rows."""
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
        model = best(make, [v for v in values if v < len(X) // 5], X, y, sizes).fit(X, y)
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
    parser.add_argument("data_folder", nargs="?")
    parser.add_argument("--random", action="store_true", help="kNN on random rows alone")
    parser.add_argument("--data", choices=SETTINGS, default="mnist")
    parser.add_argument("--color", choices=("gray", "strongest", "channels"), default="gray")
    parser.add_argument("--radius", type=float, help="default: the paper's")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=("speed", "euclidean", "certificates"))
    parser.add_argument("--quick", action="store_true", help="fewer rows and queries")
    parser.add_argument("--output", help="picture to draw, .png")
    args = parser.parse_args()
    if args.random:
        time_targets(args.repeats)
        return
    if args.data_folder is None:
        parser.error("DATA_FOLDER is missing")
    settings = SETTINGS[args.data]
    radius = args.radius or settings["radius"]
    repeats = 1 if args.quick else args.repeats
    images, y, query_images, truth = load(args.data, args.data_folder)
    if args.quick:
        images, y, query_images, truth = images[::6], y[::6], query_images[::10], truth[::10]
    if args.only != "euclidean":
        rows = features(np.concatenate([images, query_images]), args.color)
        X, queries = rows[: len(images)], rows[len(images) :]
    if args.only in ("speed", None):
        compare_speed(X, y, queries, radius, "manhattan", (N_NEIGHBORS,), repeats)
        time_certificates(X, y, queries, "manhattan", repeats)
    if args.only in ("speed", "euclidean", None):
        compare_euclidean(images, y, query_images, settings["pixel_radius"], repeats)
    if args.only in ("speed", "euclidean"):
        return
    sizes = settings["sizes"]
    curves = neighbor_curves(X, y, queries, truth, radius, sizes)
    curves |= peer_curves(X, y, queries, truth, sizes)
    title = f"{args.data}, L1, rNN radius {radius:g}, kNN k = {N_NEIGHBORS:,}"
    print(f"\ncertified accuracy in %, modified rows: {title}")
    print(f"{'poison size':24}" + "".join(f"{size:7}" for size in sizes))
    for name, curve in curves.items():
        print(f"{name:24}" + "".join(f"{100 * value:7.1f}" for value in curve))
    if args.output:
        draw(curves, sizes, title, args.output)


if __name__ == "__main__":
    main()
