"""What ensembles of classifiers say of one row."""

import numpy as np

from ..certificates import runoff_radius
from ..certificates._deciding_leads import finalist_to_beat, labels_to_pass
from ..certificates._deciding_rivals import (
    backs_in_round_two,
    rivals_among_counts,
    rivals_among_votes,
    rivals_in_runoff,
)
from ..ensemble._elections import Runoff
from ._contributors import contributors_of
from ._flips import explain_flips
from ._votes import aims, certificate, named, roles, votes_of_ensemble

__all__ = ["explain_partitions", "explain_subsamples"]


def explain_partitions(classifier, X, target, groups):
    """Explain a row to which voters on partitions have voted.

    Parameters
    ----------
    classifier : PartitionEnsembleClassifier
        Fitted.
    X : array-like of shape (1, ...)
        The row.
    target : label or None
        The label that an attacker wants.
    groups : array-like of shape (n_rows,) or None
        The contributor of each training row, as ``fit`` got them.

    Returns
    -------
    dict
        Fields of an `Explanation`.

    Raises
    ------
    InvalidInputError
        If `groups` are not those of ``fit``, or `target` is not valid.
    """
    contributors = contributors_of(classifier, groups)
    if getattr(classifier, "label_flips", None) == "white_box":
        return explain_flips(classifier, X, target)
    election = classifier._open_election()
    ballots = classifier._collect(election, np.asarray, X)
    wanted, predicted, radius = certificate(classifier, election, ballots, target)
    votes, counts = election.votes(ballots)[0].astype(np.int64), election.counts(ballots)[0]
    found = votes_of_ensemble(classifier, counts, votes, predicted, radius)
    is_aimed = wanted not in (None, predicted)
    if isinstance(election, Runoff):
        found["second_round"] = _second_round(ballots[0], votes, counts, predicted, found)
        count = _count_against_finalist if is_aimed else _count_in_runoff
        number, rivals, sums = count(election, ballots, votes, counts, predicted, wanted)
        found["decided_in_round"] = number or None
    else:
        count = _count_for_target if is_aimed else _count_over_rival
        rivals, sums = count(election, votes, counts, predicted, wanted)
    of_partitions = {
        name: values[classifier.spread_].sum(axis=1).tolist()
        for name, values in zip(
            ("for_prediction", "for_target" if is_aimed else "for_runner_up", "at_stake"),
            sums,
            strict=True,
        )
    }
    return {
        **found,
        **named(classifier, rivals),
        **aims(classifier, found, counts, target, wanted),
        "carriers_are": "partitions",
        "carriers": _carriers(classifier, votes, of_partitions, contributors),
        "partitions_per_unit": election.rules["cost"],
    }


def _count_over_rival(election, votes, counts, predicted, _):
    """Return the rivals, and who votes for the prediction, for the first of them, and both."""
    rivals = rivals_among_votes(
        election.radius,
        votes,
        counts,
        predicted,
        n_partitions=len(election.spread),
        phantom=election.rules["phantom"],
    )
    return rivals, _for_both(votes, predicted, rivals[0] if rivals else len(counts))


def _count_for_target(election, votes, counts, predicted, wanted):
    """Return the labels that the target must pass, and who votes for the prediction and for it."""
    labels, taken = labels_to_pass(votes, counts, predicted, wanted, spread=election.spread)
    return labels, (votes == predicted, votes == wanted, taken)


def _count_in_runoff(election, ballots, votes, counts, predicted, _):
    """Return the round that decides, with what `_count_over_rival` returns."""
    scores, rules = ballots[0], election.rules
    n_safe = runoff_radius(ballots, may_abstain=True, **{**rules, "cost": 1})[1][0]
    number, rivals = rivals_in_runoff(
        scores,
        votes,
        counts,
        predicted,
        n_safe + 1,
        spread=rules["spread"],
        phantom=rules["phantom"],
    )
    rival = rivals[0] if rivals else len(counts)
    for_prediction, for_rival, at_stake = _for_both(votes, predicted, rival)
    if number == 1:
        at_stake = at_stake + for_prediction - (votes == rivals[1])
    elif number == 2:
        for_prediction = backs_in_round_two(scores, votes, predicted, rival)
        for_rival = (votes >= 0) & ~for_prediction
        at_stake = np.where(votes >= 0, 2 * for_prediction, 1)
    return number, rivals, (for_prediction, for_rival, at_stake)


