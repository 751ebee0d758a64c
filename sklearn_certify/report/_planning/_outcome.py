"""What a part of the rows says of a candidate: fitted, or forecast from some of its voters."""

import warnings
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from sklearn.base import clone

from ...certificates import bagging_radius
from ...ensemble import BaggingCertifiedClassifier, DPAClassifier
from ...learners import stacks
from ...lethal_dose import lethal_dose_curve
from .._results import fit_and_certify

__all__ = [
    "Outcome",
    "accuracies_of_radii",
    "count_voters",
    "count_voters_to_try",
    "find_out",
    "is_quick",
]


_FEWEST_OF_BAGGING = 100  # voters that tell what more would say


@dataclass(frozen=True)
class Outcome:
    """How much of a part of the rows a candidate certifies, fitted to another part.

    Attributes
    ----------
    accuracies : ndarray of float64, of shape (n_sizes,)
        Certified accuracy at the poison sizes 0, 1, 2, ...; 0 at larger ones.
    n_rows : int
        Number of rows that it was measured on.
    ratio : float
        How many times the candidate's own radii these are.
    seconds : float
        About how long fitting and certifying takes with all rows and voters.
    """

    accuracies: np.ndarray
    n_rows: int
    ratio: float
    seconds: float = 0.0

    def expected(self, poison_sizes):
        """Return the certified accuracy that is to be expected with all rows.

        Parameters
        ----------
        poison_sizes : array-like of int, of shape (n_sizes,)
            Sizes.

        Returns
        -------
        ndarray of float64, of shape (n_sizes,)
            Between two sizes of the part, interpolated.
        """
        scaled = np.asarray(poison_sizes, dtype=float) * self.ratio
        known = np.append(self.accuracies, 0.0)
        return np.interp(scaled, np.arange(len(known)), known)

    def largest(self):
        """Return the largest size at which anything is certified."""
        return int(max(np.flatnonzero(self.accuracies > 0), default=0) / self.ratio)


def accuracies_of_radii(radii):
    """Return certified accuracy at the sizes 0, 1, 2, ... as far as it is not 0.

    Parameters
    ----------
    radii : ndarray of int64, of shape (n_rows,)
        Certified radii, -1 where the prediction is wrong.

    Returns
    -------
    ndarray of float64, of shape (n_sizes,)
    """
    sizes = np.arange(radii.max(initial=-1) + 1)
    return 1 - np.searchsorted(np.sort(radii), sizes) / len(radii)


def is_quick(estimator):
    """Say whether all voters are fitted together, or there are none, so that trying costs little.

    Parameters
    ----------
    estimator : estimator
        A certified classifier, not fitted.

    Returns
    -------
    bool
    """
    base = estimator.get_params(deep=False).get("estimator")
    return base is None or stacks(base)


def count_voters(estimator):
    """Return how many voters a certified classifier fits, 0 if it has none."""
    parameters = estimator.get_params(deep=False)
    if "n_partitions" in parameters:
        return parameters["n_partitions"] * parameters.get("spreading_degree", 1)
    return parameters.get("n_estimators", 0)


def count_voters_to_try(estimator, n_voters):
    """Return how many voters are fitted to find out about all.

    Parameters
    ----------
    estimator : estimator
        A certified classifier, not fitted.
    n_voters : int
        How many to fit, at most, where they are fitted one by one and some may stand for all.

    Returns
    -------
    int
    """
    n_all = count_voters(estimator)
    if is_quick(estimator):
        return n_all
    if isinstance(estimator, BaggingCertifiedClassifier):
        return min(max(n_voters, _FEWEST_OF_BAGGING), n_all)
    if isinstance(estimator, DPAClassifier) and estimator.aggregation == "plurality":
        return min(n_voters, n_all)
    return n_all


def find_out(candidate, dataset, split, share, threat_model, n_voters, observer):
    """Find out what a candidate certifies, fitted to a part of the rows.

    Where voters have to be fitted one by one, some of them stand for all: those of DPA by
    `lethal_dose_curve`, and those of bagging because each is drawn like any other.

    Parameters
    ----------
    candidate : Candidate
        The settings.
    dataset : Dataset
        What the rows are of.
    split : Split
        The rows to learn from, and to certify.
    share : float
        How large a part of all rows is learned from.
    threat_model : str
        What one unit of poison may do.
    n_voters : int
        How many voters to fit one by one, at most, where some may stand for all.
    observer : Observer
        Is told how it gets on.

    Returns
    -------
    Outcome
    """
    estimator, ratio = candidate.scaled(share)
    n_all, n_tried = count_voters(estimator), count_voters_to_try(estimator, n_voters)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is chosen is fitted again, and warns then
        if n_tried < n_all:
            start = perf_counter()
            is_bagging = isinstance(estimator, BaggingCertifiedClassifier)
            forecast = _forecast_bagging if is_bagging else _forecast_partitions
            accuracies = forecast(estimator, split, n_tried)
            seconds = (perf_counter() - start) * n_all / n_tried
        else:
            result = fit_and_certify(
                candidate.name, estimator, dataset, split, threat_model, observer
            )
            radii = np.where(result.y_pred == result.y_true, result.radii, -1)
            accuracies = accuracies_of_radii(radii)
            seconds = result.fit_seconds + result.certify_seconds
    return Outcome(accuracies, len(split.y_test), ratio, seconds / min(share, 1))


def _forecast_partitions(ensemble, split, n_voters):
    """Return the certified accuracy to expect of DPA at the sizes 0, 1, 2, ..."""
    n_partitions = ensemble.n_partitions
    curve = lethal_dose_curve(
        ensemble,
        split.X_train,
        split.y_train,
        groups=split.groups_train,
        partition_counts=n_partitions,
        poison_sizes=np.arange(n_partitions // 2 + 1),
        X_test=split.X_test,
        y_test=split.y_test,
        n_voters=n_voters,
    )
    return curve.certified_accuracy[0]


def _forecast_bagging(ensemble, split, n_voters):
    """Return certified accuracy as if all voters of bagging had voted as some do."""
    some = clone(ensemble).set_params(n_estimators=n_voters)
    some.fit(split.X_train, split.y_train, groups=split.groups_train)
    counts = some.vote_counts(split.X_test)
    radii = bagging_radius(
        counts * ensemble.n_estimators // n_voters,
        some.n_units_,
        ensemble.max_samples,
        alpha=ensemble.alpha,
        threat_model=ensemble.threat_model,
        sampling=ensemble.sampling,
        n_voters=ensemble.n_estimators,
    )[1]
    right = some.classes_[counts.argmax(axis=1)] == split.y_test
    return accuracies_of_radii(np.where(right, radii, -1))
