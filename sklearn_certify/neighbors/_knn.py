"""Certified k nearest neighbours."""

from typing import ClassVar

import numpy as np

from .._compat import Integral, Interval
from ..certificates import joint_knn_accuracy, knn_radius, rnn_radius
from ..threat import find_threat_model
from ._kneighbors import KNeighborsMixin
from ._neighbors_base import NeighborsClassifier

__all__ = ["CertifiedKNN"]

_MOST_LABELS = 1 << 28  # of neighbours that joint certificates look at, two bytes each


class CertifiedKNN(KNeighborsMixin, NeighborsClassifier):
    """K nearest neighbours: the training rows nearest to a query vote.

    A poisoned row is one neighbour more, one less or another one. So a prediction that leads by
    many of k votes provably survives many poisoned rows, without any further voters.

    Parameters
    ----------
    n_neighbors : int, default=5
        Number of neighbours that vote (k in the papers). If there are fewer rows, all vote. The
        larger it is, the more poison is survived, and the coarser is the vote.
    metric : str or callable, default="manhattan"
        Distance between two rows: a metric of scikit-learn's `DistanceMetric`, or a function of
        two rows. "manhattan", "euclidean" and "chebyshev" have compiled kernels, also by their
        other names, such as "minkowski" with a `p` of 1, 2 or infinity.
    metric_params : dict, default=None
        Further arguments of the metric. They must not be computed from the training rows.
    transformer : transformer, default=None
        What each training row and each query goes through, alone, before distances are computed:
        image features, hashed texts, a network in a `FrozenEstimator`. It must have nothing left
        to learn: what still has to be fitted is fitted beforehand, on data that the attacker
        cannot touch, and wrapped in a `FrozenEstimator`. It makes numbers of a row; certificates
        speak of the rows as they come.
    threat_model : {"insert_delete", "insert", "delete", "modify", "label_flip"}, \
            default="insert_delete"
        What one unit of poison may do, see `sklearn_certify.threat`.
    classes : array-like of shape (n_classes,), default=None
        All labels there can be. If given, ``fit`` refuses others, and certificates need not count
        on an attacker who invents a label.
    n_jobs : int, default=None
        Number of threads that count votes, where the metric has compiled kernels, and of rows that
        go through the `transformer` at the same time. As in joblib, None is 1 except in a
        ``joblib.parallel_config`` context, and -1 all cores; numba sets a limit to threads
        (``NUMBA_NUM_THREADS``). Votes are the same whatever `n_jobs` is.
    verbose : int, default=0
        With 1, a line every ten seconds tells how many rows have gone through the `transformer`,
        and the time left; with 2 every second, from 10 on after each task.
    random_state : int, RandomState instance or None, default="deprecated"
        Has no effect: nothing is drawn at random.

        .. deprecated:: 0.2
            It goes in version 0.3; leave it out.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    n_features_in_ : int
        Number of features seen during ``fit``.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X is a DataFrame with string names.
    n_samples_fit_ : int
        Number of training rows.

    See Also
    --------
    CertifiedRNN : All rows within a radius vote, and no row makes room for another.

    Notes
    -----
    Distances depend on two rows alone and are computed in double precision, feature by feature.
    Rows at equal distances are ranked by the hash of their content, so that no vote depends on
    the order of the training rows. Certificates are exact for each threat model as long as no
    row equals the query or, where labels are flipped, another row. They speak about training sets
    with the same columns, under the same parameters: parameters chosen by looking at the poisoned
    rows are outside them, and so is a step that was fitted on all rows before this classifier.

    `n_neighbors` and `threat_model` may be changed after ``fit``, by ``set_params``; the others
    that votes rest on (`metric`, `metric_params`, `transformer`, `classes`) are refused then.

    References
    ----------
    Jia, Cao and Gong, "Certified Robustness of Nearest Neighbors against Data Poisoning Attacks",
    2020. Theorem 1 is the radius under "modify".

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn_certify import CertifiedKNN
    >>> X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)
    >>> classifier = CertifiedKNN(n_neighbors=50).fit(X, y)
    >>> labels, radii = classifier.predict_certified(X_test[:3])
    >>> labels
    array([2, 8, 2])
    >>> radii
    array([24, 19, 24])
    >>> round(classifier.certified_accuracy(X_test, y_test, poison_size=5), 2)
    0.89

    Images, texts and tables go through a `transformer`, one by one. Here it makes histograms of
    gradients; the number of neighbours is the one with the best certified accuracy.

    >>> import numpy as np
    >>> from skimage.feature import hog
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> from sklearn_certify import certified_accuracy
    >>> def histograms(images):
    ...     options = {"pixels_per_cell": (4, 4), "cells_per_block": (1, 1)}
    ...     return np.array([hog(image, **options) for image in images])
    >>> images = load_digits().images
    >>> images.shape
    (1797, 8, 8)
    >>> search = GridSearchCV(
    ...     CertifiedKNN(transformer=FunctionTransformer(histograms)),
    ...     {"n_neighbors": [1, 10, 100]},
    ...     scoring=certified_accuracy(poison_size=3),
    ...     cv=2,
    ... )
    >>> search.fit(images[:400], load_digits().target[:400]).best_params_
    {'n_neighbors': 10}
    """

    _parameter_constraints: ClassVar[dict] = {
        **NeighborsClassifier._parameter_constraints,
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
    }

    _may_change_after_fit: ClassVar[frozenset] = frozenset(
        {*NeighborsClassifier._may_change_after_fit, "n_neighbors"}
    )

    def __init__(
        self,
        n_neighbors=5,
        metric="manhattan",
        *,
        metric_params=None,
        transformer=None,
        threat_model="insert_delete",
        classes=None,
        n_jobs=None,
        verbose=0,
        random_state="deprecated",
    ):
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.metric_params = metric_params
        self.transformer = transformer
        self.threat_model = threat_model
        self.classes = classes
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.random_state = random_state

    def _count(self, queries):
        n_nearest = min(self.n_neighbors, self.n_samples_fit_)
        return self._training_rows.count_nearest(queries, n_nearest, self._n_threads())

    def _predict_certified(self, X):
        return self._search_radii(X, None)

    def _predict_targeted(self, X, target):
        return self._search_radii(X, target)

    def _search_radii(self, X, target):
        """Return predictions and radii; with a target, against attacks that make it win."""
        queries = self._queries(X)
        attacker = find_threat_model(self.threat_model)
        if attacker.relabels:
            # a unit turns a vote at most, so that the order of the neighbours does not matter
            return rnn_radius(
                self._count(queries),
                threat_model=self.threat_model,
                phantom=not self._labels_are_fixed,
                target=target,
            )
        # deletions call up the rows behind the k nearest; with insertions no radius is larger than
        # this reserve, as so many make half of k
        reserve = self.n_neighbors // 2 + 2 if attacker.deletes else 0
        n_ranked = min(self.n_neighbors + reserve, self.n_samples_fit_)
        predicted, radii = self._certify(queries, n_ranked, attacker, target)
        # without insertions look farther where the rows at hand decide nothing
        while not attacker.inserts and n_ranked < self.n_samples_fit_:
            open_ended = np.flatnonzero(radii == n_ranked - self.n_neighbors)
            if len(open_ended) == 0:
                break
            if target is not None and target not in self._training_rows.labels:
                radii[open_ended] = self.n_samples_fit_ - 1  # whatever goes: all rows but one
                break
            n_ranked = min(
                self.n_neighbors + 2 * (n_ranked - self.n_neighbors), self.n_samples_fit_
            )
            radii[open_ended] = self._certify(queries[open_ended], n_ranked, attacker, target)[1]
        return predicted, radii

    def _certify(self, queries, n_ranked, attacker, target):
        """Return predictions and radii as far as the `n_ranked` nearest rows prove them."""
        if target is not None:
            return self._certify_against(queries, n_ranked, target)
        return self._training_rows.certify_nearest(
            queries,
            self.n_neighbors,
            n_ranked,
            attacker,
            not self._labels_are_fixed,
            self._n_threads(),
        )

    def _certify_against(self, queries, n_ranked, target):
        return knn_radius(
            self._nearest_labels(queries, n_ranked),
            self.n_neighbors,
            len(self.classes_),
            threat_model=self.threat_model,
            phantom=not self._labels_are_fixed,
            n_rows=self.n_samples_fit_,
            target=target,
        )

    def _joint_accuracy(self, X, y, poison_sizes):
        queries = self._queries(X)
        threat_model = self.threat_model
        if find_threat_model(threat_model).labels_alone and self._some_rows_are_equal():
            threat_model = "modify"  # a row's label decides its rank among rows equal to it
        # deletions call up the rows behind the k nearest; those not looked at count as rivals
        calls_up = find_threat_model(threat_model).deletes
        reserve = int(np.max(poison_sizes, initial=0)) if calls_up else 0
        n_ranked = min(
            self.n_neighbors + reserve,
            max(self.n_neighbors, _MOST_LABELS // max(len(queries), 1)),
            self.n_samples_fit_,
        )
        joint = joint_knn_accuracy(
            self._nearest_labels(queries, n_ranked),
            y,
            np.atleast_1d(poison_sizes),
            self.n_neighbors,
            len(self.classes_),
            threat_model=threat_model,
            phantom=not self._labels_are_fixed,
            n_rows=self.n_samples_fit_,
        )
        return np.maximum(joint, self._pointwise_accuracy(X, y, poison_sizes))

    def _some_rows_are_equal(self):
        rows = self._training_rows.rows  # equal rows come one after the other
        return bool((rows[1:] == rows[:-1]).all(axis=1).any())

    def _nearest_labels(self, queries, n_nearest):
        """Return the labels of each query's nearest rows, int of shape (n_queries, n_nearest)."""
        dtype = np.min_scalar_type(-len(self.classes_) - 1)
        return self._training_rows.find_nearest(queries, n_nearest, self._n_threads(), dtype)
