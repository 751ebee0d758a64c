"""Certified accuracy of DPA on MNIST with small networks as voters, and how long they take.

    pip install ".[torch,image]"
    python benchmarks/mnist_networks.py DATA_FOLDER               # the test images
    python benchmarks/mnist_networks.py DATA_FOLDER --held-out    # what settings were chosen by
    python benchmarks/mnist_networks.py DATA_FOLDER --quick       # 60 voters, every tenth query

DATA_FOLDER holds ``mnist.npz`` with `X_train`, `y_train`, `X_test`, `y_test` (28 x 28 uint8, in the
original order). A voter has about 50 rows. It is a small convolutional network, which sees images
upright and in one size, and learns from them turned, leaned, scaled and moved anew in each step.
All of that is done image by image. No GPU is used. The papers' voters are networks as well, trained
on a GPU; the number of partitions is the same.

Then some of the voters are trained once more, one by one, by a loop around torch's own optimizer
and by skorch, with the same module, steps and augmentation. Seconds are those of one core's work,
so that whatever else a machine does hardly counts.

All settings were chosen with ``--held-out``: 50,000 training images in proportionally fewer
partitions certify the other 10,000 training images. The test images are for the tables alone.
"""

import argparse
import resource
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import LRScheduler

from sklearn_certify import DPAClassifier
from sklearn_certify.augmentation import RandomAffine
from sklearn_certify.image import Deskew
from sklearn_certify.metrics import certified_accuracy_score
from sklearn_certify.networks import SmallConvNet, StackedNetClassifier

POISON_SIZES = [0, 50, 100, 200, 300, 400]
# Wang, Levine, Feizi, ICML 2022, Tables 1 and 2: MNIST, k = 1200; in percent
PAPER = {
    "DPA, paper": [95.75, 94.12, 92.11, 86.45, 77.12, 61.78],
    "FA, d = 32, paper": [95.94, 94.63, 92.97, 88.49, 80.17, 64.34],
}
AFFINE = RandomAffine(rotation=20, shear=10, scale=(0.85, 1.15), translation=0.07)
UPRIGHT = Deskew(spread=(5.5, 4))
LEARNING_RATE, BATCH_SIZE, WEIGHT_DECAY, LABEL_SMOOTHING = 0.006, 8, 5e-4, 0.1


def pixel_sums(images, labels):
    """What the papers partition by: the sum of all pixels, modulo the number of partitions."""
    return images.sum(axis=(1, 2), dtype=np.int64)


def make_voter(n_epochs, **settings):
    """Return a voter with the chosen settings."""
    return StackedNetClassifier(
        SmallConvNet,
        n_epochs=n_epochs,
        batch_size=BATCH_SIZE,
        learning_rate=LEARNING_RATE,
        weight_decay=WEIGHT_DECAY,
        label_smoothing=LABEL_SMOOTHING,
        augmentation=AFFINE,
        image_shape=(28, 28),
        n_stacked=32,
        **settings,
    )


def load(folder, held_out):
    """Training images and labels, queries and their labels."""
    with np.load(Path(folder) / "mnist.npz") as data:
        images, y = data["X_train"], data["y_train"]
        if held_out:
            return images[:50_000], y[:50_000], images[50_000:], y[50_000:]
        return images, y, data["X_test"], data["y_test"]


def normalized(images):
    """A voter's own images with mean 0 and deviation 1, as float32."""
    return ((images - images.mean()) / images.std())[:, np.newaxis].astype(np.float32)


def altered(images, rng):
    seeds = rng.integers(2**63, size=len(images), dtype=np.uint64)
    return AFFINE.augment(images, seeds)


