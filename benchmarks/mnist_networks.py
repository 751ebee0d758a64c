"""Certified accuracy of DPA on MNIST with small networks as voters, and how long they take.

    pip install ".[torch,image]"
    python benchmarks/mnist_networks.py DATA_FOLDER               # the test images
    python benchmarks/mnist_networks.py DATA_FOLDER --held-out    # what settings were chosen by
    python benchmarks/mnist_networks.py DATA_FOLDER --quick       # 60 voters, every tenth query
    python benchmarks/mnist_networks.py DATA_FOLDER --degrees 2   # Finite Aggregation as well

DATA_FOLDER holds ``mnist.npz`` with `X_train`, `y_train`, `X_test`, `y_test` (28 x 28 uint8, in the
original order). A voter has about 50 rows. It is a small convolutional network, which sees images
upright and in one size, and learns from them turned, leaned, scaled and moved anew in each step.
All of that is done image by image. No GPU is used. The papers' voters are networks as well, trained
on a GPU; the number of partitions is the same.

In DPA* each voter is two learners of the same part, this network and the linear classifier of
``mnist_partitions.py``: its scores are the mean of both. The poison in a part still reaches one
voter.

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
from mnist_partitions import make_model as make_linear_model
from mnist_partitions import pixel_sums
from scipy.special import softmax
from skorch import NeuralNetClassifier
from skorch.callbacks import LRScheduler

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier
from sklearn_certify.augmentation import RandomAffine
from sklearn_certify.certificates import overlap_radius, plurality_radius, runoff_radius
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
TEMPERATURE = 0.1  # of the linear classifier's scores, which become probabilities
QUERIES_AT_ONCE = 1000
LEARNING_RATE, BATCH_SIZE, WEIGHT_DECAY, LABEL_SMOOTHING = 0.006, 8, 5e-4, 0.1


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


def make_ensemble(voter, n_partitions, spreading_degree, n_jobs):
    """Return an ensemble of networks; a degree of 1 is DPA."""
    settings = {
        "hash_function": pixel_sums,
        "transformer": UPRIGHT,
        "classes": range(10),
        "n_jobs": n_jobs,
        "random_state": 0,
    }
    if spreading_degree == 1:
        return DPAClassifier(voter, n_partitions, **settings)
    return FiniteAggregationClassifier(voter, n_partitions, spreading_degree, **settings)


def load(folder, held_out):
    """Training images and labels, queries and their labels."""
    with np.load(Path(folder) / "mnist.npz") as data:
        images, y = data["X_train"], data["y_train"]
        if held_out:
            return images[:50_000], y[:50_000], images[50_000:], y[50_000:]
        return images, y, data["X_test"], data["y_test"]


def scores_of(model, queries):
    """What each voter of DPA says of every class, of shape (n_queries, n_voters, 10)."""
    learner, voters = model.estimator, model.estimators_
    rows = learner.rows_for_stack(model.transformer.transform(queries))
    width, stacks = learner.stack_width(), []
    for first in range(0, len(voters), width):
        # a part without rows, or with one label, has another voter, which abstains here
        stack = [voters[i] if i < len(voters) else None for i in range(first, first + width)]
        stack = [voter if type(voter) is type(learner) else None for voter in stack]
        if any(voter is not None for voter in stack):
            stacks.append(learner.score_stack(stack, rows, np.arange(10)))
        else:
            stacks.append(np.full((width, len(queries), 10), -np.inf))
    return np.concatenate(stacks)[: len(voters)].swapaxes(0, 1)


def answers_of_dpa(model, queries):
    """Yield a name, and predictions and radii."""
    yield "DPA", model.predict_certified(queries)
    yield "DPA, run-off", model.set_params(aggregation="runoff").predict_certified(queries)


def answers_of_finite_aggregation(model, queries):
    """Yield a name, and predictions and radii."""
    votes, name = model.votes(queries), f"FA, d = {model.spreading_degree}"
    rules = {"n_classes": 10, "phantom": False}
    yield name, overlap_radius(votes, model.spread_, tighten=False, **rules)
    yield f"{name}, tightened", overlap_radius(votes, model.spread_, tighten=True, **rules)


def answers_together(networks, linear, queries):
    """Yield a name, and predictions and radii of voters that are two learners each."""
    np.testing.assert_array_equal(networks.partition_, linear.partition_)
    plurality, runoff = [], []
    for start in range(0, len(queries), QUERIES_AT_ONCE):
        some = queries[start : start + QUERIES_AT_ONCE]
        first, second = scores_of(networks, some), scores_of(linear, some)
        is_silent = (first == -np.inf).all(axis=2) | (second == -np.inf).all(axis=2)
        second[is_silent] = 0
        scores = first + softmax(second / (2 * TEMPERATURE), axis=2)  # they go from -1 to 1
        scores[is_silent] = -np.inf
        votes = np.where(is_silent, -1, scores.argmax(axis=2))
        plurality.append(plurality_radius(votes, n_classes=10, phantom=False))
        runoff.append(runoff_radius(scores, phantom=False, may_abstain=True))
    yield "DPA*", np.concatenate(plurality, axis=1)
    yield "DPA*, run-off", np.concatenate(runoff, axis=1)


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
        print(f"{name:22}{seconds[name]:8.2f} s of one core a voter{ratio:8.1f} x", flush=True)
    torch.set_num_threads(threads)


def line(name, accuracies, note=""):
    print(f"{name:22}" + "".join(f"{accuracy:7.2f}" for accuracy in accuracies) + note, flush=True)


def show(answers, y_queries, sizes, seconds_to_fit):
    """Print the certified accuracies of some answers, and how long they take."""
    note, start = f"   {seconds_to_fit:.0f} s to fit", perf_counter()
    for name, (labels, radii) in answers:
        note += f", {perf_counter() - start:.0f} s to certify"
        line(name, 100 * certified_accuracy_score(y_queries, labels, radii, sizes), note)
        note, start = "  ", perf_counter()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_folder")
    parser.add_argument("--held-out", action="store_true", help="certify training images")
    parser.add_argument("--quick", action="store_true", help="60 voters, every tenth query")
    parser.add_argument("--n-epochs", type=int, default=100)
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--degrees", type=int, nargs="*", default=[], help="of spreading")
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
    start = perf_counter()
    model = make_ensemble(voter, n_partitions, 1, args.n_jobs).fit(images, y)
    seconds = perf_counter() - start
    show(answers_of_dpa(model, queries), y_queries, sizes, seconds)
    start = perf_counter()
    n_copies = 1 if args.quick else 8
    linear = make_linear_model(n_partitions, 1, n_copies=n_copies, n_jobs=args.n_jobs)
    linear.fit(images, y)
    seconds += perf_counter() - start
    show(answers_together(model, linear, queries), y_queries, sizes, seconds)
    del linear
    for degree in args.degrees:
        start = perf_counter()
        spread = make_ensemble(voter, n_partitions, degree, args.n_jobs).fit(images, y)
        seconds = perf_counter() - start
        show(answers_of_finite_aggregation(spread, queries), y_queries, sizes, seconds)
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
