"""What ``backdoors.py`` trains: networks, as skorch classifiers, and the filters.

Classes and functions are at module level so that they travel to worker processes.
"""

from collections import OrderedDict
from typing import NamedTuple

import torch
from sklearn.frozen import FrozenEstimator
from skorch import NeuralNetClassifier
from skorch.callbacks import LRScheduler
from torch import nn
from torch.nn import functional

from sklearn_certify.sanitize import (
    ActivationClusteringFilter,
    HiddenLayerTransformer,
    InverseSelfPacedFilter,
    SpectralSignatureFilter,
    TrimmedLossFilter,
)

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


# ---- layers that change images in training only


class RandomShift(nn.Module):
    """Shift every image by up to `n_pixels` in each direction; zeros come in at the border."""

    def __init__(self, n_pixels):
        super().__init__()
        self.n_pixels = n_pixels

    def forward(self, images):
        if not self.training or self.n_pixels == 0:
            return images
        n_images, _, height, width = images.shape
        device = images.device
        padded = functional.pad(images, (self.n_pixels,) * 4)
        n_places = 2 * self.n_pixels + 1
        rows = torch.randint(n_places, (n_images, 1), device=device)
        columns = torch.randint(n_places, (n_images, 1), device=device)
        rows = rows + torch.arange(height, device=device)
        columns = columns + torch.arange(width, device=device)
        which = torch.arange(n_images, device=device)[:, None, None]
        shifted = padded[which, :, rows[:, :, None], columns[:, None, :]]
        return shifted.permute(0, 3, 1, 2).contiguous()


class RandomFlip(nn.Module):
    """Mirror every image with probability 1/2."""

    def forward(self, images):
        if not self.training:
            return images
        mirrored = torch.rand(len(images), 1, 1, 1, device=images.device) < 0.5
        return torch.where(mirrored, images.flip(-1), images)


class Standardize(nn.Module):
    """Map values from [0, 1] to [-2, 2]."""

    def forward(self, images):
        return 4 * images - 2


# ---- networks


def _convolution(n_inputs, n_outputs, size, stride=1):
    return nn.Conv2d(n_inputs, n_outputs, size, stride, padding=size // 2, bias=False)


class SmallConvolutionalNetwork(nn.Sequential):
    """Three convolutions for images of shape (1, 28, 28) and 10 classes."""

    def __init__(self, n_pixels=0):
        super().__init__(
            RandomShift(n_pixels),
            _convolution(1, 16, 5, stride=2),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            _convolution(16, 32, 3),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),
            _convolution(32, 32, 3),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(288, 10),
        )
        self.to(memory_format=torch.channels_last)  # twice as fast on a CPU


class PreActivationBlock(nn.Module):
    """Two convolutions, each behind its normalization, beside a shortcut."""

    def __init__(self, n_inputs, n_outputs, stride):
        super().__init__()
        self.first_norm = nn.BatchNorm2d(n_inputs)
        self.first_convolution = _convolution(n_inputs, n_outputs, 3, stride)
        self.second_norm = nn.BatchNorm2d(n_outputs)
        self.second_convolution = _convolution(n_outputs, n_outputs, 3)
        self.shortcut = None
        if stride != 1 or n_inputs != n_outputs:
            self.shortcut = _convolution(n_inputs, n_outputs, 1, stride)

    def forward(self, values):
        activated = functional.relu(self.first_norm(values))
        shortcut = values if self.shortcut is None else self.shortcut(activated)
        values = self.first_convolution(activated)
        return shortcut + self.second_convolution(functional.relu(self.second_norm(values)))


class PreActResNet18(nn.Sequential):
    """The network of He et al., "Identity Mappings in Deep Residual Networks" (ECCV 2016).

    For images of shape (3, 32, 32) and 10 classes, with random crops and flips in training.
    """

    def __init__(self):
        parts = [
            ("crop", RandomShift(4)),
            ("flip", RandomFlip()),
            ("standardize", Standardize()),
            ("stem", _convolution(3, 64, 3)),
        ]
        n_inputs = 64
        for number, n_outputs in enumerate((64, 128, 256, 512), start=1):
            first = PreActivationBlock(n_inputs, n_outputs, 1 if number == 1 else 2)
            second = PreActivationBlock(n_outputs, n_outputs, 1)
            parts.append((f"group{number}", nn.Sequential(first, second)))
            n_inputs = n_outputs
        parts += [
            ("norm", nn.BatchNorm2d(512)),
            ("relu", nn.ReLU()),
            ("pool", nn.AdaptiveAvgPool2d(1)),
            ("flatten", nn.Flatten()),
            ("output", nn.Linear(512, 10)),
        ]
        super().__init__(OrderedDict(parts))


