"""What voters that count flipped labels say of one row."""

import numpy as np

from ..certificates.flips import least_flips
from ._votes import aims, certificate, named, votes_of_ensemble

__all__ = ["explain_flips"]

_NEVER = np.iinfo(np.int32).max  # what voters tell where no flips suffice


def explain_flips(classifier, X, target):
    """Explain a row on which each voter tells how many of its labels turn it.

    Parameters
    ----------
    classifier : DPAClassifier
        Fitted, with ``label_flips="white_box"``.
    X : array-like of shape (1, ...)
        The row.
    target : label or None
        The label that an attacker wants.

    Returns
    -------
    dict
        Fields of an `Explanation`.
    """
    election = classifier._open_certifying_election()
    ballots = classifier._collect(election, np.asarray, X)
    wanted, predicted, radius = certificate(classifier, election, ballots, target)
    votes, counts = election.votes(ballots)[0].astype(np.int64), election.counts(ballots)[0]
    costs = election.costs(ballots)[0]
    found = votes_of_ensemble(classifier, counts, votes, predicted, radius)
    is_aimed = wanted not in (None, predicted)
    others = [label for label in range(len(counts)) if label not in (predicted, wanted)]
    n_labels = int(classifier._rows_per_partition.sum())
    if is_aimed:
        flips = {c: least_flips(votes, costs, counts, c, wanted) for c in (predicted, *others)}
        leader, rival = max(flips, key=flips.get), wanted  # it passes whoever costs most
        rivals = [leader] if min(flips[leader] - 1, n_labels) == radius else []
    else:
        flips = {b: least_flips(votes, costs, counts, predicted, b) for b in others}
        by_votes = sorted(flips, key=lambda b: -counts[b])
        fewest = min(flips.values(), default=n_labels + 1)
        rivals = [b for b in by_votes if flips[b] == fewest <= n_labels]
        leader, rival = predicted, next(iter(rivals or by_votes), None)
    return {
        **found,
        **named(classifier, rivals),
        **aims(classifier, found, counts, target, wanted),
        "carriers_are": "partitions",
        "carriers": _carriers(classifier, votes, costs, leader, rival, is_aimed=is_aimed),
        "opens_voters": True,
    }


def _carriers(classifier, votes, costs, leader, rival, *, is_aimed):
    """Return what each voter can take from the lead of a label over a rival, cheapest first."""
    labels = [*classifier.classes_.tolist(), None]
    carriers = []
    for partition, (vote, of_labels) in enumerate(zip(votes.tolist(), costs, strict=True)):
        others = np.delete(of_labels, leader)
        leaves = _number(others.min(initial=_NEVER)) if vote == leader else None
        turns = None if rival is None or vote == rival else _number(of_labels[rival])
        at_stake = 0 if vote == rival else 1 + (vote == leader)
        prices = [] if leaves is None else [float(leaves)]
        prices += [] if turns is None else [turns / at_stake]
        carriers.append(
            {
                "partition": partition,
                "n_rows": int(classifier._rows_per_partition[partition]),
                "vote": labels[vote],
                "flips_to_leave": leaves,
                "flips_to_target" if is_aimed else "flips_to_runner_up": turns,
                "at_stake": at_stake,
                "flips_per_vote": min(prices, default=None),
            }
        )
    return sorted(
        carriers,
        key=lambda carrier: (
            carrier["flips_per_vote"] is None,
            carrier["flips_per_vote"],
        ),
    )


def _number(cost):
    """Return a cost in flips, None if there is none."""
    return None if cost >= _NEVER else max(int(cost), 1)
