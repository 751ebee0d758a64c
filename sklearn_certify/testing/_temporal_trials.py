"""Try attacks within consecutive periods, and compare the voters that learn from no other."""

from dataclasses import replace

import numpy as np

from ..audit import split_pipeline
from ._trials import Trials

__all__ = ["TemporalTrials", "spans_of", "untouched_voters"]


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


def untouched_voters(fits, answers, first, last):
    """Return the voters that learn from no period of a span, and what they vote in another fit.

    Parameters
    ----------
    fits : pair of fitted estimators
        Before and after rows came or went.
    answers : Answers
        What the latter says.
    first, last : int
        The periods of which rows came or went.

    Returns
    -------
    voters : list of int
        Numbers in the former fit, of those that are in both: one without rows may be there in one,
        and go without saying in the other. Empty if nobody can tell.
    answers : Answers
        With the votes by these numbers.
    """
    before, after = map(spans_of, fits)
    if before is None or after is None or answers.votes is None:
        return [], answers
    numbers = {tuple(span): voter for voter, span in enumerate(after.tolist())}
    is_untouched = (before[:, 1] < first) | (before[:, 0] > last)
    spans = {voter: tuple(before[voter].tolist()) for voter in np.flatnonzero(is_untouched)}
    places = {voter: numbers[span] for voter, span in spans.items() if span in numbers}
    votes = [{voter: row[place] for voter, place in places.items()} for row in answers.votes]
    return list(places), replace(answers, votes=votes)


class TemporalTrials(Trials):
    """A fitted classifier whose certificates count periods, and the record of the attacks on it."""

    def _moved_voter(self, attack, fitted, after, kept):
        last_poisoned = attack.first_period + attack.size - 1
        voters, answers = untouched_voters(
            (self.fitted, fitted), after, attack.first_period, last_poisoned
        )
        if self.before.votes is None or not voters:
            return None
        return self._first_difference(attack, answers, voters)
