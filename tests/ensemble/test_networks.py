"""Networks as base estimators, through skorch: images in, deterministic voters out."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_certify import DPAClassifier

torch = pytest.importorskip("torch")
skorch = pytest.importorskip("skorch")


class Convolution(torch.nn.Module):
    """A network for 8 x 8 images with one channel."""

    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Conv2d(1, 8, 3),
            torch.nn.ReLU(),
            torch.nn.Flatten(),
            torch.nn.Dropout(0.2),
            torch.nn.Linear(288, 10),
        )

    def forward(self, X):
        return self.layers(X)


@pytest.fixture(scope="module")
def images(digits):
    X, y, X_test, y_test = digits
    shape = (-1, 1, 8, 8)
    return (
        (X / 16).astype(np.float32).reshape(shape),
        y.astype(np.int64),
        (X_test / 16).astype(np.float32).reshape(shape),
        y_test,
    )


def network():
    return skorch.NeuralNetClassifier(
        Convolution,
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=0.01,
        max_epochs=15,
        batch_size=32,
        train_split=None,
        verbose=0,
        classes=list(range(10)),
    )


def test_networks_vote_and_untouched_ones_stay(images):
    X, y, X_test, y_test = images
    before = DPAClassifier(network(), n_partitions=5).fit(X, y)
    assert before.score(X_test, y_test) > 0.85
    assert before.certified_accuracy(X_test, y_test, 1) > 0.6
    assert before.n_features_in_ == 1
    torch.rand(1)  # what else draws from torch's generator must not matter
    after = clone(before).fit(np.concatenate([X_test[:1], X]), np.append(3, y))
    touched = (before.votes(X_test) != after.votes(X_test)).any(axis=0)
    assert touched.sum() <= 1
    runoff = clone(before).set_params(aggregation="runoff", n_partitions=3).fit(X, y)
    assert runoff.score(X_test, y_test) > 0.85


def test_torch_stays_as_it_was(images):
    X, y, _, _ = images
    state = torch.get_rng_state()
    DPAClassifier(network().set_params(max_epochs=1), n_partitions=2).fit(X[:50], y[:50])
    assert torch.equal(torch.get_rng_state(), state)


LAZY = """
import numpy as np
from sklearn.datasets import load_digits
from sklearn.naive_bayes import GaussianNB
from sklearn_certify import DPAClassifier

class Lazy(GaussianNB):
    def fit(self, X, y):
        import torch
        X -= X.mean()  # writes to its rows
        return super().fit(X + 8 * torch.randn(*X.shape).numpy(), y)

X, y = load_digits(return_X_y=True)
first, second = (DPAClassifier(Lazy(), n_partitions=3).fit(X[:99], y[:99]) for _ in range(2))
assert (first.votes(X[99:]) == second.votes(X[99:])).all()
"""


def test_torch_may_be_imported_inside_a_fit():
    done = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
