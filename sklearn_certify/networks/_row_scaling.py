"""Inputs brought to mean 0 and deviation 1, as a voter's own rows have them."""

import numpy as np

__all__ = ["scale_of_rows"]


def scale_of_rows(inputs, normalize):
    """Return the mean and the deviation of each feature, or of each channel of images.

    Parameters
    ----------
    inputs : ndarray of shape (n_rows, n_features) or (n_rows, channels, height, width)
        A voter's rows, as `as_inputs` returns them.
    normalize : bool
        False: 0 and 1.

    Returns
    -------
    mean, deviation : ndarray of float64, of shape (n_features,) or (channels, 1, 1)
        A deviation of 0 is given as 1.
    """
    axes = (0, *range(2, inputs.ndim))
    shape = (inputs.shape[1], *[1] * (inputs.ndim - 2))
    if not normalize:
        return np.zeros(shape), np.ones(shape)
    mean = inputs.mean(axis=axes, dtype=np.float64)
    deviation = inputs.std(axis=axes, dtype=np.float64)
    # equal values may have a mean that is rounded
    is_flat = deviation <= 1e-12 * np.abs(mean)
    return mean.reshape(shape), np.where(is_flat, 1.0, deviation).reshape(shape)
