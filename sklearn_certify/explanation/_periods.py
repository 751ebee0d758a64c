"""What voters on consecutive periods say of one row."""

import numpy as np

from ..certificates._weakest_spans import weakest_span
from ._votes import aims, certificate, named, roles, votes_of_ensemble

__all__ = ["explain_periods"]


def explain_periods(classifier, X, target):
    """Explain a row on which voters have voted that learned from consecutive periods each.

    Parameters
    ----------
    classifier : TemporalAggregationClassifier
        Fitted.
    X : array-like of shape (1, ...)
        The row.
    target : label or None
        The label that an attacker wants.

    Returns
    -------
    dict
        Fields of a `TemporalExplanation`.
    """
    election = classifier._open_election()
    ballots = classifier._collect(election, np.asarray, X)
    wanted, predicted, radius = certificate(classifier, election, ballots, target)
    duration = int(election.tally(ballots)[1][0])
    votes, counts = ballots[0].astype(np.int64), election.counts(ballots)[0]
    starts, n_periods = classifier.spans_[:, 0], duration + 1
    # where the attacker may add periods, voters that abstain so far may vote as well
    more = (n_periods + classifier.window) * np.array(election.is_open)
    weakest = weakest_span(
        np.pad(votes, more, constant_values=-1),
        np.arange(starts[0] - more[0], starts[-1] + more[1] + 1),
        classifier.window,
        counts,
        predicted,
        n_periods,
        phantom=election.phantom,
    )
    label_of = _labels(classifier)
    rivals = [] if weakest is None else weakest.rivals
    rivals = sorted(rivals, key=lambda rival: rival != weakest.rival)
    timeline = _timeline(classifier, votes, predicted, rivals, label_of)
    found = votes_of_ensemble(classifier, counts, votes, predicted, radius)
    found |= {
        **named(classifier, rivals),
        "carriers_are": "voters",
        "carriers": timeline,
        "timeline": timeline,
        "earliness": int(election.earliness(ballots)[1][0]),
        "window": classifier.window,
        "first_period": label_of(classifier.first_period_),
        "last_period": label_of(classifier.last_period_),
    }
    if weakest is not None:
        spans = classifier.spans_
        reached = (spans[:, 0] <= weakest.stop) & (spans[:, 1] >= weakest.start)
        found["carriers"] = [timeline[voter] for voter in np.flatnonzero(reached)]
        found["weakest"] = {
            "first_period": label_of(weakest.start),
            "last_period": label_of(weakest.stop),
            "rival": found["runner_up"],
            "damage": weakest.damage,
            "bears": weakest.gap,
            "n_spans": weakest.n_spans,
            "n_added": weakest.n_voters - int(reached.sum()),
        }
    return found | aims(classifier, found, counts, target, wanted)


def _timeline(classifier, votes, predicted, rivals, label_of):
    """Return what is told of each voter, in order of time."""
    labels = [*classifier.classes_.tolist(), None]  # the index -1 abstains
    rival = rivals[0] if rivals else len(classifier.classes_)
    names = roles(votes, predicted, [rival])[1]
    return [
        {
            "voter": voter,
            "first_period": label_of(first),
            "last_period": label_of(last),
            "vote": labels[vote],
            "votes_for": name,
            "at_stake": 1 + (vote == predicted) - (vote == rival),
        }
        for voter, ((first, last), vote, name) in enumerate(
            zip(classifier.spans_.tolist(), votes.tolist(), names, strict=True)
        )
    ]


def _labels(classifier):
    """Return a function that names periods as the user did."""
    frequency = getattr(classifier, "_frequency", None)
    if frequency is None:
        return int
    from pandas import Period

    return lambda number: Period(ordinal=int(number), freq=frequency)
