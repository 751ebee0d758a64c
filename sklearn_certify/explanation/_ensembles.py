"""What ensembles say of one row."""

import numpy as np

from .._rows import check_groups
from ..certificates import count_votes, runoff_radius
from ..certificates._deciding_rivals import (
    backs_in_round_two,
    rivals_among_counts,
    rivals_among_votes,
    rivals_in_runoff,
)
from ..ensemble._elections import Runoff
from ..exceptions import InvalidInputError
from ..partition import hash_labels, split
from ._votes import named, roles, votes_of

__all__ = ["explain_partitions", "explain_subsamples"]


def explain_partitions(classifier, X, groups):
    """Explain a row to which voters on partitions have voted.

    Parameters
    ----------
    classifier : PartitionEnsembleClassifier
        Fitted.
    X : array-like of shape (1, ...)
        The row.
    groups : array-like of shape (n_rows,) or None
        The contributor of each training row, as ``fit`` got them.

    Returns
    -------
    dict
        Fields of an `Explanation`.

    Raises
    ------
    InvalidInputError
        If certificates count labels inside the voters, or if `groups` are not those of ``fit``.
    """
    if getattr(classifier, "label_flips", None) == "white_box":
        raise InvalidInputError(
            "explain counts voters, and not the labels that turn them: it explains a "
            f"{type(classifier).__name__} fitted with label_flips='black_box'."
        )
    election = classifier._open_election()
    ballots = classifier._collect(election, np.asarray, X)
    (predicted,), (radius,) = election.certificates(*election.tally(ballots))
    votes, counts = election.votes(ballots)[0].astype(np.int64), election.counts(ballots)[0]
    spread = classifier.spread_
    contributors = _contributors(classifier, groups)
    phantom = election.rules["phantom"]
    found = _common(classifier, counts, votes, predicted, radius)
    if isinstance(election, Runoff):
        scores = ballots[0]
        n_safe = runoff_radius(ballots, may_abstain=True, **{**election.rules, "cost": 1})[1][0]
        number, rivals = rivals_in_runoff(
            scores, votes, counts, predicted, n_safe + 1, spread=spread, phantom=phantom
        )
        found["second_round"] = _second_round(scores, votes, counts, predicted, found)
        found["decided_in_round"] = number or None
    else:
        number = 0
        rivals = rivals_among_votes(
            election.radius,
            votes,
            counts,
            predicted,
            n_partitions=len(spread),
            phantom=phantom,
        )
    found |= named(classifier, rivals)
    rival = rivals[0] if rivals else len(counts)
    for_prediction, for_rival = votes == predicted, votes == rival
    at_stake = 1 + for_prediction - for_rival
    if number == 1:
        at_stake = at_stake + for_prediction - (votes == rivals[1])
    elif number == 2:
        for_prediction = backs_in_round_two(scores, votes, predicted, rival)
        for_rival = (votes >= 0) & ~for_prediction
        at_stake = np.where(votes >= 0, 2 * for_prediction, 1)
    sums = [values[spread].sum(axis=1) for values in (for_prediction, for_rival, at_stake)]
    n_rows = classifier._rows_per_partition
    labels = [*classifier.classes_.tolist(), None]  # the index -1 abstains
    carriers = []
    for partition in np.argsort(-sums[2], kind="stable").tolist():
        carrier = {
            "partition": partition,
            "n_rows": int(n_rows[partition]),
            **{
                name: int(of_partition[partition])
                for name, of_partition in zip(
                    ("for_prediction", "for_runner_up", "at_stake"), sums, strict=True
                )
            },
        }
        if spread.shape[1] == 1:
            carrier["vote"] = labels[votes[spread[partition, 0]]]
        if contributors is not None:
            carrier["contributors"] = contributors[partition]
        carriers.append(carrier)
    return {
        **found,
        "carriers_are": "partitions",
        "carriers": carriers,
        "partitions_per_unit": election.rules["cost"],
    }


def explain_subsamples(classifier, X):
    """Explain a row to which voters on random subsamples have voted.

    Parameters
    ----------
    classifier : BaggingCertifiedClassifier
        Fitted.
    X : array-like of shape (1, ...)
        The row.

    Returns
    -------
    dict
        Fields of an `Explanation`.
    """
    election = classifier._open_election()
    ballots = classifier._collect(election, np.asarray, X)
    counts = count_votes(ballots, len(classifier.classes_))[0]
    (predicted,), (radius,) = election.certificates(*election.tally(ballots))
    votes = ballots[0].astype(np.int64)
    rivals = rivals_among_counts(counts, predicted, phantom=False)
    rivals = [rival for rival in rivals if election.seen[rival] or counts[rival]]
    labels = [*classifier.classes_.tolist(), None]
    rank, names = roles(votes, predicted, rivals)
    carriers = [
        {"voter": voter, "vote": labels[votes[voter]], "votes_for": names[voter]}
        for voter in np.argsort(rank, kind="stable").tolist()
    ]
    return {
        **_common(classifier, counts, votes, predicted, radius),
        **named(classifier, rivals),
        "confidence": 1 - classifier.alpha,
        "carriers_are": "voters",
        "carriers": carriers,
    }


def _common(classifier, counts, votes, predicted, radius):
    return {
        **votes_of(classifier, counts, predicted, radius),
        "n_voters": classifier.n_voters_,
        "n_abstaining": int(np.count_nonzero(votes < 0)),
        "n_without_model": sum(fitted is None for fitted in classifier.estimators_),
        "unit": classifier.poison_unit_,
    }


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


def _contributors(classifier, groups):
    """Return the names of the contributors that fill each partition, None if there are none."""
    if groups is None:
        return None
    if classifier.poison_unit_ != "group":
        raise InvalidInputError(
            "groups were given to explain, but not to fit, whose certificates count rows."
        )
    if not hasattr(classifier, "partition_"):
        raise InvalidInputError(
            f"{type(classifier).__name__} was fitted on a PartitionedDataset, whose rows explain "
            "does not read: leave groups out."
        )
    groups = check_groups(groups)
    of_rows = split(hash_labels(groups), len(classifier.spread_))
    if not np.array_equal(of_rows, classifier.partition_):
        raise InvalidInputError(
            "groups are not those that fit was given: pass the contributor of each training row, "
            "in the same order."
        )
    names = [set() for _ in range(len(classifier.spread_))]
    for name, partition in zip(groups.tolist(), of_rows.tolist(), strict=True):
        names[partition].add(name)
    return [sorted(of_partition) for of_partition in names]
