"""Certified accuracy of DPA and Finite Aggregation on traffic signs, beside the paper's figures.

    pip install ".[image]"
    python benchmarks/gtsrb_partitions.py DATA_FOLDER

DATA_FOLDER holds ``gtsrb_train.npz``, the training part of GTSRB in 32 x 32 pixels: `webp`, all
images as WebP files end to end, `end`, where each of them ends, the labels `y`, and `track`. Images
of one label and one track show the same sign from one drive past it and are nearly equal, so a
fifth of the tracks is held out, never some images of a track. `fit` and `certify` take any images.

A voter has about 784 rows. It sees the middle of each image as histograms of oriented gradients,
and the whole as colours on a grid. It learns from every row and from eight copies of it, slightly
turned, leaned, scaled and moved, and is a kernel ridge classifier of degree 2. The paper's voters
are networks, trained on a GPU.
"""

import argparse
import io
import resource
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import FeatureUnion, make_pipeline

from sklearn_certify import FiniteAggregationClassifier
from sklearn_certify.augmentation import AugmentedCopies, RandomAffine
from sklearn_certify.image import HOG, ColorGrid, GrayImages, ResizedCrop
from sklearn_certify.learners import CopiesClassifier, StackedKernelRidgeClassifier
from sklearn_certify.metrics import certified_accuracy_score

CLASSES = range(43)
# Wang, Levine, Feizi, ICML 2022, Tables 1 and 2: GTSRB; in percent, by number of partitions
POISON_SIZES = {50: [0, 3, 5, 10, 15, 24], 100: [0, 5, 10, 15, 20, 25]}
PAPER = {
    50: {
        "DPA, paper": [88.80, 85.09, 82.32, 74.15, 64.14, 14.27],
        "FA, d = 32, paper": [88.64, 85.95, 83.52, 76.26, 66.32, 17.61],
    },
    100: {
        "DPA, paper": [55.56, 46.16, 38.24, 30.19, 22.84, 17.16],
        "FA, d = 32, paper": [55.35, 48.39, 42.01, 34.96, 27.05, 19.93],
    },
}


def make_model(n_partitions=50, *, spreading_degree=1, n_copies=8, n_jobs=-1):
    """Return the ensemble with the chosen settings, not fitted.

    Parameters
    ----------
    n_partitions : int, default=50
        The inverse of the share of rows that a voter sees.
    spreading_degree : int, default=1
        Voters that use each row; 1 is DPA.
    n_copies : int, default=8
        Altered copies of each row that a voter learns from as well.
    n_jobs : int, default=-1
        Number of threads.

    Returns
    -------
    FiniteAggregationClassifier
    """
    shapes = make_pipeline(
        GrayImages(weights=[1 / 3, 1 / 3, 1 / 3]),
        ResizedCrop(24, crop=15, sigma=0.7),
        HOG(
            (4, 6),
            orientations=12,
            cells_per_block=3,
            center_surround=True,
            block_norm="L1-sqrt",
            signed=True,
            interpolate=True,
            epsilon=2.0,
        ),
    )
    colors = ColorGrid(8, color_space="normalized_opponent", with_brightness=False)
    features = FeatureUnion(
        [("shapes", shapes), ("colors", colors)], transformer_weights={"colors": 0.3}
    )
    affine = RandomAffine(rotation=8, shear=6, scale=(0.9, 1.1), translation=0.05, mode="edge")
    return FiniteAggregationClassifier(
        CopiesClassifier(StackedKernelRidgeClassifier(alpha=0.01, kernel="polynomial", degree=2)),
        n_partitions,
        spreading_degree,
        transformer=AugmentedCopies(affine, features, n_copies=n_copies, n_jobs=n_jobs),
        classes=CLASSES,
        n_jobs=n_jobs,
    )


def fit(images, labels, **settings):
    """Fit the ensemble.

    Parameters
    ----------
    images : ndarray of uint8, of shape (n_images, 32, 32, 3)
        Training images, red, green and blue.
    labels : ndarray of int, of shape (n_images,)
        Which of the 43 signs each shows.
    **settings
        As for `make_model`.

    Returns
    -------
    FiniteAggregationClassifier
        Fitted.
    """
    return make_model(**settings).fit(images, labels)


def certify(model, images):
    """Predict images and say how much poison cannot change that.

    Parameters
    ----------
    model : FiniteAggregationClassifier
        As `fit` returns it.
    images : ndarray of uint8, of shape (n_images, 32, 32, 3)
        Any images.

    Returns
    -------
    labels : ndarray of shape (n_images,)
        What they show.
    radii : ndarray of int, of shape (n_images,)
        How many training images may have been inserted or deleted.
    """
    return model.predict_certified(images)


def load(folder):
    """Return images, labels and, for each image, the number of its track among all tracks."""
    with np.load(Path(folder) / "gtsrb_train.npz") as data:
        files, ends, labels, tracks = (data[name] for name in ("webp", "end", "y", "track"))
    images = [
        np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))
        for file in np.split(files, ends[:-1])
    ]
    _, tracks = np.unique(np.column_stack([labels, tracks]), axis=0, return_inverse=True)
    return np.stack(images), labels, tracks.ravel()


def line(name, accuracies, note=""):
    print(f"{name:26}" + "".join(f"{accuracy:7.2f}" for accuracy in accuracies) + note, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_folder")
    parser.add_argument("--n-partitions", type=int, nargs="*", default=[50, 100], choices=PAPER)
    parser.add_argument("--degrees", type=int, nargs="*", default=[1])
    parser.add_argument("--n-copies", type=int, default=8)
    parser.add_argument("--fold", type=int, default=0, choices=range(5), help="which is held out")
    parser.add_argument("--quick", action="store_true", help="1 copy, every tenth query")
    args = parser.parse_args()
    n_copies = 1 if args.quick else args.n_copies

    images, labels, tracks = load(args.data_folder)
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0).split(images, labels, tracks)
    training, queries = list(folds)[args.fold]
    queries = queries[:: 10 if args.quick else 1]
    print(
        f"{len(training):,} images of {len(np.unique(tracks[training])):,} tracks, "
        f"{len(queries):,} queries of {len(np.unique(tracks[queries]))} other tracks"
    )
    for n_partitions in args.n_partitions:
        sizes = POISON_SIZES[n_partitions]
        print(f"\ncertified accuracy in %, k = {n_partitions}; the paper's on the test images")
        print(f"{'poison size':26}" + "".join(f"{size:7}" for size in sizes))
        for name, accuracies in PAPER[n_partitions].items():
            line(name, accuracies)
        for degree in args.degrees:
            start = perf_counter()
            model = fit(
                images[training],
                labels[training],
                n_partitions=n_partitions,
                spreading_degree=degree,
                n_copies=n_copies,
            )
            fitted = perf_counter()
            predicted, radii = certify(model, images[queries])
            note = f"   {fitted - start:.0f} s to fit, {perf_counter() - fitted:.0f} s to certify"
            scores = certified_accuracy_score(labels[queries], predicted, radii, sizes)
            line("DPA" if degree == 1 else f"FA, d = {degree}", 100 * scores, note)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{peak:.1f} GiB of memory at most")


if __name__ == "__main__":
    main()
