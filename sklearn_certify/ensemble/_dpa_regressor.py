"""Deep Partition Aggregation of regressors."""

import numpy as np

from ._median import Median
from ._partition_regressor import PartitionEnsembleRegressor

__all__ = ["DPARegressor"]


class DPARegressor(PartitionEnsembleRegressor):
    """Deep Partition Aggregation for regression: the median of voters on disjoint parts.

    Every row belongs to one of `n_partitions` partitions, by a hash of its content alone, and
    every voter learns from one partition. A poisoned row can change the answer of one voter, to
    anything, and that moves the median of all voters by one place at most. So few poisoned rows
    leave a prediction within the answers around the middle.

    Parameters
    ----------
    estimator : estimator, default=None
        The regressor that every voter is a clone of; its `random_state`, if it has one, is set,
        and a `memory` is not used, which would change what is drawn. What is fitted belongs in
        here, scalers of X and of y (`TransformedTargetRegressor`) too. The default is a
        `StandardScaler` followed by `Ridge`, which needs few rows.
    n_partitions : int, default=50
        Number of partitions and of voters. More partitions bear more poison, and leave each voter
        fewer rows.
    transformer : transformer, default=None
        What each training row and each query goes through, alone, before voters see it: image
        features, hashed texts, a network in a `FrozenEstimator`. It must have nothing left to
        learn: what still has to be fitted belongs into `estimator`. Partitions and certificates
        speak of the rows as they come.
    threat_model : {"insert_delete", "insert", "delete", "modify", "label_flip"}, \
            default="insert_delete"
        What one unit of poison may do, see `sklearn_certify.threat`. "label_flip": one target
        becomes any other number, the features stay.
    partition_by : {"features", "sample"}, default="features"
        Whether a row's partition depends on its features alone or on its target too. A changed
        target then counts as one corrupted partition or as two.
    hash_function : callable, default=None
        Called as ``hash_function(X, y)`` in place of the built-in content hash; returns one
        non-negative integer per row that depends on that row alone. y is None unless
        ``partition_by="sample"``.
    poison_unit : {"auto", "row", "group"}, default="auto"
        What one unit of poison is: a row, or a group of rows (all of one contributor). "auto"
        counts groups where ``fit`` was given some. "group" refuses a ``fit`` without groups, such
        as that of a search that hands them to its splitter alone, and "row" one with groups.
    on_voter_error : {"raise", "abstain"}, default="raise"
        What to do if a voter fails, in ``fit`` or later, or if it answers NaN or infinity: stop
        with an error that names the voter, or let it abstain and warn. That all voters fail is
        always an error.
    random_state : int, RandomState instance or None, default=0
        Source of the voters' seeds. Never combined with the data. Certificates compare
        training sets under the same random state.
    memory : str, path-like or joblib.Memory, default=None
        Folder in which fitted voters are kept, or its URL if fsspec knows it. A voter whose rows,
        targets, seed, estimator and library versions were seen before is loaded, not fitted, so
        that a ``fit`` that was killed goes on, and one with a few rows more or less fits few voters
        anew. Loading runs what is in the folder: nobody else may write to it.
    n_jobs : int, default=None
        Number of voters fitted at the same time, through joblib. Each voter computes on one core,
        so that its answers are the same whatever `n_jobs` is.
    verbose : int, default=0
        With 1, long work tells how much is done: voters fitted, kept in `memory` and failed,
        answers given, rows transformed, and the time left, in one line that is written again on a
        terminal and in a line every ten seconds elsewhere. With 2 it is every second, from 10 on
        after each task. With scikit-learn 1.9 or later, callbacks such as its progress bar do the
        same for ``fit``: see ``set_callbacks``.

    Attributes
    ----------
    n_features_in_ : int
        Number of features seen during ``fit``; missing if rows are texts.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X is a DataFrame with string names.
    n_voters_ : int
        Number of voters.
    poison_unit_ : {"row", "group"}
        What certificates count.
    estimators_ : list of estimators or None
        The fitted voters; None for one without rows, or that failed.
    partition_ : ndarray of int64, of shape (n_rows,)
        The partition of each training row; missing after ``fit(dataset)``.
    spread_ : ndarray of int64, of shape (n_partitions, 1)
        The voters that use each partition.

    See Also
    --------
    FiniteAggregationRegressor : Overlapping parts, and more voters.
    DPAClassifier : Labels in place of numbers.

    Notes
    -----
    The certificate is exact: some change of ``radius + 1`` voters moves the prediction out.
    It speaks about training sets with the same columns and types, under the same parameters:
    parameters chosen by looking at the poisoned rows are outside it, and so is a step that was
    fitted on all rows before this regressor, such as a scaler of y. Some voters round otherwise
    when they are asked about other rows at the same time: the last bits of a prediction and of an
    interval are the same for the same X.

    `threat_model`, `on_voter_error`, `memory`, `n_jobs` and `verbose` may be changed after
    ``fit``, by ``set_params``. What answers rest on may not: then predictions are refused until
    the next ``fit``.

    References
    ----------
    Hammoudeh, Lowd: "Reducing Certified Regression to Certified Classification for General
    Poisoning Attacks", SaTML 2023: partitioned certified regression.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn_certify import DPARegressor
    >>> X, y = load_diabetes(return_X_y=True, scaled=False)
    >>> X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    >>> regressor = DPARegressor(n_partitions=25).fit(X, y)
    >>> regressor.predict(X_test[:3]).round()
    array([225., 233., 173.])
    >>> regressor.predict_interval(X_test[:3], poison_size=2).round()
    array([[221., 227.],
           [231., 248.],
           [170., 182.]])
    >>> regressor.certified_radius(X_test[:3], y_test[:3], tolerance=80)
    array([-1, 10,  7])
    >>> round(regressor.certified_accuracy(X_test, y_test, poison_size=2, tolerance=80), 2)
    0.8

    A scaler of y belongs inside the voters, where each has its own:

    >>> from sklearn.compose import TransformedTargetRegressor
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVR
    >>> voter = TransformedTargetRegressor(SVR(), transformer=StandardScaler())
    >>> DPARegressor(voter, n_partitions=10).fit(X, y).predict(X_test[:3]).round()
    array([152., 167., 147.])
    """

    def __init__(
        self,
        estimator=None,
        n_partitions=50,
        *,
        transformer=None,
        threat_model="insert_delete",
        partition_by="features",
        hash_function=None,
        poison_unit="auto",
        on_voter_error="raise",
        random_state=0,
        memory=None,
        n_jobs=None,
        verbose=0,
    ):
        self.estimator = estimator
        self.n_partitions = n_partitions
        self.transformer = transformer
        self.threat_model = threat_model
        self.partition_by = partition_by
        self.hash_function = hash_function
        self.poison_unit = poison_unit
        self.on_voter_error = on_voter_error
        self.random_state = random_state
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _make_spread(self, random_state):
        return np.arange(self.n_partitions)[:, np.newaxis]

    def _make_election(self):
        return Median(spread=None, cost=self._partitions_per_unit())
