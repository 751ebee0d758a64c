"""Learning curves of a base learner, and what they forecast for ensembles of it."""

import numpy as np
from sklearn.utils import check_random_state

from .._compute.seeds import LARGEST_SEED
from ..exceptions import InvalidInputError
from ..threat import check_poison_sizes
from ._checks import check_partition_counts, check_share, check_whole
from ._forecast import forecast
from ._result import LethalDoseCurve
from ._sampled_voters import Task, make_ensemble

__all__ = ["lethal_dose_curve"]

_STEPS = (1, 2, 5)  # of a decade of partition counts
_FINE_STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8)  # of a decade of poison sizes
_FEWEST_ROWS = 5  # of a voter, where nobody says how many partitions to look at


def lethal_dose_curve(
    estimator,
    X,
    y,
    *,
    groups=None,
    partition_counts=None,
    poison_sizes=None,
    X_test=None,
    y_test=None,
    n_voters=60,
    max_queries=5000,
    required_accuracy=0.5,
    random_state=0,
):
    """Forecast, from a few voters, how much poison ensembles of a learner would bear.

    For each number of partitions at most `n_voters` voters of Deep Partition Aggregation are
    fitted, each on its own partition of all rows as `DPAClassifier` would fit it, and asked about
    rows that none of them learned from. What they say gives the accuracy of the learner on so few
    rows, and the certified accuracy to expect of the whole ensemble.

    **Nothing here is a certificate.** A forecast may be wrong in both directions; what an ensemble
    certifies is known once it is fitted. The lethal dose rests on a conjecture besides.

    Parameters
    ----------
    estimator : estimator or None
        The base learner, as for `DPAClassifier`; or a `DPAClassifier`, not fitted, for another
        `transformer`, `threat_model`, `classes`, `n_jobs` and so on. Its `n_partitions` is not
        used.
    X : {array-like, sparse matrix, table} of shape (n_rows, ...)
        Training rows, as for ``DPAClassifier.fit``.
    y : array-like of shape (n_rows,)
        Labels.
    groups : array-like of shape (n_rows,), default=None
        The contributor of each row. Poison then counts contributors.
    partition_counts : int or array-like of int, default=None
        Numbers of partitions to look at. None: 10, 20, 50, 100, ... as far as a voter has five
        rows.
    poison_sizes : int or array-like of int, default=None
        Poison sizes, in units of the threat model. None: about ten a decade, up to the largest
        that any of the numbers of partitions could certify.
    X_test, y_test : array-like of shape (n_queries, ...) and (n_queries,), default=None
        Rows to ask about, and their labels. None: rows of X in partitions that no fitted voter
        learns from, so that a voter less than all of them is fitted.
    n_voters : int, default=60
        How many voters to fit for each number of partitions, at most.
    max_queries : int, default=5000
        How many rows of X to ask about, at most.
    required_accuracy : float, default=0.5
        When a task counts as learned (tau in the paper): the share of right votes.
    random_state : int, RandomState instance or None, default=0
        Draws partitions, rows to ask about and missing votes. The voters' own seeds are those of
        the ensemble.

    Returns
    -------
    LethalDoseCurve
        Has `to_frame`, and says what it assumes.

    Raises
    ------
    InvalidInputError
        If no row is left to ask about, the estimator certifies a run-off election, or an argument
        is out of range.
    VoterError
        If the base learner fails on a voter's rows, unless the ensemble lets it abstain.

    See Also
    --------
    suggest_n_partitions : The number of partitions for a poison size.
    sklearn_certify.plotting.LethalDoseDisplay : The forecasts as curves.

    Notes
    -----
    Voters are chosen so that their rows have labels like all rows, which makes the forecast more
    precise. Where rows are finite numbers, the nearest class mean in each partition stands in for
    the voter that would learn from it: how the stand-ins of the fitted voters differ from all is
    taken off, as far as voters follow their stand-ins. They learn from the rows as they come,
    without a `transformer`, and cost one pass over the rows, and distances of each query to the
    class means of all partitions. The votes of the others are filled in, less the bias of doing so;
    see the page on the mathematics. A number of partitions that was chosen by a look at the
    training rows, poisoned ones perhaps, is outside the certificates of what is fitted with it, as
    any parameter is.

    References
    ----------
    Wang, Levine, Feizi: "Lethal Dose Conjecture on Data Poisoning", NeurIPS 2022.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify.lethal_dose import lethal_dose_curve
    >>> X, y = load_digits(return_X_y=True)
    >>> curve = lethal_dose_curve(None, X, y, partition_counts=[50, 200], poison_sizes=[0, 10])
    >>> curve.rows_per_voter.round(1)
    array([35.9,  9. ])
    >>> curve.certified_accuracy.shape
    (2, 2)
    """
    check_whole(n_voters, "n_voters")
    check_whole(max_queries, "max_queries")
    check_share(required_accuracy, "required_accuracy")
    task = Task(make_ensemble(estimator), X, y, groups, X_test, y_test, max_queries)
    if partition_counts is None:
        partition_counts = _ladder(_STEPS, 10, max(len(task.y) // _FEWEST_ROWS, 10))
    partition_counts = check_partition_counts(partition_counts)
    _check_enough_units(partition_counts, task.n_units)
    if poison_sizes is None:
        most = (partition_counts[-1] - 1) // 2 // task.cost
        poison_sizes = [0, *_ladder(_FINE_STEPS, 1, most)]
    poison_sizes = np.unique(check_poison_sizes(poison_sizes))
    random_state = check_random_state(random_state)
    samples = [task.ask(n, n_voters, random_state) for n in partition_counts]
    forecasts = [
        forecast(
            sampled,
            poison_sizes,
            cost=task.cost,
            phantom=task.phantom,
            seed=random_state.randint(LARGEST_SEED),
        )
        for sampled in samples
    ]
    return LethalDoseCurve(
        partition_counts=np.array(partition_counts),
        poison_sizes=poison_sizes,
        n_rows=len(task.y),
        n_units=task.n_units,
        rows_per_voter=len(task.y) / np.array(partition_counts),
        n_fitted_voters=np.array([sampled.votes.shape[1] for sampled in samples]),
        n_queries=np.array([len(sampled.truth) for sampled in samples]),
        held_out=X_test is None,
        required_accuracy=required_accuracy,
        threat_model=task.ensemble.threat_model,
        grouped=task.grouped,
        cost=task.cost,
        **{
            name: np.array([getattr(found, name) for found in forecasts])
            for name in vars(forecasts[0])
        },
    )


def _ladder(steps, first, last):
    """Return round numbers from `first` to `last`."""
    numbers = {round(step * 10**power) for power in range(len(str(last))) for step in steps}
    return sorted(number for number in numbers if first <= number <= last)


def _check_enough_units(partition_counts, n_units):
    if partition_counts[-1] > n_units:
        raise InvalidInputError(
            f"partition_counts has {partition_counts[-1]}, but there are {n_units} rows or groups "
            "to put into partitions."
        )
