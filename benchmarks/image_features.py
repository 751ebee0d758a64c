"""How fast are features of images, beside loops over scikit-image and scipy?

    pip install ".[image]"
    python benchmarks/image_features.py DATA_FOLDER

DATA_FOLDER holds ``mnist.npz`` with `X_train` (28 x 28 uint8). All 60,000 training images are set
upright and described by histograms of oriented gradients in cells of 4 x 4 and of 7 x 7 pixels. The
peers do the same image by image in Python, on as many processes as there are threads here, and get
the same images. Images in colour are three of MNIST's as channels.
"""

import argparse
import resource
from pathlib import Path
from time import perf_counter

import numpy as np
from joblib import Parallel, delayed
from scipy.ndimage import affine_transform
from skimage.feature import hog

from sklearn_certify.image import HOG, Deskew, make_hog_pipeline
from sklearn_certify.neighbors import CertifiedKNN

CELL_SIZES = (4, 7)
CELLS_PER_BLOCK = (2, 2)


def gradients(images):
    """Histograms of oriented gradients by scikit-image."""
    channel_axis = -1 if images.ndim == 4 else None
    rows = []
    for image in images:
        parts = [
            hog(
                image,
                pixels_per_cell=(size, size),
                cells_per_block=CELLS_PER_BLOCK,
                channel_axis=channel_axis,
            )
            for size in CELL_SIZES
        ]
        rows.append(np.concatenate(parts))
    return np.array(rows, dtype=np.float32)


def upright(images):
    """Images set upright by scipy."""
    places = np.indices(images.shape[1:])
    middle = (np.array(images.shape[1:]) - 1) / 2
    made = []
    for image in images.astype(np.float64):
        mean = (places * image).sum(axis=(1, 2)) / image.sum()
        row, column = places - mean[:, np.newaxis, np.newaxis]
        slant = (row * column * image).sum() / (row**2 * image).sum()
        shear = np.array([[1, 0], [slant, 1]])
        made.append(affine_transform(image, shear, mean - shear @ middle, order=1))
    return np.array(made, dtype=np.float32)


def in_processes(function, images, n_jobs):
    blocks = np.array_split(images, 8 * n_jobs)
    made = Parallel(n_jobs=n_jobs)(delayed(function)(block) for block in blocks)
    return np.concatenate(made)


def timed(function, *args):
    start = perf_counter()
    made = function(*args)
    return made, perf_counter() - start


def compare(name, transformer, peer, images, n_jobs):
    transformer.transform(images[:2])  # compiles
    in_processes(peer, images[: 16 * n_jobs], n_jobs)  # starts the processes
    ours, seconds = timed(transformer.transform, images)
    theirs, peer_seconds = timed(in_processes, peer, images, n_jobs)
    difference = np.abs(ours - theirs).max()
    print(
        f"{name:34}{len(images):7,}{seconds:9.2f} s{peer_seconds:9.1f} s"
        f"{peer_seconds / seconds:8.1f}{difference:12.1e}"
    )
    return ours


def load(folder, n_images):
    if folder is None:
        rng = np.random.default_rng(0)
        blobs = rng.integers(0, 256, (n_images, 9, 9))
        return np.repeat(np.repeat(blobs, 4, axis=1), 4, axis=2)[:, 4:32, 4:32].astype(np.uint8)
    with np.load(Path(folder) / "mnist.npz") as data:
        return data["X_train"][:n_images]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_folder", nargs="?")
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="2,000 images; without data, random")
    args = parser.parse_args()
    if args.data_folder is None and not args.quick:
        parser.error("name the DATA_FOLDER, or pass --quick")
    images, n_jobs = load(args.data_folder, 2_000 if args.quick else 60_000), args.n_jobs

    print(f"{n_jobs} threads; peers on {n_jobs} processes\n")
    print(f"{'':34}{'images':>7}{'ours':>11}{'peer':>11}{'ratio':>8}{'difference':>12}")
    straight = compare("deskew", Deskew(n_jobs=n_jobs), upright, images, n_jobs)
    features = HOG(CELL_SIZES, cells_per_block=CELLS_PER_BLOCK, n_jobs=n_jobs)
    compare("HOG, cells 4 and 7", features, gradients, images, n_jobs)
    rows = compare("HOG of deskewed images", features, gradients, straight.astype(float), n_jobs)
    third = len(images) // 3
    colored = np.moveaxis(images[: 3 * third].reshape(3, third, 28, 28), 0, -1)
    compare("HOG in colour", features, gradients, np.ascontiguousarray(colored), n_jobs)

    pipeline = make_hog_pipeline(CELL_SIZES, deskew=True)
    model = CertifiedKNN(transformer=pipeline, n_jobs=n_jobs)
    row_by_row(model, images[:2_000])  # starts the processes
    made, seconds = timed(row_by_row, model, images)
    same = "the same" if np.array_equal(made, rows) else "others"
    print(f"\nboth as transformer= of a classifier: {seconds:.2f} s, {same} to the last bit")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory {peak:.1f} GiB")


def row_by_row(model, images):
    """Return what a classifier makes of rows before it learns from them."""
    model._fit_transformer()
    return model._transform_rows(images)


if __name__ == "__main__":
    main()
