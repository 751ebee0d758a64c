"""Certified accuracy of DPA and Finite Aggregation on MNIST, beside the papers' figures.

    pip install ".[image]"
    python benchmarks/mnist_partitions.py DATA_FOLDER               # the test images
    python benchmarks/mnist_partitions.py DATA_FOLDER --held-out    # what settings were chosen by
    python benchmarks/mnist_partitions.py DATA_FOLDER --quick       # DPA alone, every tenth query

DATA_FOLDER holds ``mnist.npz`` with `X_train`, `y_train`, `X_test`, `y_test` (28 x 28 uint8, in the
original order). A voter has about 50 rows. It sees images upright, in one size, as histograms of
oriented gradients, learns from every row and from copies of it, slightly turned, scaled and moved,
and is a linear classifier on random Fourier features. All of that is done image by image. The
papers' voters are networks, trained on a GPU; the numbers of partitions are the same.

All settings were chosen with ``--held-out``: 50,000 training images in proportionally fewer
partitions certify the other 10,000 training images. The test images were used for the tables alone.
"""

import argparse
import resource
from pathlib import Path
from time import perf_counter

import numpy as np
from sklearn.pipeline import make_pipeline

from sklearn_certify import FiniteAggregationClassifier
from sklearn_certify.augmentation import AugmentedCopies, RandomAffine
from sklearn_certify.certificates import overlap_radius, plurality_radius
from sklearn_certify.image import HOG, Deskew
from sklearn_certify.kernel_approximation import RandomFourierFeatures
from sklearn_certify.learners import CopiesClassifier, StackedRidgeClassifier
from sklearn_certify.metrics import (
    certified_accuracy_score,
    certified_radius_gain,
    mean_voter_accuracy,
)

POISON_SIZES = {1200: [0, 50, 100, 200, 300, 400], 3000: [0, 100, 300, 500, 750, 1000]}
# Wang, Levine, Feizi, ICML 2022, Tables 1 and 2: MNIST, k = 1200; in percent
PAPER = {
    (1200, 1): [95.75, 94.12, 92.11, 86.45, 77.12, 61.78],
    (1200, 8): [95.95, 94.38, 92.45, 86.97, 77.31, 61.81],
    (1200, 16): [95.90, 94.54, 92.75, 87.89, 78.91, 62.42],
    (1200, 32): [95.94, 94.63, 92.97, 88.49, 80.17, 64.34],
}


def pixel_sums(images, labels):
    """What the papers partition by: the sum of all pixels, modulo the number of partitions."""
    return images.sum(axis=(1, 2), dtype=np.int64)


def make_model(n_partitions, spreading_degree, *, hash_function=pixel_sums, n_copies=8, n_jobs=-1):
    """Return the ensemble with the chosen settings; a degree of 1 is DPA."""
    features = make_pipeline(
        Deskew(spread=(5.5, 4)),
        HOG(
            4,
            orientations=12,
            cells_per_block=7,  # the image is one block
            block_norm="L1-sqrt",
            signed=True,
            interpolate=True,
        ),
        RandomFourierFeatures(1.0, n_components=2048),
    )
    affine = RandomAffine(rotation=20, scale=(0.9, 1.1), translation=0.04)
    return FiniteAggregationClassifier(
        CopiesClassifier(StackedRidgeClassifier(alpha=0.03)),
        n_partitions,
        spreading_degree,
        hash_function=hash_function,
        transformer=AugmentedCopies(affine, features, n_copies=n_copies),
        classes=range(10),
        n_jobs=n_jobs,
    )


def load(folder, held_out):
    """Training images and labels, queries and their labels."""
    with np.load(Path(folder) / "mnist.npz") as data:
        images, y = data["X_train"], data["y_train"]
        if held_out:
            return images[:50_000], y[:50_000], images[50_000:], y[50_000:]
        return images, y, data["X_test"], data["y_test"]


def ways_to_certify(model, queries, votes):
    """Yield a name and a function that predicts and certifies, for each way to do so.

    The first asks the voters, which takes nearly all of the time, and appends what they say to
    `votes`.
    """

    def certified(tighten):
        if not votes:
            votes.append(model.votes(queries))
        predicted, radii = overlap_radius(
            votes[0], model.spread_, len(model.classes_), tighten=tighten, phantom=False
        )
        return model.classes_[predicted], radii

    yield "", lambda: certified(tighten=False)
    if model.spreading_degree == 1:
        model.set_params(aggregation="runoff")
        yield ", run-off", lambda: model.predict_certified(queries)
    else:
        yield ", tightened", lambda: certified(tighten=True)


def statistics(model, votes, truth):
    """The paper's Table 2: accuracy of voters, share of rows with a larger radius, mean gain.

    The gain is that of Theorem 2 over DPA's radii of the same votes.
    """
    n_classes = len(model.classes_)
    predicted, radii = overlap_radius(votes, model.spread_, n_classes, phantom=False)
    baseline = plurality_radius(votes, n_classes, phantom=False)[1] // model.spreading_degree
    share, gain = certified_radius_gain(truth, model.classes_[predicted], radii, baseline)
    accuracy = mean_voter_accuracy(truth, votes, classes=model.classes_)
    return 100 * accuracy, 100 * share, gain


def line(name, accuracies, note=""):
    print(f"{name:34}" + "".join(f"{accuracy:7.2f}" for accuracy in accuracies) + note, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_folder")
    parser.add_argument("--n-partitions", type=int, default=1200, choices=POISON_SIZES)
    parser.add_argument("--degrees", type=int, nargs="*", default=[1, 8, 16])
    parser.add_argument("--partition-by", choices=["pixel_sum", "content"], default="pixel_sum")
    parser.add_argument("--held-out", action="store_true", help="certify training images")
    parser.add_argument("--quick", action="store_true", help="DPA, 1 copy, every tenth query")
    args = parser.parse_args()
    images, y, queries, y_queries = load(args.data_folder, args.held_out)
    share = len(images) / 60_000
    n_partitions = round(args.n_partitions * share)
    sizes = [round(size * share) for size in POISON_SIZES[args.n_partitions]]
    step = 10 if args.quick else 1

    print(
        f"certified accuracy in %, k = {n_partitions}, partitions by {args.partition_by}; "
        f"{len(images):,} images, {len(queries[::step]):,} queries"
    )
    print(f"{'poison size':34}" + "".join(f"{size:7}" for size in sizes))
    table_2 = {}
    for degree in [1] if args.quick else args.degrees:
        name = "DPA" if degree == 1 else f"FA, d = {degree}"
        if (args.n_partitions, degree) in PAPER:
            line(f"{name}, paper", PAPER[args.n_partitions, degree])
        model = make_model(
            n_partitions,
            degree,
            hash_function=pixel_sums if args.partition_by == "pixel_sum" else None,
            n_copies=1 if args.quick else 8,
        )
        votes = []
        start = perf_counter()
        model.fit(images, y)
        note = f"   {perf_counter() - start:.0f} s to fit"
        for kind, certified in ways_to_certify(model, queries[::step], votes):
            start = perf_counter()
            labels, radii = certified()
            note += f", {perf_counter() - start:.0f} s to certify"
            scores = certified_accuracy_score(y_queries[::step], labels, radii, sizes)
            line(name + kind, 100 * scores, note)
            note = ""
        table_2[f"{name}, Table 2"] = statistics(model, votes[0], y_queries[::step])
    print("\nvoters right, radius rises (both in %), mean gain")
    for name, figures in table_2.items():
        line(name, figures)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{peak:.1f} GiB of memory at most")


if __name__ == "__main__":
    main()