# ---- training


def _classifier(module, **options):
    return NeuralNetClassifier(
        module,
        **{
            "criterion": nn.CrossEntropyLoss,
            "optimizer": torch.optim.SGD,
            "optimizer__momentum": 0.9,
            "optimizer__weight_decay": 5e-4,
            "train_split": None,
            "iterator_train__shuffle": True,
            "iterator_valid__batch_size": 1024,
            "verbose": 0,
            "device": DEVICE,
            **options,
        },
    )


def small_learner(seed):
    """What the filters train on MNIST; they seed torch's generator themselves."""
    return _classifier(
        SmallConvolutionalNetwork, module__n_pixels=2, lr=0.02, batch_size=16, max_epochs=1
    )


def residual_learner(seed):
    """What the filters train on CIFAR-10; they seed torch's generator themselves."""
    return _classifier(PreActResNet18, lr=0.02, batch_size=128, max_epochs=1)


def small_victim(n_rows, n_epochs):
    """Return what is trained on the rows that a filter keeps, for MNIST."""
    batch_size = 32
    schedule = LRScheduler(
        torch.optim.lr_scheduler.OneCycleLR,
        max_lr=0.05,
        total_steps=n_epochs * -(-n_rows // batch_size),
        step_every="batch",
    )
    return _classifier(
        SmallConvolutionalNetwork,
        lr=0.05,
        batch_size=batch_size,
        max_epochs=n_epochs,
        callbacks=[("schedule", schedule)],
    )


def residual_victim(n_rows, n_epochs):
    """Return what is trained on the rows that a filter keeps, for CIFAR-10.

    The learning rate falls tenfold after 50, 75 and 90 % of the epochs, as in the paper.
    """
    schedule = LRScheduler(
        torch.optim.lr_scheduler.MultiStepLR,
        milestones=[round(share * n_epochs) for share in (0.5, 0.75, 0.9)],
        gamma=0.1,
    )
    return _classifier(
        PreActResNet18,
        lr=0.02,
        batch_size=128,
        max_epochs=n_epochs,
        callbacks=[("schedule", schedule)],
    )


class Networks(NamedTuple):
    """What is trained on a data set, and where spectral signatures and clusters are looked for."""

    victim: object
    learner: object
    layer: object


NETWORKS = {
    "mnist": Networks(small_victim, small_learner, -1),
    "cifar10": Networks(residual_victim, residual_learner, "group3"),
}


def train(make_victim, X, y, n_epochs, seed):
    """Train a fresh network; the seed fixes its weights and the order of the rows."""
    torch.manual_seed(seed)
    return make_victim(len(y), n_epochs).fit(X, y)


# ---- filters


def make_filter(name, scenario, network, seed, n_jobs=None):
    """A filter with the settings that the benchmark describes."""
    networks = NETWORKS[scenario.dataset]
    features = HiddenLayerTransformer(FrozenEstimator(network), networks.layer)
    if name == "SS":
        share = 0.3 if scenario.share > 0.1 else 0.2
        return SpectralSignatureFilter(
            features, poison_share=share, multiplier=1, random_state=seed
        )
    if name == "AC":
        return ActivationClusteringFilter(features, rule="smaller", random_state=seed)

    def scaled(n_epochs):  # from the paper's 200 epochs
        return max(1, round(n_epochs * scenario.n_epochs / 200))

    on_mnist = scenario.dataset == "mnist"
    if name == "ITLM":
        return TrimmedLossFilter(
            networks.learner,
            keep_share=1 - 0.4 * scenario.share,
            n_rounds=3,
            first_epochs=2 if on_mnist else scaled(80),
            epochs=1 if on_mnist else scaled(40),
            random_state=seed,
        )
    options = {
        "n_rounds": 8,
        "min_class_share": 1 / 8,
        "warm_up_epochs": scaled(8),
        "epochs_per_iteration": scaled(4),
        "weak_epochs": scaled(40),
        "max_epoch_size": scenario.n_rows,
        "keep": "modal",
        "self_training_cycles": 1,
        "self_training_epochs": scaled(100),
        "self_training_epoch_size": scenario.n_rows,
    }
    return InverseSelfPacedFilter(
        networks.learner, random_state=seed, n_jobs=n_jobs, **({} if on_mnist else options)
    )
