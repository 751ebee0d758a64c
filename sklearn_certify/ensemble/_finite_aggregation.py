"""Finite Aggregation."""

from functools import partial
from typing import ClassVar

from .._compat import Integral, Interval
from ..certificates import overlap_radius
from ..partition import cyclic_spread
from ._partition_ensemble import PartitionEnsembleClassifier

__all__ = ["FiniteAggregationClassifier"]


class FiniteAggregationClassifier(PartitionEnsembleClassifier):
    """Finite Aggregation: voters on overlapping parts of the training rows.

    Rows are split into ``n_partitions * spreading_degree`` small partitions by a hash of their
    content alone, and each partition goes to `spreading_degree` of as many voters. A voter sees
    as many rows as one of `n_partitions` voters of Deep Partition Aggregation, but the voters
    that a poisoned row reaches seldom all vote for the winner, so certificates are stronger.

    Parameters
    ----------
    estimator : estimator, default=None
        The classifier that every voter is a clone of; its `random_state`, if it has one, is set,
        and a `memory` is not used, which would change what is drawn. If it cannot learn the labels
        as they are, a voter learns their positions among its own.
        The default is a `StackedRidgeClassifier`: least squares in closed form, good on few rows,
        and thousands are fitted at once.
    n_partitions : int, default=50
        The inverse of the share of rows that a voter sees (k in the papers).
    spreading_degree : int, default=8
        Number of voters that use each partition (d in the papers). There are
        ``n_partitions * spreading_degree`` voters; 1 is Deep Partition Aggregation.
    tighten : bool, default=False
        Count a voter that two poisoned partitions reach only once, by a bound beyond the paper.
        Certification takes longer; radii are never smaller and some are larger. For
        ``aggregation="plurality"``.
    transformer : transformer, default=None
        What each training row and each query goes through, alone, before voters see it: image
        features, hashed texts, a network in a `FrozenEstimator`. It must have nothing left to
        learn: what still has to be fitted belongs into `estimator`. Partitions and certificates
        speak of the rows as they come.
    threat_model : {"insert_delete", "insert", "delete", "modify", "label_flip"}, \
            default="insert_delete"
        What one unit of poison may do, see `sklearn_certify.threat`.
    classes : array-like of shape (n_classes,), default=None
        All labels there can be. If given, ``fit`` refuses others, and certificates need not count
        on an attacker who invents a label.
    aggregation : {"plurality", "runoff"}, default="plurality"
        "plurality": the label with most votes wins. "runoff": the two labels with most votes
        meet in a second round, in which every voter backs the one it scores higher; certificates
        may be stronger or weaker. Needs `predict_proba` or `decision_function`.
    partition_by : {"features", "sample"}, default="features"
        Whether a row's partition depends on its features alone or on its label too. A flipped
        label then counts as one corrupted partition or as two.
    hash_function : callable, default=None
        Called as ``hash_function(X, y)`` in place of the built-in content hash; returns one
        non-negative integer per row that depends on that row alone. y is None unless
        ``partition_by="sample"``.
    poison_unit : {"auto", "row", "group"}, default="auto"
        What one unit of poison is: a row, or a group of rows (all of one contributor). "auto"
        counts groups where ``fit`` was given some. "group" refuses a ``fit`` without groups, such
        as that of a search that hands them to its splitter alone, and "row" one with groups.
    on_voter_error : {"raise", "abstain"}, default="raise"
        What to do if a voter fails, in ``fit`` or later, or if it answers NaN or what is no label:
        stop with an error that names the voter, or let it abstain and warn. That all voters fail
        is always an error.
    random_state : int, RandomState instance or None, default=0
        Source of the spread's offsets and of the voters' seeds. Never combined with the data.
        Certificates compare training sets under the same random state.
    memory : str, path-like or joblib.Memory, default=None
        Folder in which fitted voters are kept, or its URL if fsspec knows it. A voter whose rows,
        labels, seed, estimator and library versions were seen before is loaded, not fitted, so that
        a ``fit`` that was killed goes on, and one with a few rows more or less fits few voters
        anew. Loading runs what is in the folder: nobody else may write to it.
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
    poison_unit_ : {"row", "group"}
        What certificates count.
    estimators_ : list of estimators or None
        The fitted voters; None for one without rows, or that failed.
    partition_ : ndarray of int64, of shape (n_rows,)
        The partition of each training row; missing after ``fit(dataset)``.
    spread_ : ndarray of int64, of shape (`n_voters_`, spreading_degree)
        The voters that use each partition.

    See Also
    --------
    DPAClassifier : Disjoint parts: fewer voters to fit.

    Notes
    -----
    The certificate speaks about training sets with the same columns and types, under the same
    parameters: parameters chosen by looking at the poisoned rows are outside it, and so is a step
    that was fitted on all rows before this classifier.

    `threat_model`, `aggregation`, `tighten`, `on_voter_error`, `n_jobs` and `verbose` may be
    changed after ``fit``, by ``set_params``. What votes rest on may not: then predictions are
    refused until the next ``fit``.

    References
    ----------
    Wang, Levine, Feizi: "Improved Certified Defenses against Data Poisoning with (Deterministic)
    Finite Aggregation", ICML 2022: Definition 1 and Theorem 2.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn_certify import FiniteAggregationClassifier
    >>> X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)
    >>> classifier = FiniteAggregationClassifier(n_partitions=50, spreading_degree=4).fit(X, y)
    >>> classifier.n_voters_
    200
    >>> classifier.certified_radius(X_test[:3])
    array([13,  7, 19])
    >>> round(classifier.certified_accuracy(X_test, y_test, poison_size=5), 2)
    0.78
    """

    _parameter_constraints: ClassVar[dict] = {
        **PartitionEnsembleClassifier._parameter_constraints,
        "spreading_degree": [Interval(Integral, 1, None, closed="left")],
        "tighten": ["boolean"],
    }

    _may_change_after_fit: ClassVar[frozenset] = frozenset(
        {*PartitionEnsembleClassifier._may_change_after_fit, "tighten"}
    )

    def __init__(
        self,
        estimator=None,
        n_partitions=50,
        spreading_degree=8,
        *,
        transformer=None,
        tighten=False,
        threat_model="insert_delete",
        classes=None,
        aggregation="plurality",
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
        self.spreading_degree = spreading_degree
        self.tighten = tighten
        self.transformer = transformer
        self.threat_model = threat_model
        self.classes = classes
        self.aggregation = aggregation
        self.partition_by = partition_by
        self.hash_function = hash_function
        self.poison_unit = poison_unit
        self.on_voter_error = on_voter_error
        self.random_state = random_state
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _make_spread(self, random_state):
        n_voters = self.n_partitions * self.spreading_degree
        return cyclic_spread(n_voters, self.spreading_degree, random_state)

    def _radius_of_votes(self):
        return partial(overlap_radius, spread=self.spread_, tighten=self.tighten)
