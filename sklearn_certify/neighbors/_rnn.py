"""Certified radius nearest neighbours."""

from numbers import Real
from typing import ClassVar

import numpy as np

from .._compat import Interval
from .._user_warnings import warn_user
from ..certificates import joint_neighbors_accuracy, rnn_radius
from ..exceptions import InvalidInputError, OutlierWarning
from ..threat import find_threat_model
from ._neighbors_base import NeighborsClassifier
from ._search import list_within

__all__ = ["CertifiedRNN"]

_KINDS_THAT_MIX = [*({kind} for kind in "biufUO"), {"i", "u"}]  # of types of labels


class CertifiedRNN(NeighborsClassifier):
    """Radius nearest neighbours: all training rows within a radius of a query vote.

    A poisoned row adds one vote or takes one away. So a prediction that leads by many votes
    provably survives many poisoned rows; more so for a whole test set, whose rows must share the
    attacker's budget (``certified_accuracy(..., joint=True)``).

    Parameters
    ----------
    radius : float, default=1.0
        Rows at this distance or less vote. A larger radius calls more voters, which survive more
        poison and see less of what is particular to the query.
    metric : str or callable, default="manhattan"
        Distance between two rows: a metric of scikit-learn's `DistanceMetric`, or a function of
        two rows. "manhattan", "euclidean" and "chebyshev" have compiled kernels, also by their
        other names, such as "minkowski" with a `p` of 1, 2 or infinity.
    outlier_label : str, number or None, default=None
        Prediction for a query without any row within the radius; with no votes, such a prediction
        has radius 0. May be one of the labels or one of its own, which is added to ``classes_``
        (and to the columns of ``predict_proba``, where scores such as the log loss want the labels
        of y alone). None: the first of ``classes_``, with an `OutlierWarning`.
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
        All labels that rows can have. If given, ``fit`` refuses others, and certificates need not
        count on an attacker who invents a label.
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
        The labels, sorted, and `outlier_label`.
    n_features_in_ : int
        Number of features seen during ``fit``.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X is a DataFrame with string names.
    n_samples_fit_ : int
        Number of training rows.

    See Also
    --------
    CertifiedKNN : A fixed number of rows votes, however far they are.

    Notes
    -----
    Distances depend on two rows alone and are computed in double precision, feature by feature.
    Certificates are exact for each threat model, but for cases in which they are lower bounds: no
    votes at all, votes for one class only under "delete", and a single declared class. They speak
    about training sets with the same columns, under the same parameters: parameters chosen by
    looking at the poisoned rows are outside them, and so is a step that was fitted on all rows
    before this classifier.

    `radius` and `threat_model` may be changed after ``fit``, by ``set_params``; the others that
    votes rest on (`metric`, `metric_params`, `outlier_label`, `transformer`, `classes`) are
    refused then.

    References
    ----------
    Jia, Cao and Gong, "Certified Robustness of Nearest Neighbors against Data Poisoning Attacks",
    2020. Theorem 1 is the radius under "modify".

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn_certify import CertifiedRNN
    >>> X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)
    >>> classifier = CertifiedRNN(radius=150, outlier_label=-1).fit(X, y)
    >>> labels, radii = classifier.predict_certified(X_test[:3])
    >>> labels
    array([2, 8, 2])
    >>> radii
    array([36,  6, 74])
    >>> round(classifier.certified_accuracy(X_test, y_test, poison_size=20), 2)
    0.73
    >>> round(classifier.certified_accuracy(X_test, y_test, poison_size=20, joint=True), 2)
    0.79

    Texts, images and tables go through a `transformer`, one by one; here words are hashed. The
    radius is the one with the best certified accuracy.

    >>> from sklearn.feature_extraction.text import HashingVectorizer
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn_certify import certified_accuracy
    >>> texts = [f"{word} film number {i}" for i in range(40) for word in ("bad", "good")]
    >>> search = GridSearchCV(
    ...     CertifiedRNN(transformer=HashingVectorizer(n_features=256, norm=None)),
    ...     {"radius": [2.0, 4.0, 9.0]},
    ...     scoring=certified_accuracy(poison_size=3),
    ...     cv=2,
    ... )
    >>> search.fit(texts, [0, 1] * 40).best_params_
    {'radius': 2.0}
    """

    _parameter_constraints: ClassVar[dict] = {
        **NeighborsClassifier._parameter_constraints,
        "radius": [Interval(Real, 0, None, closed="both")],
        "outlier_label": [str, Interval(Real, None, None, closed="neither"), None],
    }

    _may_change_after_fit: ClassVar[frozenset] = frozenset(
        {*NeighborsClassifier._may_change_after_fit, "radius"}
    )

    def __init__(
        self,
        radius=1.0,
        metric="manhattan",
        outlier_label=None,
        *,
        metric_params=None,
        transformer=None,
        threat_model="insert_delete",
        classes=None,
        n_jobs=None,
        verbose=0,
        random_state="deprecated",
    ):
        self.radius = radius
        self.metric = metric
        self.outlier_label = outlier_label
        self.metric_params = metric_params
        self.transformer = transformer
        self.threat_model = threat_model
        self.classes = classes
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.random_state = random_state

    def _resolve_classes(self, labels):
        self._outlier = self.outlier_label  # that of fit, which certificates rest on
        classes = labels
        if self.outlier_label == "most_frequent" and "most_frequent" not in labels.tolist():
            raise InvalidInputError(
                "outlier_label='most_frequent' would be decided by the training rows, which an "
                "attacker can change; name a label."
            )
        if self.outlier_label is not None and self.outlier_label not in labels.tolist():
            together = np.append(labels, self.outlier_label)
            same_kind = isinstance(self.outlier_label, str) == isinstance(labels.tolist()[0], str)
            if not same_kind or {together.dtype.kind, labels.dtype.kind} not in _KINDS_THAT_MIX:
                raise InvalidInputError(
                    f"outlier_label={self.outlier_label!r} must be of the type of the labels, such "
                    f"as {labels.tolist()[0]!r}."
                )
            classes = np.unique(together)
        self._voted = np.flatnonzero(np.isin(classes, labels))  # the others never have votes
        return classes

    def _count(self, queries):
        return self._training_rows.count_within(queries, self.radius, self._n_threads())

    def radius_neighbors(self, X=None, radius=None, return_distance=True, sort_results=False):
        """Find the training rows that vote on each query: those within a radius.

        As in scikit-learn's `RadiusNeighborsClassifier`.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_queries, n_features), default=None
            Query rows. None: the training rows, of which none is its own neighbour.
        radius : float, default=None
            How far neighbours may be; None: as far as those that vote.
        return_distance : bool, default=True
            Whether to return the distances too.
        sort_results : bool, default=False
            Whether the nearest come first; else rows come in the order in which ``fit`` was given
            them.

        Returns
        -------
        neigh_dist : ndarray of shape (n_queries,) of arrays of float64
            Distances, as `metric` measures them; only if `return_distance`.
        neigh_ind : ndarray of shape (n_queries,) of arrays of int
            Numbers of the training rows, in the order in which ``fit`` was given them.

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        InvalidInputError
            If `radius` is no number from 0 up, or results are to be sorted by distances that are
            not returned.

        Examples
        --------
        >>> from sklearn_certify import CertifiedRNN
        >>> classifier = CertifiedRNN(radius=3.0).fit([[0.0], [1.0], [5.0]], [0, 0, 1])
        >>> distances, numbers = classifier.radius_neighbors([[4.0]])
        >>> distances[0], numbers[0]
        (array([3., 1.]), array([1, 2]))
        """
        if sort_results and not return_distance:
            raise InvalidInputError("sort_results=True needs return_distance=True.")
        queries, own = self._queries_to_list(X)
        radius = self.radius if radius is None else radius
        if not (isinstance(radius, Real) and radius >= 0):
            raise InvalidInputError(f"radius must be a number from 0 up, got {radius!r}.")
        found = list_within(self._training_rows, queries, radius, self._n_threads(), own)
        neigh_dist, neigh_ind = np.empty((2, len(queries)), dtype=object)
        for query, (distances, positions) in enumerate(zip(*found, strict=True)):
            numbers = self._order[positions].astype(np.intp)
            # positions are in the order that ranks equal distances
            order = np.argsort(distances if sort_results else numbers, kind="stable")
            neigh_dist[query], neigh_ind[query] = distances[order], numbers[order]
        return (neigh_dist, neigh_ind) if return_distance else neigh_ind

    def _winners(self, counts):
        winners = counts.argmax(axis=1)
        empty = counts.max(axis=1) == 0
        if not empty.any():
            return winners
        if self._outlier is None:
            first = self.classes_.tolist()[0]
            warn_user(
                f"Some rows have no training row within radius={self.radius} and are predicted as "
                f"{first!r}, the first class; choose a larger radius, or an outlier_label.",
                OutlierWarning,
            )
        else:
            winners[empty] = self._outlier_index()
        return winners

    def _outlier_index(self):
        return self.classes_.tolist().index(self._outlier)

    def _rows_may_become_outliers(self):
        return self._outlier is not None and find_threat_model(self.threat_model).deletes

    def _predict_certified(self, X):
        counts = self._count(self._queries(X))
        return self._winners(counts), self._radii(counts)

    def _radii(self, counts):
        predicted, radii = rnn_radius(
            counts[:, self._voted],
            threat_model=self.threat_model,
            phantom=not self._labels_are_fixed,
        )
        if self._rows_may_become_outliers():
            # who removes all rows makes it an outlier, even where no class can take the lead
            turns = self._voted[predicted] != self._outlier_index()
            radii = np.where(turns, np.minimum(radii, counts.sum(axis=1) - 1), radii)
        return np.maximum(radii, 0)

    def _predict_targeted(self, X, target):
        counts = self._count(self._queries(X))
        winners = self._winners(counts)
        radii = np.maximum(self._radii_against(counts, target), 0)
        return winners, np.where(winners == target, -1, radii)

    def _radii_against(self, counts, target):
        """Return radii against attacks that make a label the prediction, where it is another."""
        n_votes = counts.sum(axis=1)
        is_voted = target in self._voted
        if is_voted or not self._labels_are_fixed:
            radii = rnn_radius(
                counts[:, self._voted],
                threat_model=self.threat_model,
                phantom=not self._labels_are_fixed,
                target=np.searchsorted(self._voted, target) if is_voted else len(self._voted),
            )[1]
        else:  # an outlier label of its own
            radii = n_votes
        if self._rows_may_become_outliers() and target == self._outlier_index():
            radii = np.minimum(radii, n_votes - 1)
        return radii

    def _joint_accuracy(self, X, y, poison_sizes):
        counts = self._count(self._queries(X))
        correct = self._winners(counts) == y
        sizes = np.atleast_1d(poison_sizes)
        # the joint certificate knows neither classes without votes nor the outlier label
        positions = np.full(len(self.classes_) + 1, -1)
        positions[self._voted] = np.arange(len(self._voted))
        voted = np.where(counts.max(axis=1) > 0, positions[y], -1)
        joint = joint_neighbors_accuracy(
            counts[:, self._voted],
            voted,
            sizes,
            threat_model=self.threat_model,
            method="branch",
            phantom=not self._labels_are_fixed or self._rows_may_become_outliers(),
        )
        survives = self._radii(counts)[:, np.newaxis] >= sizes
        return np.maximum(joint, (survives & correct[:, np.newaxis]).mean(axis=0))
