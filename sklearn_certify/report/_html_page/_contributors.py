"""The contributors whose removal would change most predictions."""

from dataclasses import dataclass, replace

import numpy as np

from ...audit import split_pipeline, transform_queries
from ...certificates import count_votes
from ...ensemble._partition_ensemble import PartitionEnsembleClassifier
from ...ensemble._removal import Removal
from ...exceptions import VoterError

__all__ = ["Contributor", "Influence", "Labels", "find_influence", "most_influential"]

_MOST_VOTERS = 120  # that are fitted anew, so that a page takes seconds
_MOST_TOLD = 10


@dataclass(frozen=True)
class Contributor:
    """What a contributor's removal does to the test predictions.

    Attributes
    ----------
    name : str
        The contributor.
    n_rows : int
        Their training rows.
    share : float
        Of the rows of their partition.
    most : int
        No more predictions can change, whatever they had contributed instead.
    changed : int or None
        Predictions that change without them; None if that was not tried.
    mended, broken : int or None
        Those of them that become right, and that become wrong.
    farthest : float or None
        How far a prediction moves at most without them, where predictions are numbers.
    """

    name: str
    n_rows: int
    share: float
    most: int
    changed: int | None = None
    mended: int | None = None
    broken: int | None = None
    farthest: float | None = None


@dataclass(frozen=True)
class Influence:
    """The contributors who matter most to one classifier.

    Attributes
    ----------
    classifier : str
        Its name in the report.
    told : list of Contributor
        Those who matter most, first.
    n_contributors, n_tried, n_harmless, n_failed : int
        How many there are; whose voters were fitted anew without them; who provably cannot change
        any prediction; and without whom a voter could not be fitted.
    most_of_others : int
        No contributor who was not tried can change more predictions.
    n_test : int
        Number of test rows.
    """

    classifier: str
    told: list
    n_contributors: int
    n_tried: int
    n_harmless: int
    n_failed: int
    most_of_others: int
    n_test: int

    @property
    def exact(self):
        """Whether nobody else can matter more than the first one told of."""
        first = self.told[0].changed if self.told else 0
        return not self.n_failed and first is not None and first >= self.most_of_others


class Labels:
    """What contributors may change about predictions that are labels.

    Parameters
    ----------
    report : CertificationReport
        The report.
    result : Result
        What one of its classifiers proved.
    """

    ensembles = PartitionEnsembleClassifier

    def __init__(self, report, result):
        self._y_true, self._radii = result.y_true, result.radii

    def states(self, predictions):
        """Return what changes or does not."""
        return predictions

    def right(self, predictions):
        """Return whether each prediction is right."""
        return predictions == self._y_true

    def farthest(self, before, after):
        """Return how far a prediction moves, at most; labels are near to none."""
        return None

    def most_changes(self, classifier, X_test):
        """Return how many states can change, at most, if one partition does: one number each."""
        at_risk = np.flatnonzero(self._radii < 1)
        n_partitions = len(classifier.spread_)
        if classifier.aggregation != "plurality":
            return np.full(n_partitions, len(at_risk))
        votes = classifier.votes(X_test)[at_risk]
        n_classes = len(classifier.classes_)
        counts = count_votes(votes, n_classes)
        predicted = counts.argmax(axis=1)
        rows = np.arange(len(at_risk))
        may_change = np.zeros((len(at_risk), n_partitions), dtype=bool)
        for rival in range(n_classes):
            gaps = counts[rows, predicted] - counts[:, rival] - (rival < predicted)
            damages = 1 + (votes == predicted[:, np.newaxis]).astype(np.int64) - (votes == rival)
            damage = damages[:, classifier.spread_].sum(axis=2)
            may_change |= (damage > gaps[:, np.newaxis]) & (predicted != rival)[:, np.newaxis]
        return may_change.sum(axis=0)


def most_influential(report, best, kind=Labels):
    """Find the contributors who matter most to the best estimator for which this can be told.

    Parameters
    ----------
    report : CertificationReport or RegressionReport
        The report.
    best : str
        The name of the result to look at first.
    kind : type, default=Labels
        What predictions are.

    Returns
    -------
    Influence or None
        None if the report does not count contributors, or nothing can be told.
    """
    if not (report.grouped and report.material):
        return None
    found = (find_influence(report, name, kind) for name in [best, *report.results])
    return next((influence for influence in found if influence is not None), None)


def find_influence(report, name, kind=Labels):
    """Find the contributors whose removal changes most predictions of a partition ensemble.

    Votes bound how many predictions a contributor can change. Those with the largest bounds are
    then taken away in turn, and their voters fitted anew on the rows of the others, until nobody
    who is left can change more than the largest number seen, or enough voters have been fitted.

    Parameters
    ----------
    report : CertificationReport or RegressionReport
        A report by contributors, with its material.
    name : str
        The name of a result.
    kind : type, default=Labels
        What predictions are.

    Returns
    -------
    Influence or None
        None where the estimator is no partition ensemble.
    """
    result, split = report.results[name], report.material.split
    judge = kind(report, result)
    if not isinstance(split_pipeline(result.estimator)[1], judge.ensembles):
        return None
    ensemble, X_test = transform_queries(result.estimator, split.X_test)
    names, numbers = np.unique(split.groups_train.astype(str), return_inverse=True)
    n_rows = np.bincount(numbers)
    partitions = np.zeros(len(names), dtype=np.int64)
    partitions[numbers] = ensemble.partition_  # a contributor's rows are all in one
    bounds = judge.most_changes(ensemble, X_test)[partitions]
    shares = n_rows / np.bincount(ensemble.partition_)[partitions]
    found = {
        number: Contributor(
            names[number], int(n_rows[number]), float(shares[number]), int(bounds[number])
        )
        for number in range(len(names))
    }
    order = np.lexsort((-n_rows, -bounds))
    tried, n_failed = [], 0
    if X_test is split.X_test and len(names) > 1:  # else the steps in front had other rows
        tried, n_failed = _try(ensemble, split, numbers, order, found, judge)
    of_others = [found[number].most for number in order if number not in tried]
    ranked = sorted(found.values(), key=_rank)
    return Influence(
        name,
        [contributor for contributor in ranked if contributor.most][:_MOST_TOLD],
        len(names),
        len(tried),
        int((bounds == 0).sum()),
        n_failed,
        max(of_others, default=0),
        len(result.radii),
    )


def _rank(contributor):
    known = contributor.changed is not None
    return (not known, -(contributor.changed or 0), -contributor.most, contributor.name)


def _try(ensemble, split, numbers, order, found, judge):
    """Take contributors away in turn and write down what changes; return whom, and failures."""
    removal = Removal(ensemble, split.X_train, split.y_train)
    before = ensemble.predict(split.X_test)
    states, was_right = judge.states(before), judge.right(before)
    tried, n_failed, n_fitted, largest = set(), 0, 0, 0
    for number in order:
        contributor, removed = found[number], numbers == number
        n_fitted += len(removal.voters_of(removed))
        if contributor.most <= largest or n_fitted > _MOST_VOTERS:
            break
        try:
            after = removal.without(removed).predict(split.X_test)
        except VoterError:
            n_failed += 1
            continue
        changed, is_right = judge.states(after) != states, judge.right(after)
        tried.add(number)
        found[number] = replace(
            contributor,
            changed=int(changed.sum()),
            mended=int((changed & is_right).sum()),
            broken=int((changed & was_right).sum()),
            farthest=judge.farthest(before, after),
        )
        largest = max(largest, int(changed.sum()))
    return tried, n_failed
