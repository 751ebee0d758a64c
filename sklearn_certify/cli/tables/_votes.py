"""What the rows of a file decide by vote, and how much poison it takes to turn a vote."""

import math
from dataclasses import dataclass

import numpy as np

from ...threat import find_threat_model

__all__ = ["Limit", "Vote", "count_votes"]


@dataclass(frozen=True)
class Vote:
    """A vote of the rows, or of the contributors where one unit of poison is a contributor.

    Each voter adds a whole number to a sum, and the vote is carried if the sum is not negative.

    Parameters
    ----------
    weights : tuple of int
        What a voter adds who is for it, against it, or silent.
    counts : tuple of int
        How many voters are for it, against it, and silent.
    by_labels : bool, default=False
        Whether votes follow from labels, which may change while the rest of a row stays.

    Examples
    --------
    >>> from sklearn_certify.cli.tables import Vote
    >>> vote = Vote(weights=(1, -1, 0), counts=(7, 2, 0))
    >>> vote.carried, vote.margin("insert"), vote.margin("modify")
    (True, 5, 2)
    """

    weights: tuple
    counts: tuple
    by_labels: bool = False

    @property
    def carried(self):
        """Whether the vote is carried."""
        return self._total >= 0

    @property
    def _total(self):
        return sum(w * count for w, count in zip(self.weights, self.counts, strict=True))

    def margin(self, threat_model):
        """Return the largest poison size that cannot turn the vote.

        Exact: one unit more can, if the attacker may touch every row.

        Parameters
        ----------
        threat_model : str
            What one unit of poison may do.

        Returns
        -------
        int or inf
        """
        # towards the other outcome, a voter who is added or changed counts this much
        sign = -1 if self.carried else 1
        most = max(sign * weight for weight in self.weights)
        model = find_threat_model(threat_model)
        changes = model.relabels and (self.by_labels or not model.labels_alone)
        gains = [(most, math.inf)] if model.inserts else []
        for weight, count in zip(self.weights, self.counts, strict=True):
            removed = -sign * weight if model.deletes else 0
            changed = most - sign * weight if changes else 0
            gains.append((max(removed, changed), count))
        needed = self._total + 1 if self.carried else -self._total
        units = 0
        for gain, count in sorted(gains, reverse=True):
            if gain <= 0:
                break
            if needed <= gain * count:
                return units - (-needed // gain) - 1
            needed -= gain * count
            units += count
        return math.inf


def count_votes(votes, contributors=None):
    """Count who is for, against and silent.

    A contributor has one vote, that of most of its rows.

    Parameters
    ----------
    votes : ndarray of shape (n_rows,)
        1, -1 or 0: what each row is for.
    contributors : ndarray of int of shape (n_rows,), default=None
        Number of each row's contributor, where contributors vote.

    Returns
    -------
    tuple of int
        How many are for it, against it, and silent.
    """
    if contributors is not None:
        votes = np.sign(np.bincount(contributors, weights=votes))
    n_for, n_against = int((votes > 0).sum()), int((votes < 0).sum())
    return n_for, n_against, len(votes) - n_for - n_against


@dataclass(frozen=True)
class Limit:
    """A decision that caps every radius.

    Parameters
    ----------
    units : int
        The largest poison size that cannot turn the decision.
    decision : str
        What was decided.
    option : str
        Option of the command line that fixes it beforehand.
    value : str
        Value of that option.
    """

    units: int
    decision: str
    option: str
    value: str