def train_by_loop(images, y, n_epochs):
    """Train one network as anyone would: a loop around torch's optimizer."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = SmallConvNet((1, 28, 28), 10)
    n_batches = -(-len(images) // BATCH_SIZE)
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=n_epochs * n_batches, cycle_momentum=False
    )
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=LABEL_SMOOTHING)
    for _ in range(n_epochs):
        order = rng.permutation(len(images))
        for start in range(0, len(images), BATCH_SIZE):
            rows = order[start : start + BATCH_SIZE]
            inputs = torch.from_numpy(normalized(altered(images[rows], rng)))
            loss = loss_of(network(inputs), torch.from_numpy(y[rows]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network


class AlteredImages(torch.utils.data.Dataset):
    """Images, altered anew whenever they are looked at."""

    def __init__(self, X, y=None):
        self.X, self.y, self.rng = X, y, np.random.default_rng(0)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, row):
        return normalized(altered(self.X[[row]], self.rng))[0], self.y[row]


def train_by_skorch(images, y, n_epochs):
    """Train one network with skorch."""
    torch.manual_seed(0)
    steps = n_epochs * -(-len(images) // BATCH_SIZE)
    return NeuralNetClassifier(
        SmallConvNet,
        module__input_shape=(1, 28, 28),
        module__n_classes=10,
        criterion=torch.nn.CrossEntropyLoss,
        criterion__label_smoothing=LABEL_SMOOTHING,
        optimizer=torch.optim.AdamW,
        optimizer__weight_decay=WEIGHT_DECAY,
        lr=LEARNING_RATE,
        max_epochs=n_epochs,
        batch_size=BATCH_SIZE,
        iterator_train__shuffle=True,
        dataset=AlteredImages,
        train_split=None,
        callbacks=[
            LRScheduler(
                torch.optim.lr_scheduler.OneCycleLR,
                max_lr=LEARNING_RATE,
                total_steps=steps,
                step_every="batch",
                cycle_momentum=False,
            )
        ],
        verbose=0,
    ).fit(images, y)


def compare_with_loops(samples, n_epochs, n_alone):
    """Print the seconds of one core that a voter takes, in stacks and one by one."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    voter = make_voter(n_epochs)
    make_voter(1).fit_stack(samples[:2])  # what is done once
    ways = {
        "in stacks": (lambda: voter.fit_stack(samples), len(samples)),
        "one by one, a loop": (
            lambda: [train_by_loop(X, y, n_epochs) for X, y, _ in samples[:n_alone]],
            n_alone,
        ),
        "one by one, skorch": (
            lambda: [train_by_skorch(X, y, n_epochs) for X, y, _ in samples[:n_alone]],
            n_alone,
        ),
    }
    seconds = {}
    for name, (train, n_voters) in ways.items():
        start = process_time()
        train()
        seconds[name] = (process_time() - start) / n_voters
        ratio = seconds[name] / seconds["in stacks"]
        print(f"{name:20}{seconds[name]:8.2f} s of one core a voter{ratio:8.1f} x", flush=True)
    torch.set_num_threads(threads)


def line(name, accuracies, note=""):
    print(f"{name:20}" + "".join(f"{accuracy:7.2f}" for accuracy in accuracies) + note, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_folder")
    parser.add_argument("--held-out", action="store_true", help="certify training images")
    parser.add_argument("--quick", action="store_true", help="60 voters, every tenth query")
    parser.add_argument("--n-epochs", type=int, default=100)
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--n-alone", type=int, default=4, help="voters trained one by one")
    parser.add_argument("--checkpoint-folder", help="where trained voters are kept")
    parser.add_argument("--verbose", type=int, default=0)
    args = parser.parse_args()
    images, y, queries, y_queries = load(args.data_folder, args.held_out)
    if args.quick:
        images, y = images[::20], y[::20]
        queries, y_queries = queries[::10], y_queries[::10]
    share = len(images) / 60_000
    n_partitions, sizes = round(1200 * share), [round(size * share) for size in POISON_SIZES]
    n_epochs = args.n_epochs if not args.quick else min(args.n_epochs, 20)

    print(
        f"certified accuracy in %, k = {n_partitions}, partitions by pixel sum; {len(images):,} "
        f"images, {len(queries):,} queries"
    )
    line("poison size", sizes)
    for name, accuracies in PAPER.items():
        line(name, accuracies)
    voter = make_voter(n_epochs, checkpoint_folder=args.checkpoint_folder, verbose=args.verbose)
    model = DPAClassifier(
        voter,
        n_partitions,
        hash_function=pixel_sums,
        transformer=UPRIGHT,
        classes=range(10),
        n_jobs=args.n_jobs,
        random_state=0,
    )
    start = perf_counter()
    model.fit(images, y)
    note = f"   {perf_counter() - start:.0f} s to fit"
    for aggregation in ("plurality", "runoff"):
        model.set_params(aggregation=aggregation)
        start = perf_counter()
        labels, radii = model.predict_certified(queries)
        note += f", {perf_counter() - start:.0f} s to certify"
        scores = certified_accuracy_score(y_queries, labels, radii, sizes)
        line("DPA" if aggregation == "plurality" else "DPA, run-off", 100 * scores, note)
        note = ""
    print()
    members = [np.flatnonzero(model.partition_ == number) for number in range(n_partitions)]
    samples = [
        (UPRIGHT.transform(images[rows]).reshape(-1, 28, 28).astype(np.float32), y[rows], number)
        for number, rows in enumerate(members[:32])
    ]
    compare_with_loops([sample for sample in samples if len(sample[1])], n_epochs, args.n_alone)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{peak:.1f} GiB of memory at most")


if __name__ == "__main__":
    main()
