"""How fast are altered copies of images, and what do they, or several seeds, give a certificate?

    python benchmarks/augmentation.py DATA_FOLDER

DATA_FOLDER holds ``mnist.npz`` with `X_train` (28 x 28 uint8) and `y_train`. First all 60,000
training images get five copies each; the peer is a loop over scipy's `affine_transform` on as many
processes as there are threads here. Then voters learn from 50,000 training images, deskewed and
described by histograms of oriented gradients, and are asked about the other 10,000 training images;
the test set is not touched. Settings are those of a first guess.
"""

import argparse
import resource
from pathlib import Path
from time import perf_counter

import numpy as np
from joblib import Parallel, delayed
from scipy.ndimage import affine_transform
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier
from sklearn_certify.augmentation import AugmentedCopies, ElasticDeformation, RandomAffine
from sklearn_certify.image import make_hog_pipeline
from sklearn_certify.learners import (
    CopiesClassifier,
    SeedEnsembleClassifier,
    StackedRidgeClassifier,
)

N_COPIES = 5


def timed(function, *args):
    start = perf_counter()
    made = function(*args)
    return made, perf_counter() - start


def turned(images):
    """Affine copies by scipy, with matrices drawn at random."""
    rng = np.random.default_rng(0)
    middle, made = (np.array(images.shape[1:]) - 1) / 2, []
    for image in images.astype(np.float32):
        for _ in range(N_COPIES):
            angle, scale = rng.uniform(-0.17, 0.17), rng.uniform(0.9, 1.1)
            matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
            offset = middle - matrix @ middle / scale + rng.uniform(-1.4, 1.4, 2)
            made.append(affine_transform(image, matrix / scale, offset, order=1))
    return np.array(made)


def speed(images, n_jobs):
    share = images[: len(images) // 10]
    blocks = np.array_split(share, 4 * n_jobs)
    Parallel(n_jobs)(delayed(turned)(block[:1]) for block in blocks)  # starts the processes
    _, seconds = timed(lambda: Parallel(n_jobs)(delayed(turned)(block) for block in blocks))
    print(f"{'scipy, a tenth of the images, x 10':44}{10 * seconds:8.1f} s")
    hog = make_hog_pipeline((4, 7), deskew=True)
    for name, maker in (
        ("affine", AugmentedCopies(RandomAffine())),
        ("elastic", AugmentedCopies(ElasticDeformation())),
        ("affine, deskewed, gradients (4, 7)", AugmentedCopies(RandomAffine(), hog)),
    ):
        maker.set_params(n_copies=N_COPIES, n_jobs=n_jobs).fit(images[:2])
        maker.transform(images[:20])  # compiles
        _, seconds = timed(maker.transform, images)
        print(f"{name:44}{seconds:8.1f} s")


def certificates(images, y, n_partitions, n_jobs):
    n_rows = len(images) * 5 // 6
    hog = make_hog_pipeline((4, 7), deskew=True)
    maker = AugmentedCopies(RandomAffine(), hog, n_copies=N_COPIES, n_jobs=n_jobs)
    copies = maker.fit_transform(images)
    rows = np.ascontiguousarray(copies[:, 0])
    sizes = [n_partitions * share // 24 for share in (0, 1, 2, 4, 6, 8)]
    print(f"\n{n_partitions} partitions of {n_rows} rows{'':7}fit    ask   certified at {sizes}")
    ridge, tree = StackedRidgeClassifier(alpha=10), DecisionTreeClassifier(max_features="sqrt")
    partitions = {"n_partitions": n_partitions, "n_jobs": n_jobs}
    for name, X, model in (
        ("DPA, ridge", rows, DPAClassifier(ridge, **partitions)),
        ("  copies", copies, DPAClassifier(CopiesClassifier(ridge), **partitions)),
        (
            "  copies, also of queries",
            copies,
            DPAClassifier(CopiesClassifier(ridge, test_time_augmentation=True), **partitions),
        ),
        (
            "FA, d = 16, ridge",
            rows,
            FiniteAggregationClassifier(ridge, spreading_degree=16, **partitions),
        ),
        (
            "  copies",
            copies,
            FiniteAggregationClassifier(CopiesClassifier(ridge), spreading_degree=16, **partitions),
        ),
        ("DPA, tree", rows, DPAClassifier(tree, **partitions)),
        (
            "DPA*, tree, 16 seeds",
            rows,
            DPAClassifier(SeedEnsembleClassifier(tree, n_seeds=16), **partitions),
        ),
    ):
        _, fit = timed(model.fit, X[:n_rows], y[:n_rows])
        certified, ask = timed(model.certified_accuracy, X[n_rows:], y[n_rows:], sizes)
        figures = " ".join(f"{100 * share:5.1f}" for share in certified)
        print(f"{name:28}{fit:7.1f}{ask:7.1f}   {figures}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_folder")
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="6,000 images, a tenth of the parts")
    args = parser.parse_args()
    with np.load(Path(args.data_folder) / "mnist.npz") as data:
        n_images = 6_000 if args.quick else 60_000
        images, y = data["X_train"][:n_images], data["y_train"][:n_images]
    print(f"{n_images} images, {N_COPIES} copies of each, {args.n_jobs} threads\n")
    speed(images, args.n_jobs)
    certificates(images, y, n_images // 50, args.n_jobs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\npeak memory {peak:.1f} GiB")


if __name__ == "__main__":
    main()
