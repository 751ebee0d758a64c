"""Small modules, and what there is in torch that a network must leave as it is."""

import os
import random

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("skorch")


class Convolution(torch.nn.Module):
    """For 8 x 8 images with one channel; draws to start with, and to learn."""

    def __init__(self, n_channels=4, n_outputs=10, dropout=0.2):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Conv2d(1, n_channels, 3, stride=2),
            torch.nn.ReLU(),
            torch.nn.Flatten(),
            torch.nn.Dropout(dropout),
            torch.nn.Linear(9 * n_channels, n_outputs),
        )

    def forward(self, X):
        return self.layers(X)


class Noisy(Convolution):
    """Augments its images with draws from the generators of Python, NumPy and torch."""

    def forward(self, X):
        if self.training:
            shift = random.randint(-1, 1) + np.random.randint(2)
            X = X.roll(shift, dims=-1) + 0.1 * torch.randn_like(X)
        return super().forward(X)


class Failing(Convolution):
    """Raises what a device may raise, once it learns."""

    def __init__(self, message="", **params):
        super().__init__(**params)
        self.message = message

    def forward(self, X):
        if self.training and self.message:
            raise RuntimeError(self.message)
        return super().forward(X)


class Words(torch.nn.Module):
    """For rows of eight whole numbers, which stand for words."""

    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.EmbeddingBag(50, 8)
        self.output = torch.nn.Linear(8, 2)

    def forward(self, X):
        return self.output(self.embedding(X))


def shared_settings():
    """Return all that works in a process share: generators, threads, flags."""
    python, numpy = random.getstate(), np.random.get_state()
    return {
        "python": python,
        "numpy": (numpy[1].tolist(), *numpy[2:]),
        "torch": torch.get_rng_state().tolist(),
        "threads": torch.get_num_threads(),
        "dtype": torch.get_default_dtype(),
        "gradients": torch.is_grad_enabled(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "only warns": torch.is_deterministic_algorithms_warn_only_enabled(),
        "tries kernels": torch.backends.cudnn.benchmark,
        "cudnn": torch.backends.cudnn.deterministic,
        "workspace": os.environ.get("CUBLAS_WORKSPACE_CONFIG"),
    }
