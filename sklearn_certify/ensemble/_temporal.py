"""Temporal aggregation."""

from typing import ClassVar

import numpy as np
from sklearn.utils.validation import check_consistent_length

from .._compat import HasMethods, Integral, Interval
from .._rows import check_periods
from .._user_warnings import warn_user
from ..exceptions import CertifyWarning, InvalidInputError
from ..partition import ExactContent, canonical_order
from ._spans import rows_of_windows, seeds_of_periods, starts_of_windows
from ._temporal_plurality import TemporalPlurality
from ._voter_ensemble import VoterEnsembleClassifier

__all__ = ["TemporalAggregationClassifier"]

_USUAL_N_VOTERS = 2**12  # where rows decide how many there are


class TemporalAggregationClassifier(VoterEnsembleClassifier):
    """Temporal aggregation: voters on the rows of some consecutive periods each.

    Rows come in periods (days, weeks), and voter i learns from those of the periods i to
    i + `window` - 1. Whoever poisons the data for a while reaches the voters of that while alone,
    however many rows they add, change or remove. So a prediction that leads by many votes provably
    survives any amount of poison that is planted within so many consecutive periods.

    Parameters
    ----------
    estimator : estimator, default=None
        The classifier that every voter is a clone of; its `random_state`, if it has one, is set,
        and a `memory` is not used, which would change what is drawn. If it cannot learn the labels
        as they are, a voter learns their positions among its own.
        The default is a `StackedRidgeClassifier`: least squares in closed form, good on few rows,
        and thousands are fitted at once.
    window : int, default=1
        Number of consecutive periods that a voter learns from (the base coverage n in the paper).
        Longer windows make better voters, and an attack of T periods reaches T + `window` - 1.
    first_period : int or pandas.Period, default=None
        The period in which collecting began. ``fit`` refuses rows from before, and no window of a
        voter begins before. None: nobody knows. Then there is a voter for each window with rows,
        also where it begins before all of them, and certificates allow for attackers who add or
        empty periods there.
    last_period : int or pandas.Period, default=None
        The period in which collecting ended, as `first_period`.
    transformer : transformer, default=None
        What each training row and each query goes through, alone, before voters see it: image
        features, hashed texts, a network in a `FrozenEstimator`. It must have nothing left to
        learn: what still has to be fitted belongs into `estimator`.
    classes : array-like of shape (n_classes,), default=None
        All labels there can be. If given, ``fit`` refuses others, and certificates need not count
        on an attacker who invents a label.
    on_voter_error : {"raise", "abstain"}, default="raise"
        What to do if a voter fails, in ``fit`` or later, or if it answers NaN or what is no label:
        stop with an error that names the voter, or let it abstain and warn. That all voters fail
        is always an error.
    random_state : int, RandomState instance or None, default=0
        Source of the voters' seeds, each of which follows from it and the voter's first period.
        Certificates compare training sets under the same random state.
    memory : str, path-like or joblib.Memory, default=None
        Folder in which fitted voters are kept, or its URL if fsspec knows it. A voter whose rows,
        labels, seed, estimator and library versions were seen before is loaded, not fitted: when a
        new period has come, only the voters that learn from it are fitted. Loading runs what is in
        the folder: nobody else may write to it.
    n_jobs : int, default=None
        Number of voters fitted at the same time, through joblib. Each voter computes on one core,
        so that votes are the same whatever `n_jobs` is.
    verbose : int, default=0
        With 1, long work tells how much is done: voters fitted, kept in `memory` and failed,
        votes cast, rows transformed, and the time left, in one line that is written again on a
        terminal and in a line every ten seconds elsewhere. With 2 it is every second, from 10 on
        after each task. With scikit-learn 1.9 or later, callbacks such as its progress bar do the
        same for ``fit``: see ``set_callbacks``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    n_features_in_ : int
        Number of features seen during ``fit``; missing if rows are texts.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X is a DataFrame with string names.
    n_voters_ : int
        Number of voters.
    first_period_ : int
        The first period: that which was declared, else that of the rows.
    last_period_ : int
        The last period: that which was declared, else that of the rows.
    spans_ : ndarray of int64, of shape (n_voters, 2)
        The first and the last of the periods that each voter learns from.
    estimators_ : list of estimators or None
        The fitted voters; None for one without rows, or that failed.

    See Also
    --------
    DPAClassifier : Certificates that count rows, or contributors.
    sklearn_certify.partition.periods_from_dates : Periods from dates.
    sklearn_certify.certificates.temporal_radius : The certificate for votes of your own.

    Notes
    -----
    There is one threat model, and no parameter to choose another: one unit of poison is one period
    in which any rows may be added, changed and removed, and the periods of an attack are
    consecutive. Poison sizes and radii count periods: ``certified_radius`` is
    `certified_duration`, and ``certify(X, 3)`` says which predictions survive any poison within
    three consecutive periods. Both certificates are exact: some votes of the voters reached in one
    period more change the prediction. So is ``certified_accuracy(..., joint=True)``, about one
    attack on all rows, which has one time.

    The period of a row must come from the collector's clock, and not from the row, where an
    attacker could write what they like. So must the periods that are declared.

    `on_voter_error`, `memory`, `n_jobs` and `verbose` may be changed after ``fit``, by
    ``set_params``. What votes rest on may not: then predictions are refused until the next ``fit``.

    References
    ----------
    Wang and Feizi, "Temporal Robustness against Data Poisoning", NeurIPS 2023.

    Examples
    --------
    The digits as if 20 of them had come in a day:

    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn_certify import TemporalAggregationClassifier
    >>> X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)
    >>> days = np.arange(len(X)) // 20
    >>> classifier = TemporalAggregationClassifier(window=2, first_period=0, last_period=67)
    >>> classifier.fit(X, y, periods=days).certified_duration(X_test[:3])
    array([18,  0, 25])
    >>> classifier.certified_earliness(X_test[:3])
    array([20,  3, 27])
    >>> round(classifier.certified_accuracy(X_test, y_test, poison_size=7), 2)
    0.72
    """

    threat_model = "temporal"

    _parameter_constraints: ClassVar[dict] = {
        **{
            name: constraint
            for name, constraint in VoterEnsembleClassifier._parameter_constraints.items()
            if name not in ("threat_model", "poison_unit")
        },
        "window": [Interval(Integral, 1, None, closed="left")],
        "first_period": [Integral, HasMethods("to_timestamp"), None],
        "last_period": [Integral, HasMethods("to_timestamp"), None],
    }

    _may_change_after_fit: ClassVar[frozenset] = VoterEnsembleClassifier._may_change_after_fit - {
        "threat_model"
    }

    def __init__(
        self,
        estimator=None,
        window=1,
        *,
        first_period=None,
        last_period=None,
        transformer=None,
        classes=None,
        on_voter_error="raise",
        random_state=0,
        memory=None,
        n_jobs=None,
        verbose=0,
    ):
        self.estimator = estimator
        self.window = window
        self.first_period = first_period
        self.last_period = last_period
        self.transformer = transformer
        self.classes = classes
        self.on_voter_error = on_voter_error
        self.random_state = random_state
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X, y=None, periods=None):
        """Fit a voter on the rows of each window of periods.

        Parameters
        ----------
        X : {array-like, sparse matrix, table} of shape (n_rows, ...)
            Training rows: numbers, images of any shape, columns of mixed types, or one text per
            row; whatever `estimator` takes. Tables are DataFrames of pandas and polars and tables
            of Arrow. A list is numbers or texts: pass an array of objects, or a table, for both.
        y : array-like of shape (n_rows,)
            Labels of one kind: whole numbers, truth values or texts.
        periods : array-like of shape (n_rows,)
            The period in which each row came, by the collector's clock: whole numbers, or periods
            of pandas. `sklearn_certify.partition.periods_from_dates` makes numbers of dates.
            Without any, all rows count as one period, and nothing is certified.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        VoterError
            If the base estimator fails on the rows of a voter and `on_voter_error` is "raise",
            or if it fails on those of all voters.
        InvalidInputError
            If y holds labels that `classes` lacks, or a row cannot be hashed; if a row has no
            period, or one outside those that were declared; if there is no whole window of
            declared periods, or a voter for each window would be too many; or if `memory` is in no
            folder or cannot tell `estimator` from others.
        UnsoundPipelineError
            If `estimator` is frozen, so that all voters would be one, or `transformer` still has
            something to learn.
        """
        return super().fit(X, y, periods)

    def certified_duration(self, X):
        """Return for how many consecutive periods any amount of poison leaves each prediction.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Query rows.

        Returns
        -------
        ndarray of int64, of shape (n_samples,)
            The largest T such that no rows added, changed and removed within any T consecutive
            periods change the prediction.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        VoterError
            If a voter fails and `on_voter_error` is "raise", or if all voters fail on all rows.
        """
        return self.certified_radius(X)

    def certified_earliness(self, X):
        """Return how early an attack that goes on until the end may begin, and change nothing.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Query rows.

        Returns
        -------
        ndarray of int64, of shape (n_samples,)
            The largest T such that no rows added, changed and removed within the last T of the
            periods up to ``last_period_`` change the prediction. Never less than the duration.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        VoterError
            If a voter fails and `on_voter_error` is "raise", or if all voters fail on all rows.
        """
        election = self._open_election()
        return self._collect(election, election.earliness, X)[1]

    def _check_groups(self, periods):
        declared, frequencies = {}, {}
        self._frequency = None  # of pandas' periods
        for name in ("first_period", "last_period"):
            value = getattr(self, name)
            if value is not None:
                (declared[name],), frequencies[name] = check_periods([value], name)
        if periods is None:
            if declared:
                raise InvalidInputError(
                    f"{' and '.join(declared)} cannot be used without periods; call fit(X, y, "
                    f"periods). {_ROUTING}"
                )
            warn_user(
                "fit was given no periods: all rows count as one period, and nothing is certified. "
                f"{_ROUTING}",
                CertifyWarning,
            )
            return None
        periods, frequency = check_periods(periods)
        self._frequency = frequency
        for name, other in frequencies.items():
            if other != frequency:
                raise InvalidInputError(
                    f"{name} and periods must both be numbers, or periods of one frequency; got "
                    f"{other or 'numbers'} and {frequency or 'numbers'}."
                )
        self._declared = {name: int(period) for name, period in declared.items()}
        return periods

    def _assign_rows(self, X, y, periods, row_hashes, label_hashes, random_state):
        if periods is None:
            periods, self._declared = np.zeros(len(y), dtype=np.int64), {}
        check_consistent_length(y, periods)
        self.first_period_, self.last_period_, starts = starts_of_windows(
            periods, self.window, **self._declared
        )
        self.spans_ = np.column_stack([starts, starts + self.window - 1])
        order = canonical_order(row_hashes, label_hashes, ExactContent(X, y))
        seeds = seeds_of_periods(starts, random_state)
        return rows_of_windows(periods, starts, self.window, order), seeds

    def _usual_n_voters(self):
        return self.n_voters_ if len(self._declared) == 2 else _USUAL_N_VOTERS

    def _election_type(self):
        return TemporalPlurality

    def _make_election(self):
        return TemporalPlurality(
            len(self.classes_),
            first_period=self.first_period_,
            last_period=self.last_period_,
            window=self.window,
            starts=self.spans_[:, 0],
            is_open=tuple(name not in self._declared for name in ("first_period", "last_period")),
            phantom=not self._labels_are_fixed,
        )


_ROUTING = (
    "A search or a pipeline hands them on after "
    "sklearn.set_config(enable_metadata_routing=True) and estimator.set_fit_request(periods=True)."
)
