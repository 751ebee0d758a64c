"""Try attacks within consecutive periods, and compare the voters that learn from no other."""

from dataclasses import replace

import numpy as np

from ..audit import split_pipeline
from ._trials import Trials

__all__ = ["TemporalTrials", "places_of_untouched", "spans_of"]


def spans_of(fitted):
    """Return the first and the last period of each voter, or None if nobody can tell.

    Parameters
    ----------
    fitted : estimator
        A fitted classifier, or a `Pipeline` around one.

    Returns
    -------
    ndarray of int of shape (n_voters, 2), or None
    """
    return getattr(split_pipeline(fitted)[1], "spans_", None)


def places_of_untouched(before, after, first, last):
    """Return the voters that learn from no period of a span, and their places in another fit.

    Parameters
    ----------
    before, after : ndarray of int of shape (n_voters, 2)
        Spans of the voters of two fits, as `spans_of` returns them.
    first, last : int
        The periods of which rows came or went.

    Returns
    -------
    dict of int to int
        Voters that are in both fits: one without rows may be there in one, and go without saying
        in the other.
    """
    numbers = {tuple(span): voter for voter, span in enumerate(after.tolist())}
    is_untouched = (before[:, 1] < first) | (before[:, 0] > last)
    spans = {voter: tuple(before[voter].tolist()) for voter in np.flatnonzero(is_untouched)}
    return {voter: numbers[span] for voter, span in spans.items() if span in numbers}


class TemporalTrials(Trials):
    """A fitted classifier whose certificates count periods, and the record of the attacks on it."""

    def _moved_voter(self, attack, fitted, after, kept):
        spans, spans_after = spans_of(self.fitted), spans_of(fitted)
        if spans is None or spans_after is None or self.before.votes is None:
            return None
        last_poisoned = attack.first_period + attack.size - 1
        places = places_of_untouched(spans, spans_after, attack.first_period, last_poisoned)
        votes = [{v: row[place] for v, place in places.items()} for row in after.votes]
        return self._first_difference(attack, replace(after, votes=votes), list(places))
