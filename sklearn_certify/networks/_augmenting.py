"""Batches altered anew in each step, by numbers that follow from each voter's seed."""

import numpy as np
import torch

from ..augmentation import Augmentation
from ..exceptions import LearnerError
from ._draws import uniform
from ._own_generator import OwnGenerator
from ._random_affine import RandomAffineOnDevice

__all__ = ["per_voter"]


def per_voter(augmentation):
    """Return what alters the batches of all voters of a stack.

    Parameters
    ----------
    augmentation : Augmentation, RandomAffineOnDevice, callable or None
        As `StackedNetClassifier` takes it.

    Returns
    -------
    callable or None
        ``(batches, keys)``: inputs of shape (n_voters, n_rows, ...), and a key for each voter, from
        which all that is drawn for it follows. Returns inputs of the same shape.
    """
    if augmentation is None or isinstance(augmentation, RandomAffineOnDevice):
        return augmentation
    if isinstance(augmentation, Augmentation):
        return _LibraryAugmentation(augmentation)
    return _FunctionOfImages(augmentation)


class _LibraryAugmentation:
    """An augmentation of this package, which is computed on the processor."""

    def __init__(self, augmentation):
        self.augmentation = augmentation

    def __repr__(self):
        return repr(self.augmentation)

    def __call__(self, batches, keys):
        rows = batches.flatten(0, 1).cpu().numpy()
        if rows.ndim == 4:
            rows = np.moveaxis(rows, 1, 3)
            rows = rows[..., 0] if rows.shape[3] == 1 else rows
        # as many bits of a seed as a draw has are enough to tell the rows of a batch apart
        draws = uniform(keys, 2 * batches.shape[1]).double().cpu().numpy().reshape(len(rows), 2)
        high, low = (draws * 2**24).astype(np.uint64).T
        altered = self.augmentation.augment(np.ascontiguousarray(rows), high << np.uint64(24) | low)
        if batches.dim() == 5:
            altered = altered[..., np.newaxis] if altered.ndim == 3 else altered
            altered = np.moveaxis(altered, 3, 1)
        altered = torch.from_numpy(np.ascontiguousarray(altered)).clone().to(batches.device)
        return altered.view(batches.shape)


class _FunctionOfImages:
    """A user's function, which never sees the images of two voters."""

    def __init__(self, function):
        self.function = function

    def __repr__(self):
        return "a function"  # it gets each voter's images alone, so that no place matters

    def __call__(self, batches, keys):
        seeds = (keys & (2**63 - 1)).tolist()
        altered = [self._of_one(own, seed) for own, seed in zip(batches, seeds, strict=True)]
        return torch.stack(altered)

    def _of_one(self, images, seed):
        with OwnGenerator(seed):
            # a copy, which starts at a cache line wherever the voter's place is
            altered = self.function(images.clone())
        if getattr(altered, "shape", None) != images.shape:
            raise LearnerError(
                f"augmentation={self.function!r} must return a tensor of the shape of its images, "
                f"{tuple(images.shape)}."
            )
        return altered