def _count_against_finalist(election, ballots, votes, counts, predicted, wanted):
    """Return the round that decides, the other finalist, and what `_count_for_target` returns."""
    rules = election.rules
    harmless, finalist, number, taken = finalist_to_beat(
        ballots[0],
        votes,
        counts,
        predicted,
        wanted,
        spread=rules["spread"],
        phantom=rules["phantom"],
    )
    of_any_change = runoff_radius(ballots, may_abstain=True, **{**rules, "cost": 1})[1][0]
    if of_any_change > harmless:
        number, finalists = 0, []
        taken = _count_in_runoff(election, ballots, votes, counts, predicted, None)[2][2]
    else:
        finalists = [finalist]
    for_prediction, for_target = votes == predicted, votes == wanted
    if number == 2 and finalists == [predicted]:
        for_prediction = backs_in_round_two(ballots[0], votes, predicted, wanted)
        for_target = (votes >= 0) & ~for_prediction
    return number, finalists, (for_prediction, for_target, taken)


def _for_both(votes, predicted, rival):
    for_prediction, for_rival = votes == predicted, votes == rival
    return for_prediction, for_rival, 1 + for_prediction - for_rival


def _carriers(classifier, votes, of_partitions, contributors):
    spread, n_rows = classifier.spread_, classifier._rows_per_partition
    labels = [*classifier.classes_.tolist(), None]  # the index -1 abstains
    carriers = []
    for partition in np.argsort(-np.array(of_partitions["at_stake"]), kind="stable").tolist():
        carrier = {
            "partition": partition,
            "n_rows": int(n_rows[partition]),
            **{name: values[partition] for name, values in of_partitions.items()},
        }
        if spread.shape[1] == 1:
            carrier["vote"] = labels[votes[spread[partition, 0]]]
        if contributors is not None:
            carrier["contributors"] = sorted(contributors[partition])
        carriers.append(carrier)
    return carriers


def _second_round(scores, votes, counts, predicted, found):
    """Return who backs whom among the two labels with most votes, the winner first."""
    if len(counts) == 1:
        return None
    low, high = np.sort(np.argsort(-counts, kind="stable")[:2]).tolist()
    for_low = backs_in_round_two(scores, votes, low, high)
    n_backers = {low: int(for_low.sum()), high: int(((votes >= 0) & ~for_low).sum())}
    labels = [*found["votes"]]
    by_index = dict(zip(np.argsort(-counts, kind="stable").tolist(), labels, strict=True))
    order = [predicted, low if predicted == high else high]
    return {by_index[index]: n_backers[index] for index in order}


def explain_subsamples(classifier, X, target):
    """Explain a row to which voters on random subsamples have voted.

    Parameters
    ----------
    classifier : BaggingCertifiedClassifier
        Fitted.
    X : array-like of shape (1, ...)
        The row.
    target : label or None
        The label that an attacker wants.

    Returns
    -------
    dict
        Fields of an `Explanation`.
    """
    election = classifier._open_election()
    ballots = classifier._collect(election, np.asarray, X)
    wanted, predicted, radius = certificate(classifier, election, ballots, target)
    votes, counts = ballots[0].astype(np.int64), election.counts(ballots)[0]
    found = votes_of_ensemble(classifier, counts, votes, predicted, radius)
    is_aimed = wanted not in (None, predicted)
    rivals = [] if is_aimed else rivals_among_counts(counts, predicted, phantom=False)
    rivals = [rival for rival in rivals if election.seen[rival] or counts[rival]]
    labels = [*classifier.classes_.tolist(), None]
    rank, names = (
        roles(votes, predicted, [wanted], "target") if is_aimed else roles(votes, predicted, rivals)
    )
    carriers = [
        {"voter": voter, "vote": labels[votes[voter]], "votes_for": names[voter]}
        for voter in np.argsort(rank, kind="stable").tolist()
    ]
    can_win = np.flatnonzero(election.seen | (counts > 0))
    return {
        **found,
        **named(classifier, rivals),
        **aims(classifier, found, counts, target, wanted, voted=can_win),
        "confidence": 1 - classifier.alpha,
        "carriers_are": "voters",
        "carriers": carriers,
    }
