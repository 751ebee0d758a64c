"""A sample of partitions whose rows have labels like those of all rows.

What a voter gets right is decided mostly by how many rows of each class it has. Where the sampled
partitions have the same numbers of them, on average, as all partitions, what the voters say differs
less from what all would say: on MNIST with 50 rows a voter the variance falls by more than half.
"""

import numpy as np

__all__ = ["balanced_sample", "label_traits"]

_PARTITIONS_PER_TRAIT = 3  # of the sample: fewer would leave nothing to tell the error from


def label_traits(codes, partition, n_partitions):
    """Describe each partition by how many rows of each class it has.

    Parameters
    ----------
    codes : ndarray of int, of shape (n_rows,)
        The class of each row.
    partition : ndarray of int, of shape (n_rows,)
        The partition of each row.
    n_partitions : int
        Number of partitions.

    Returns
    -------
    ndarray of float64, of shape (n_partitions, 2 * n_classes)
        Rows of each class, and the logarithms: the first few rows of a class count most.
    """
    counts = np.zeros((n_partitions, codes.max() + 1))
    np.add.at(counts, (partition, codes), 1)
    return np.column_stack([counts, np.log1p(counts)])


def balanced_sample(traits, size, random_state):
    """Draw partitions, and exchange some until their mean traits are those of all.

    Parameters
    ----------
    traits : ndarray of float64, of shape (n_partitions, n_traits)
        What is known of each partition.
    size : int
        Number of partitions to draw.
    random_state : RandomState
        Source of the draws.

    Returns
    -------
    chosen : ndarray of int64, of shape (size,)
        Partitions, ascending.
    balanced : ndarray of float64, of shape (size, n_balanced)
        An orthonormal basis of what the sample is balanced in, the mean included.
    """
    n_partitions = len(traits)
    drawn = random_state.permutation(n_partitions)
    inside, outside = drawn[:size], drawn[size:]
    white = _whitened(traits, size // _PARTITIONS_PER_TRAIT)
    if len(outside) and white.shape[1]:
        inside, outside = _exchange(white, inside.copy(), outside.copy())
    chosen = np.sort(inside)
    basis, lengths, _ = np.linalg.svd(
        np.column_stack([np.ones(size), white[chosen]]), full_matrices=False
    )
    return chosen, basis[:, lengths > 1e-8 * lengths[0]]


def _whitened(traits, n_most):
    """Return the directions in which partitions differ most, uncorrelated and of equal length."""
    centered = traits - traits.mean(axis=0)
    spreads = centered.std(axis=0)
    scaled = centered[:, spreads > 0] / spreads[spreads > 0]
    directions, lengths, _ = np.linalg.svd(scaled, full_matrices=False)
    n_real = np.count_nonzero(lengths > 1e-8 * max(lengths, default=0.0))
    return directions[:, : min(n_real, n_most)]


def _exchange(white, inside, outside):
    """Swap partitions, those first that help most, until the sum inside is near 0."""
    total = white[inside].sum(axis=0)
    lengths = (white**2).sum(axis=1)
    for _ in range(len(white)):
        step_out, step_in = white[inside], white[outside]
        change = (
            (lengths[inside] - 2 * step_out @ total)[:, np.newaxis]
            + (lengths[outside] + 2 * step_in @ total)
            - 2 * step_out @ step_in.T
        )
        a, b = np.unravel_index(change.argmin(), change.shape)
        if change[a, b] > -1e-12:
            break
        total += step_in[b] - step_out[a]
        inside[a], outside[b] = outside[b], inside[a]
    return inside, outside
