"""Certified accuracy of DPA on CIFAR-10 with the papers' voters: Network in Network, on a GPU.

    pip install ".[torch]" kornia pillow
    python benchmarks/cifar10_networks.py DATA_FOLDER                        # needs a GPU
    python benchmarks/cifar10_networks.py DATA_FOLDER --augmentation auto    # the paper's doubling
    python benchmarks/cifar10_networks.py DATA_FOLDER --n-partitions 50
    python benchmarks/cifar10_networks.py DATA_FOLDER --quick                # on a processor

DATA_FOLDER holds ``cifar10_jpeg.npz``: `jpeg_train`, all images as JPEG files end to end,
`end_train`, where each of them ends, the labels `y_train`, and the same of the test images. A lossy
copy is not the data of the papers: compare ways to train on the same copy.

Settings are the papers': 200 epochs in batches of 128, with shifts and flips; with AutoAugment's
policy for CIFAR-10, which kornia has, 600 epochs in batches of 16. ``--held-out`` certifies a fifth
of the training images. ``--quick`` takes few images, a narrow network and two epochs, to see that
all is in order; its figures mean nothing. Without a GPU the rest would take days.

At the end some voters are trained one by one, by a loop around torch's own optimizer, for some
epochs, from which the time for all follows.
"""

import argparse
import io
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from PIL import Image

from sklearn_certify import DPAClassifier
from sklearn_certify.metrics import certified_accuracy_score
from sklearn_certify.networks import (
    NetworkInNetwork,
    RandomAffineOnDevice,
    StackedNetClassifier,
)

# Wang, Levine, Feizi, ICML 2022, Tables 1 and 2: CIFAR-10, DPA; in percent
POISON_SIZES = {50: [0, 3, 5, 10, 15, 20], 250: [0, 10, 20, 30, 40, 50]}
PAPER = {
    50: [70.15, 63.15, 58.07, 46.44, 33.46, 19.36],
    250: [55.84, 44.31, 34.01, 25.81, 18.99, 13.55],
}
SHIFT_AND_FLIP = RandomAffineOnDevice(
    rotation=0, scale=(1, 1), translation=0.125, horizontal_flip=True
)


class AutoAugmented:
    """AutoAugment's policy for CIFAR-10, on images of 0 to 255."""

    def __init__(self):
        from kornia.augmentation.auto import AutoAugment

        self.policy = AutoAugment("cifar10")

    def __call__(self, images):
        return self.policy(images.float() / 255) * 255


SETTINGS = {
    "none": {"n_epochs": 200, "batch_size": 128, "learning_rate": 0.1},
    "flip": {"n_epochs": 200, "batch_size": 128, "learning_rate": 0.1},
    "auto": {"n_epochs": 600, "batch_size": 16, "learning_rate": 0.005},
}
AUGMENTATIONS = {"none": lambda: None, "flip": lambda: SHIFT_AND_FLIP, "auto": AutoAugmented}


def make_voter(augmentation, *, quick, device, **settings):
    """Return a voter with the papers' settings, or a quick one."""
    own = dict(SETTINGS[augmentation])
    if quick:
        own.update(n_epochs=2, batch_size=16, module_params={"width": 16})
    return StackedNetClassifier(
        NetworkInNetwork,
        optimizer="sgd",
        schedule="step",
        weight_decay=5e-4,
        augmentation=AUGMENTATIONS[augmentation](),
        device=device,
        **own,
        **settings,
    )


def load_part(folder, part):
    """Return images of shape (n_images, 32, 32, 3) and labels."""
    with np.load(Path(folder) / "cifar10_jpeg.npz") as data:
        files, ends, labels = (data[f"{name}_{part}"] for name in ("jpeg", "end", "y"))
    starts = np.concatenate([[0], ends[:-1]])
    images = [
        np.asarray(Image.open(io.BytesIO(files[start:end].tobytes())).convert("RGB"))
        for start, end in zip(starts, ends, strict=True)
    ]
    return np.stack(images), labels.astype(np.int64)


