"""Images turned, sheared, scaled, moved and mirrored, on the device where networks are trained."""

from math import pi
from numbers import Real
from typing import ClassVar

import torch
from sklearn.base import BaseEstimator
from torch.nn.functional import grid_sample

from .._compat import Interval, check_parameters
from ..exceptions import InvalidInputError
from ._draws import uniform

__all__ = ["RandomAffineOnDevice"]

_DRAWS = 6  # per image


class RandomAffineOnDevice(BaseEstimator):
    """Turn, shear, scale, move and mirror images, each by amounts drawn from ranges.

    It does what `sklearn_certify.augmentation.RandomAffine` does, and mirrors, on all images of all
    voters of a stack in a few calls of torch: for GPUs. On a processor `RandomAffine` is faster.

    Parameters
    ----------
    rotation : float, default=10.0
        The largest angle, in degrees, in either direction.
    shear : float, default=0.0
        The largest angle, in degrees, by which upright lines lean, in either direction.
    scale : tuple of float (lowest, highest), default=(0.9, 1.1)
        Between which factors the size of what is seen changes.
    translation : float, default=0.05
        The largest shift, as a share of the height and of the width, in all directions. Zeros lie
        beyond the edge.
    horizontal_flip : bool, default=False
        Whether every other image, on average, is mirrored.

    See Also
    --------
    sklearn_certify.augmentation.RandomAffine : The same on a processor.

    Examples
    --------
    >>> from sklearn_certify.networks import RandomAffineOnDevice, StackedNetClassifier
    >>> flips = RandomAffineOnDevice(rotation=0, scale=(1, 1), horizontal_flip=True)
    >>> StackedNetClassifier(augmentation=flips).augmentation.horizontal_flip
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "rotation": [Interval(Real, 0, 180, closed="both")],
        "shear": [Interval(Real, 0, 90, closed="left")],
        "scale": [tuple, list],
        "translation": [Interval(Real, 0, 1, closed="both")],
        "horizontal_flip": ["boolean"],
    }

    def __init__(
        self,
        rotation=10.0,
        *,
        shear=0.0,
        scale=(0.9, 1.1),
        translation=0.05,
        horizontal_flip=False,
    ):
        self.rotation = rotation
        self.shear = shear
        self.scale = scale
        self.translation = translation
        self.horizontal_flip = horizontal_flip

    def __call__(self, images, keys):
        """Return altered images.

        Parameters
        ----------
        images : tensor of shape (n_voters, n_images, channels, height, width)
            Images of each voter.
        keys : tensor of int64, of shape (n_voters,)
            What the amounts follow from.

        Returns
        -------
        tensor of float32, of the same shape

        Raises
        ------
        InvalidInputError
            If these are no images, or a range is none.
        """
        check_parameters(self)
        if len(self.scale) != 2 or not 0 < self.scale[0] <= self.scale[1]:
            raise InvalidInputError(
                f"scale must be two factors, the lower and the higher one, got {self.scale}."
            )
        if images.dim() != 5:
            raise InvalidInputError(
                "RandomAffineOnDevice alters images, but the rows are vectors; pass image_shape= "
                "to the classifier."
            )
        draws = uniform(keys, _DRAWS * images.shape[1]).view(-1, _DRAWS)
        grid = self._grid(draws.double(), *images.shape[-2:])
        flat = images.flatten(0, 1).float()
        return grid_sample(flat, grid.float(), align_corners=False).view(images.shape)

    def _grid(self, draws, height, width):
        """Return where each pixel lies in its image, of shape (n_images, height, width, 2)."""
        signed = 2 * draws - 1
        angle = signed[:, 0] * (self.rotation * pi / 180)
        slope = torch.tan(signed[:, 1] * (self.shear * pi / 180))
        low, high = self.scale
        shrink = 1 / (low + draws[:, 2] * (high - low))
        cosine, sine = shrink * torch.cos(angle), shrink * torch.sin(angle)
        flip = torch.where(draws[:, 5] < 0.5, -1.0, 1.0) if self.horizontal_flip else 1.0
        down = torch.arange(height, device=draws.device) - (height - 1) / 2
        right = torch.arange(width, device=draws.device) - (width - 1) / 2
        down = down - (signed[:, 3] * self.translation * height).unsqueeze(1)
        right = right - (signed[:, 4] * self.translation * width).unsqueeze(1)
        down, right = down.unsqueeze(2), right.unsqueeze(1)
        rows = _times(cosine, down) + _times(sine, right)
        columns = _times(slope * cosine - sine, down) + _times(slope * sine + cosine, right)
        columns = columns * (flip.view(-1, 1, 1) if self.horizontal_flip else 1.0)
        return torch.stack([columns * (2 / width), rows * (2 / height)], dim=-1)


def _times(factors, values):
    return factors.view(-1, 1, 1) * values
