"""Which consecutive periods a vote bears least: for explanations, one sample at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ._arrays import Int64s, Integers
from ._margins import rival_gaps

__all__ = ["WeakestSpan", "weakest_span"]


class WeakestSpan(NamedTuple):
    """Periods that an attack may turn, as far as is proven.

    Attributes
    ----------
    start, stop : int
        The first period, and the last.
    rival : int
        The class that comes nearest to winning; `n_classes` is an invented one.
    damage : int
        What the voters reached can take from the lead over it, at most.
    gap : int
        What the lead bears.
    rivals : list of int
        All classes that may win by so many consecutive periods, that with most votes first.
    n_voters : int
        How many voters are reached.
    n_spans : int
        How many spans of this length are not proven harmless.
    """

    start: int
    stop: int
    rival: int
    damage: int
    gap: int
    rivals: list[int]
    n_voters: int
    n_spans: int


def weakest_span(
    votes: Integers,
    starts: Int64s,
    window: int,
    counts: Int64s,
    predicted: int,
    n_periods: int,
    *,
    phantom: bool,
) -> WeakestSpan | None:
    """Return the consecutive periods in which poison harms a vote most.

    Parameters
    ----------
    votes : ndarray of int of shape (n_voters,)
        Index of the class each voter chooses; -1 where a voter abstains.
    starts : ndarray of int64 of shape (n_voters,)
        The first period of each voter: consecutive numbers.
    window : int
        Number of periods that a voter learns from.
    counts : ndarray of int64 of shape (n_classes,)
        Votes for each class.
    predicted : int
        The class that wins.
    n_periods : int
        Number of periods of an attack: one more than the certificate proves harmless.
    phantom : bool
        Whether the attacker may invent a label.

    Returns
    -------
    WeakestSpan or None
        The first of those that go farthest beyond what a lead bears; None if none do.
    """
    gaps = rival_gaps(counts[np.newaxis], np.array([predicted]), phantom=phantom)[0]
    rivals = np.array([b for b in np.argsort(gaps, kind="stable") if b != predicted], np.int64)
    if not len(rivals):
        return None
    damages = 1 + (votes == predicted) - (votes == rivals[:, np.newaxis])
    sums = np.append(np.zeros((len(rivals), 1), np.int64), damages.cumsum(axis=1), axis=1)
    last_start = max(int(starts[-1]) + window - n_periods, int(starts[0]))
    first_periods = np.arange(int(starts[0]), last_start + 1)
    begun = np.minimum(first_periods + n_periods - starts[0], len(votes))
    ended = np.maximum(first_periods - window + 1 - starts[0], 0)
    reached = sums[:, begun] - sums[:, ended]
    excess = reached - gaps[rivals, np.newaxis]
    if excess.max() <= 0:
        return None
    column = int(excess.max(axis=0).argmax())
    row = int(excess[:, column].argmax())
    return WeakestSpan(
        int(first_periods[column]),
        int(first_periods[column]) + n_periods - 1,
        int(rivals[row]),
        int(reached[row, column]),
        int(gaps[rivals[row]]),
        rivals[(excess > 0).any(axis=1)].tolist(),
        int(begun[column] - ended[column]),
        int((excess > 0).any(axis=0).sum()),
    )
