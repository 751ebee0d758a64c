"""Try attacks within consecutive periods, and compare the voters that learn from no other."""

from dataclasses import replace

import numpy as np

from ..audit import split_pipeline
from ._trials import Trials

__all__ = ["TemporalTrials", "spans_of"]


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


class TemporalTrials(Trials):
    """A fitted classifier whose certificates count periods, and the record of the attacks on it."""

    def _moved_voter(self, attack, fitted, after, kept):
        spans, spans_after = spans_of(self.fitted), spans_of(fitted)
        if spans is None or spans_after is None or self.before.votes is None:
            return None
        numbers = {tuple(span): voter for voter, span in enumerate(spans_after.tolist())}
        last_poisoned = attack.first_period + attack.size - 1
        is_untouched = (spans[:, 1] < attack.first_period) | (spans[:, 0] > last_poisoned)
        # a voter without rows may be there in one fit, and go without saying in another
        voters = [v for v in np.flatnonzero(is_untouched) if tuple(spans[v].tolist()) in numbers]
        same_place = {voter: numbers[tuple(spans[voter].tolist())] for voter in voters}
        votes = [{v: row[place] for v, place in same_place.items()} for row in after.votes]
        return self._first_difference(attack, replace(after, votes=votes), voters)