def load(folder, held_out):
    """Training images and labels, queries and their labels."""
    images, labels = load_part(folder, "train")
    if not held_out:
        return images, labels, *load_part(folder, "test")
    order = np.random.default_rng(0).permutation(len(images))  # the files are in order of classes
    asked, learned = np.split(order, [len(images) // 5])
    return images[learned], labels[learned], images[asked], labels[asked]


def seconds_alone(voter, images, labels, n_epochs):
    """Return how long a loop around torch's own optimizer takes for one voter and one epoch."""
    device = voter.device
    network = NetworkInNetwork((3, 32, 32), 10, **(voter.module_params or {})).to(device)
    optimizer = torch.optim.SGD(
        network.parameters(), voter.learning_rate, 0.9, weight_decay=5e-4, nesterov=True
    )
    rows = torch.from_numpy(np.moveaxis(images, 3, 1).astype(np.float32) / 255).to(device)
    targets = torch.from_numpy(labels).to(device)
    start = perf_counter()
    for _ in range(n_epochs):
        for batch in torch.randperm(len(rows), device=device).split(voter.batch_size):
            flipped = torch.rand(len(batch), 1, 1, 1, device=device) < 0.5
            inputs = torch.where(flipped, rows[batch].flip(3), rows[batch])
            loss = torch.nn.functional.cross_entropy(network(inputs), targets[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    if device != "cpu":
        torch.cuda.synchronize()
    return (perf_counter() - start) / n_epochs


def line(name, accuracies, note=""):
    print(f"{name:20}" + "".join(f"{accuracy:7.2f}" for accuracy in accuracies) + note, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_folder")
    parser.add_argument("--n-partitions", type=int, default=250, choices=POISON_SIZES)
    parser.add_argument("--augmentation", choices=SETTINGS, default="flip")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--n-stacked", type=int, default=10, help="voters trained at once")
    parser.add_argument("--held-out", action="store_true", help="certify training images")
    parser.add_argument("--quick", action="store_true", help="few images, on a processor")
    parser.add_argument("--n-alone", type=int, default=3, help="voters trained one by one")
    parser.add_argument("--checkpoint-folder", help="where trained voters are kept")
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() and not args.quick else "cpu"
    if device == "cpu" and not args.quick:
        parser.error("this needs a GPU that torch can use; --quick runs on a processor")
    images, labels, queries, y_queries = load(args.data_folder, args.held_out)
    n_partitions = args.n_partitions
    if args.quick:
        torch.set_num_threads(1)  # as voters are trained
        few = np.random.default_rng(0).permutation(len(images))[:400]
        images, labels, n_partitions = images[few], labels[few], 10
        few = np.random.default_rng(0).permutation(len(queries))[:100]
        queries, y_queries = queries[few], y_queries[few]
    sizes = POISON_SIZES[args.n_partitions]
    print(
        f"certified accuracy in %, k = {n_partitions}, augmentation: {args.augmentation}; "
        f"{len(images):,} images, {len(queries):,} queries"
    )
    line("poison size", sizes)
    line("DPA, paper", PAPER[args.n_partitions])
    voter = make_voter(
        args.augmentation,
        quick=args.quick,
        device=device,
        precision=args.precision,
        n_stacked=args.n_stacked,
        checkpoint_folder=args.checkpoint_folder,
        verbose=1,
    )
    model = DPAClassifier(voter, n_partitions, classes=range(10), random_state=0)
    start = perf_counter()
    model.fit(images, labels)
    seconds = perf_counter() - start
    note = f"   {seconds:.0f} s to fit"
    for aggregation in ("plurality", "runoff"):
        model.set_params(aggregation=aggregation)
        predicted, radii = model.predict_certified(queries)
        scores = certified_accuracy_score(y_queries, predicted, radii, sizes)
        line("DPA" if aggregation == "plurality" else "DPA, run-off", 100 * scores, note)
        note = ""
    n_epochs = 1 if args.quick else 5
    per_epoch = [
        seconds_alone(voter, images[rows], labels[rows], n_epochs)
        for rows in (np.flatnonzero(model.partition_ == i) for i in range(args.n_alone))
    ]
    alone = np.mean(per_epoch) * voter.n_epochs * n_partitions
    print(f"\none by one, as {args.n_alone} voters' {n_epochs} epochs tell: {alone:.0f} s to fit,")
    print(f"{alone / seconds:.1f} times as long")


if __name__ == "__main__":
    main()
