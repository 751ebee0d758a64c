"""Deep Partition Aggregation."""

from typing import ClassVar

import numpy as np

from .._compat import StrOptions
from ..certificates import plurality_radius
from ._flip_plurality import FlipPlurality, check_white_box
from ._partition_ensemble import PartitionEnsembleClassifier

__all__ = ["DPAClassifier"]


class DPAClassifier(PartitionEnsembleClassifier):
    """Deep Partition Aggregation: voters on disjoint parts of the training rows.

    Every row belongs to one of `n_partitions` partitions, by a hash of its content alone, and
    every voter learns from one partition. A poisoned row can change one voter, so a prediction
    that leads by many votes provably survives many poisoned rows.

    Parameters
    ----------
    estimator : estimator, default=None
        The classifier that every voter is a clone of; its `random_state`, if it has one, is set,
        and a `memory` is not used, which would change what is drawn. If it cannot learn the labels
        as they are, a voter learns their positions among its own.
        The default is a `StackedRidgeClassifier`: least squares in closed form, good on few rows,
        and thousands are fitted at once.
    n_partitions : int, default=50
        Number of partitions and of voters (k in the papers). More partitions bear more poison,
        and leave each voter fewer rows.
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
    label_flips : {"black_box", "white_box"}, default="black_box"
        How certificates count under ``threat_model="label_flip"``. "black_box": whatever the voters
        are, one flipped label turns one of them. "white_box": each voter tells how many of its
        labels must change before it votes otherwise, so that radii are in general several times as
        large with few voters on many rows each. Needs fixed `classes`, ``partition_by="features"``,
        ``aggregation="plurality"``, no groups, and an `estimator` that offers ``flip_costs``:
        ``StackedRidgeClassifier(store_rows=True)``, `StackedKernelRidgeClassifier`, an
        `AugmentedClassifier` or a `CopiesClassifier` of one of these, or
        `StackedRadiusNeighborsClassifier`.
    on_voter_error : {"raise", "abstain"}, default="raise"
        What to do if a voter fails, in ``fit`` or later, or if it answers NaN or what is no label:
        stop with an error that names the voter, or let it abstain and warn. That all voters fail
        is always an error.
    random_state : int, RandomState instance or None, default=0
        Source of the voters' seeds. Never combined with the data. Certificates compare
        training sets under the same random state.
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
    spread_ : ndarray of int64, of shape (n_partitions, 1)
        The voters that use each partition.

    See Also
    --------
    FiniteAggregationClassifier : Overlapping parts: stronger certificates from more voters.

    Notes
    -----
    The certificate is exact: some change of ``radius + 1`` voters changes the prediction. (With
    ``label_flips="white_box"`` it is exact for what the voters tell, which is a bound.) It speaks
    about training sets with the same columns and types, under the same parameters: parameters
    chosen by looking at the poisoned rows are outside it, and so is a step that was fitted on all
    rows before this classifier.

    `threat_model`, `aggregation`, `on_voter_error`, `memory`, `n_jobs` and `verbose` may be
    changed after ``fit``, by ``set_params``. What votes rest on may not: then predictions are
    refused until the next ``fit``.

    References
    ----------
    Levine, Feizi: "Deep Partition Aggregation: Provable Defenses against General Poisoning
    Attacks", ICLR 2021. The radius is Theorem 3 of Wang, Levine, Feizi: "Lethal Dose Conjecture
    on Data Poisoning", NeurIPS 2022. Certificates that open the voters are those of EnsembleCert:
    Mohgaonkar et al.: "Exact Certification of Neural Networks and Partition Aggregation Ensembles
    against Label Poisoning", ICLR 2026.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn_certify import DPAClassifier
    >>> X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)
    >>> classifier = DPAClassifier(n_partitions=50).fit(X, y)
    >>> labels, radii = classifier.predict_certified(X_test[:3])
    >>> labels
    array([2, 8, 2])
    >>> radii
    array([14,  6, 17])
    >>> classifier.certify(X_test[:3], poison_size=10)
    array([ True, False,  True])
    >>> round(classifier.certified_accuracy(X_test, y_test, poison_size=5), 2)
    0.77

    What was fitted on rows that no attacker could touch goes into `transformer`, where each row
    goes through it alone, once for all voters:

    >>> from sklearn.decomposition import PCA
    >>> from sklearn.frozen import FrozenEstimator
    >>> trusted = PCA(16, random_state=0).fit(X_test)
    >>> compressed = DPAClassifier(n_partitions=50, transformer=FrozenEstimator(trusted))
    >>> compressed.fit(X, y).predict(X_test[:3])
    array([2, 8, 2])
    """

    _parameter_constraints: ClassVar[dict] = {
        **PartitionEnsembleClassifier._parameter_constraints,
        "label_flips": [StrOptions({"black_box", "white_box"})],
    }

    def __init__(
        self,
        estimator=None,
        n_partitions=50,
        *,
        transformer=None,
        threat_model="insert_delete",
        classes=None,
        aggregation="plurality",
        partition_by="features",
        hash_function=None,
        poison_unit="auto",
        label_flips="black_box",
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
        self.classes = classes
        self.aggregation = aggregation
        self.partition_by = partition_by
        self.hash_function = hash_function
        self.poison_unit = poison_unit
        self.label_flips = label_flips
        self.on_voter_error = on_voter_error
        self.random_state = random_state
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _make_spread(self, random_state):
        return np.arange(self.n_partitions)[:, np.newaxis]

    def _radius_of_votes(self):
        return plurality_radius

    def _fit(self, X, y, groups):
        self._check_label_flips(grouped=groups is not None)
        return super()._fit(X, y, groups)

    def _fit_dataset(self, dataset, y=None, groups=None):
        self._check_label_flips(grouped=dataset.grouped)
        return super()._fit_dataset(dataset, y, groups)

    def _check_label_flips(self, *, grouped):
        if self.label_flips == "white_box":
            check_white_box(self, grouped=grouped)

    def _open_certifying_election(self):
        election = super()._open_certifying_election()  # refuses what has changed since fit
        if self.label_flips == "black_box":
            return election
        self._check_label_flips(grouped=self.poison_unit_ == "group")
        return FlipPlurality(len(self.classes_), n_rows=self._rows_per_partition)

    def _joint_accuracy(self, X, y, poison_sizes):
        accuracy = super()._joint_accuracy(X, y, poison_sizes)
        if self.label_flips == "black_box":
            return accuracy
        # rows one by one, with what the voters tell, may survive more than all of them without
        return np.maximum(accuracy, self._pointwise_accuracy(X, y, poison_sizes))
