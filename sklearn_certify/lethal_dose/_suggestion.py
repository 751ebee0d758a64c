"""The number of partitions with which most rows should survive a given amount of poison."""

import numpy as np

from .._compat import _num_samples
from .._user_warnings import warn_user
from ..exceptions import CertifyWarning, InvalidInputError
from ..threat import partitions_per_unit
from ._checks import check_whole
from ._curve import lethal_dose_curve
from ._sampled_voters import make_ensemble

__all__ = ["suggest_n_partitions"]

_FACTORS = (1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15, 20, 30)  # times the fewest that can certify
_FEWEST_ROWS = 2  # of a voter
_HARDLY_ANY = 0.01  # of the rows certified: as good as none


def suggest_n_partitions(
    estimator,
    X,
    y,
    *,
    poison_size,
    groups=None,
    partition_counts=None,
    X_test=None,
    y_test=None,
    n_voters=60,
    max_queries=5000,
    random_state=0,
):
    """Choose the number of partitions that should certify most rows at a poison size.

    Looks at several numbers of partitions with `lethal_dose_curve` and returns the one with the
    highest expected certified accuracy at `poison_size`; of equal ones the smallest.

    **This is no certificate**, and a number chosen by a look at the training rows is outside the
    certificates of what is fitted with it: an attacker may have had a say. Pass rows that you
    trust where that matters.

    Parameters
    ----------
    estimator, X, y, groups, X_test, y_test, n_voters, max_queries, random_state
        As for `lethal_dose_curve`.
    poison_size : int
        How much poison predictions shall survive, in units of the threat model.
    partition_counts : array-like of int, default=None
        Numbers to choose from. None: from a quarter more than the fewest that could certify
        `poison_size` to thirty times as many, as far as a voter has two rows.

    Returns
    -------
    int

    Raises
    ------
    InvalidInputError
        If there are too few rows, or groups, for any ensemble to certify `poison_size`, or an
        argument is out of range.
    VoterError
        If the base learner fails on a voter's rows, unless the ensemble lets it abstain.

    Warns
    -----
    CertifyWarning
        If hardly any row is expected to survive, whatever the number.

    See Also
    --------
    lethal_dose_curve : The forecasts behind it.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify.lethal_dose import suggest_n_partitions
    >>> X, y = load_digits(return_X_y=True)
    >>> n_partitions = suggest_n_partitions(None, X, y, poison_size=10)
    >>> n_partitions > 2 * 10  # fewer voters could not certify it
    True
    """
    poison_size = check_whole(poison_size, "poison_size", least=0)
    if partition_counts is None:
        partition_counts = _candidates(make_ensemble(estimator), X, groups, poison_size)
    curve = lethal_dose_curve(
        estimator,
        X,
        y,
        groups=groups,
        partition_counts=partition_counts,
        poison_sizes=poison_size,
        X_test=X_test,
        y_test=y_test,
        n_voters=n_voters,
        max_queries=max_queries,
        random_state=random_state,
    )
    accuracies = curve.certified_accuracy[:, 0]
    if accuracies.max() < _HARDLY_ANY:
        warn_user(
            f"Hardly any row is expected to survive poison_size={poison_size}, whatever the "
            f"number of partitions from {curve.partition_counts[0]} to "
            f"{curve.partition_counts[-1]}; use a learner that needs fewer rows, or more rows.",
            CertifyWarning,
        )
    return int(curve.partition_counts[accuracies.argmax()])


def _candidates(ensemble, X, groups, poison_size):
    """Return numbers of partitions among which one can certify `poison_size`."""
    cost = partitions_per_unit(
        ensemble.threat_model,
        partition_sees_labels=ensemble.partition_by == "sample",
        grouped=groups is not None,
    )
    n_rows = _num_samples(X)
    n_units = n_rows if groups is None else len(np.unique(np.asarray(groups).astype(str)))
    fewest = 2 * cost * poison_size + 1
    most = min(n_units, n_rows // _FEWEST_ROWS)
    if fewest > most:
        raise InvalidInputError(
            f"poison_size={poison_size} needs {fewest} voters or more, of {_FEWEST_ROWS} rows each "
            f"at least, but there are {n_rows} rows from {n_units} contributors."
            if groups is not None
            else f"poison_size={poison_size} needs {fewest} voters or more, of {_FEWEST_ROWS} rows "
            f"each at least, but there are {n_rows} rows."
        )
    counts = {max(int(np.ceil(factor * fewest)), 2) for factor in _FACTORS}
    return sorted(count for count in counts if count <= most) or [most]
