"""Activation clustering: poison and clean rows of a class form two clusters."""

from numbers import Real
from typing import ClassVar

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import FastICA
from sklearn.metrics import silhouette_score

from .._compat import Integral, Interval, StrOptions
from ._feature_filter import FeatureFilter, principal_projections

__all__ = ["ActivationClusteringFilter"]

_FEWEST_ROWS = 3  # of which two clusters can have different sizes
_NO_VARIANCE = 1e-12  # share of the largest variance that is but rounding


class ActivationClusteringFilter(FeatureFilter):
    """Split each class into two clusters and drop the smaller one if it looks like poison.

    The features of a class are reduced to a few dimensions and split by 2-means. Clean and
    poisoned rows have one label for different reasons, so they may end up in different clusters.

    This is an empirical defence: it proves nothing, and a certified classifier that is trained on
    what it keeps has lost its certificate.

    Parameters
    ----------
    features : callable or transformer, default=None
        What to look at: a callable X -> array of shape (n_rows, ...), such as the bound
        ``transform`` of something fitted, or a transformer, of which a clone is fitted on (X, y),
        such as `HiddenLayerTransformer`. None stands for the rows themselves, which must then
        hold numbers. The method is meant for the activations of a trained network.
    rule : {"smaller", "relative_size", "silhouette"}, default="smaller"
        When to drop the smaller cluster of a class. "smaller": always, so that clean classes lose
        up to half of their rows. "relative_size": if it holds less than `size_threshold`
        of the class. "silhouette": if the silhouette score of the two clusters exceeds
        `silhouette_threshold`. Of two clusters of one size, none is dropped.
    size_threshold : float, default=0.35
        For the rule "relative_size".
    silhouette_threshold : float, default=0.4
        For the rule "silhouette".
    n_components : int, default=10
        Number of dimensions that are clustered. Classes with fewer rows are kept whole.
    reduction : {"pca", "ica"}, default="pca"
        How features are reduced: to principal components, or to independent components made from
        these.
    random_state : int, RandomState instance or None, default=0
        Source of the seeds of the transformer, the reduction and the clustering.
    verbose : int, default=0
        If positive, say how many rows of each class are dropped.

    Attributes
    ----------
    keep_mask_ : ndarray of bool, of shape (n_rows,)
        Which rows to keep.
    suspicion_ : ndarray of float64, of shape (n_rows,)
        The distance to the center of the larger cluster of the row's class minus that to the
        center of the smaller one, whether the rule drops that or not. 0 in classes that
        are too small to split or whose rows are all alike; these are kept whole.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    n_features_in_ : int
        Number of features seen during ``fit``; missing if rows are texts.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X is a DataFrame with string names.

    See Also
    --------
    InverseSelfPacedFilter : Needs no features, and drops few clean rows.
    SpectralSignatureFilter : Looks for rows that lie far out.

    Notes
    -----
    The paper takes silhouette scores of 0.10 to 0.15 for a sign of poison. They depend on the
    network: on the last hidden layer of a small convolutional network clean classes of MNIST
    scored 0.16 to 0.40, poisoned ones 0.19 to 0.61. Look at a class that is known to be clean.

    References
    ----------
    Chen et al.: "Detecting Backdoor Attacks on Deep Neural Networks by Activation Clustering",
    SafeAI workshop at AAAI 2019.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> from sklearn_certify.metrics import false_negatives, false_positives
    >>> from sklearn_certify.sanitize import ActivationClusteringFilter
    >>> X, y = make_blobs([200, 180, 20], centers=[[0, 0], [9, 0], [0, 9]], random_state=0)
    >>> poisoned = y == 2
    >>> y[poisoned] = 1
    >>> keep = ActivationClusteringFilter(rule="relative_size").fit(X, y).keep_mask_
    >>> false_negatives(poisoned, keep), false_positives(poisoned, keep)
    (0, 0)
    """

    _parameter_constraints: ClassVar[dict] = {
        **FeatureFilter._parameter_constraints,
        "rule": [StrOptions({"smaller", "relative_size", "silhouette"})],
        "size_threshold": [Interval(Real, 0, 0.5, closed="right")],
        "silhouette_threshold": [Interval(Real, -1, 1, closed="both")],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "reduction": [StrOptions({"pca", "ica"})],
    }

    def __init__(
        self,
        features=None,
        *,
        rule="smaller",
        size_threshold=0.35,
        silhouette_threshold=0.4,
        n_components=10,
        reduction="pca",
        random_state=0,
        verbose=0,
    ):
        self.features = features
        self.rule = rule
        self.size_threshold = size_threshold
        self.silhouette_threshold = silhouette_threshold
        self.n_components = n_components
        self.reduction = reduction
        self.random_state = random_state
        self.verbose = verbose

    def _judge_class(self, features, seed):
        n_rows = features.shape[0]
        keep = np.ones(n_rows, dtype=bool)
        if n_rows < max(self.n_components, _FEWEST_ROWS):
            return np.zeros(n_rows), keep
        unit = abs(features).max()  # squares of larger numbers may overflow, of smaller ones vanish
        reduced = self._reduce(features / unit, seed)
        clustering = KMeans(2, n_init=10, random_state=seed).fit(reduced)
        sizes = np.bincount(clustering.labels_, minlength=2)
        smaller = int(sizes.argmin())
        distances = clustering.transform(reduced)
        if self._is_poison(reduced, clustering.labels_, sizes):
            keep = clustering.labels_ != smaller
        return (distances[:, 1 - smaller] - distances[:, smaller]) * unit, keep

    def _reduce(self, features, seed):
        reduced = principal_projections(features, self.n_components, seed)
        variances = reduced.var(axis=0)
        reduced = reduced[:, variances > _NO_VARIANCE * variances[0]]
        if self.reduction == "pca":
            return reduced
        ica = FastICA(whiten="unit-variance", max_iter=1000, tol=0.005, random_state=seed)
        return ica.fit_transform(reduced)

    def _is_poison(self, reduced, labels, sizes):
        """Say whether the smaller cluster is to be dropped."""
        if sizes[0] == sizes[1]:
            return False
        if self.rule == "relative_size":
            return sizes.min() < self.size_threshold * len(labels)
        if self.rule == "silhouette":
            return silhouette_score(reduced, labels) > self.silhouette_threshold
        return True
