"""What all voters of a training have in common."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch

from .. import __version__

__all__ = ["TrainingSettings"]


@dataclass(frozen=True)
class TrainingSettings:
    """Settings of a training, as `StackedNetClassifier` has them."""

    n_epochs: int
    batch_size: int
    optimizer: str
    learning_rate: float
    schedule: str
    momentum: float
    weight_decay: float
    label_smoothing: float
    normalize: bool
    augmentation: Callable | None
    n_stacked: int
    half_precision: bool
    device: torch.device

    def identity(self):
        """Return what two trainings have in common that give the same voters."""
        return {
            **asdict(self),
            "device": self.device.type,
            "torch": torch.__version__,
            "version": __version__,
        }
