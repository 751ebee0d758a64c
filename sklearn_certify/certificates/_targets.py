"""What an attacker needs to make one label win, the target.

The target b stands before a class c once it has gained n_c - n_b + [c < b] votes on it, the lead of
c. It wins only if it stands before all of them together. So leads that an untargeted certificate
looks at one by one add up here.
"""

from __future__ import annotations

import numpy as np

from ._arrays import Int64s

__all__ = ["fewest_turned", "largest_first", "leads_over"]


def leads_over(counts: Int64s, target: int) -> Int64s:
    """What the target must gain on each class to stand before it.

    Parameters
    ----------
    counts : ndarray of int64 of shape (..., n_classes)
        Votes for each class.
    target : int
        A class, or `n_classes` for an invented label: it has no votes, wins ties, and exists as
        soon as it has a vote.

    Returns
    -------
    ndarray of int64 of shape (..., n_classes)
        Never negative; 0 for the target itself, and for all if it has won.
    """
    n_classes = counts.shape[-1]
    if target == n_classes:
        leads = counts.copy()
        leads[..., 0] += ~counts.any(axis=-1)
        return leads
    leads = counts - counts[..., target, np.newaxis] + (np.arange(n_classes) < target)
    leads[..., target] = 0
    return np.maximum(leads, 0)


def fewest_turned(leads: Int64s, *, spared: Int64s | int = 0) -> Int64s:
    """The fewest voters that must turn to the target for it to win; 0 if it has won.

    With t turned voters the target gains t on every class, and one vote more on the classes that
    lose a voter: what is left of the leads, the sum of max(0, lead - t), must be at most t. That is
    the same as t >= (sum of the k largest leads) / (k + 1) for every k.

    Parameters
    ----------
    leads : ndarray of int64 of shape (..., n_classes)
        As `leads_over` returns them.
    spared : int or ndarray of int64 of shape (...), default=0
        Votes that may be taken from the classes without turning a voter; negative if some of the
        turned ones take nothing.

    Returns
    -------
    ndarray of int64 of shape (...)
    """
    sums = np.sort(leads, axis=-1)[..., ::-1].cumsum(axis=-1)
    shares = np.arange(2, leads.shape[-1] + 2)
    needed = -((np.expand_dims(spared, -1) - sums) // shares)
    fewest: Int64s = np.maximum(needed.max(axis=-1), 0)
    return fewest


def largest_first(leads: Int64s, predicted: Int64s) -> Int64s:
    """Order classes by their leads, the predicted class first; none has a larger one.

    Returns
    -------
    ndarray of int64 of shape (n_samples, n_classes)
    """
    keys = 2 * leads
    keys[np.arange(len(leads)), predicted] += 1
    return np.argsort(-keys, axis=1, kind="stable")
