"""Certificates through pipelines and searches, which do not pass the classifiers' methods on."""

from numbers import Real

from .audit import transform_queries
from .base_regression import CertifiedRegressorMixin
from .exceptions import InvalidInputError
from .metrics import certified_attack_success_rate
from .threat import check_poison_sizes

__all__ = [
    "certified_accuracy",
    "certified_radius",
    "certify",
    "neg_certified_attack_success_rate",
    "predict_certified",
    "predict_interval",
]


def certify(estimator, X, poison_size, *, target=None, y=None, tolerance=None):
    """Say which predictions provably survive an attack of the given size.

    Scikit-learn's `Pipeline` and search objects do not pass ``certify`` on; this function looks
    inside them, and first checks that the certificate holds there.

    Parameters
    ----------
    estimator : estimator
        A fitted certified classifier or regressor, or a fitted `Pipeline` or search object that
        ends in one.
    X : array-like of shape (n_samples, n_features)
        Query rows.
    poison_size : int or array-like of int of shape (n_sizes,)
        Poison sizes in units of the classifier's `threat_model`.
    target : label, default=None
        The label that an attacker wants these rows to get. If given, only attacks that make it the
        prediction matter.
    y : array-like of shape (n_samples,), default=None
        True values, or what else the predictions of a regressor are to stay near.
    tolerance : float or array-like of float of shape (n_samples,), default=None
        How far the predictions of a regressor may be from y.

    Returns
    -------
    ndarray of bool, of shape (n_samples,) or (n_samples, n_sizes)
        True where no attack of that size changes the prediction, or makes it the `target`, or
        moves that of a regressor farther from y than the tolerance. False where it is so already.

    Raises
    ------
    UnsoundPipelineError
        If a step before the classifier was fitted on the training set.
    InvalidInputError
        If there is no certified classifier or regressor in `estimator`, a poison size or `target`
        is not valid, or y and tolerance are not given for a regressor alone.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import Normalizer
    >>> from sklearn_certify import DPAClassifier, certify
    >>> X, y = load_iris(return_X_y=True)
    >>> pipeline = make_pipeline(Normalizer(), DPAClassifier(n_partitions=15)).fit(X, y)
    >>> certify(pipeline, X[:2], poison_size=[3, 8])
    array([[ True, False],
           [ True, False]])
    """
    check_poison_sizes(poison_size)
    certified, X = transform_queries(estimator, X)
    if _needs_tolerance(certified, target, y=y, tolerance=tolerance):
        return certified.certify(X, y, poison_size, tolerance)
    return certified.certify(X, poison_size, **_wanted(target))


def certified_radius(estimator, X, *, target=None, y=None, tolerance=None):
    """Return the largest poison size that each prediction provably survives.

    Parameters
    ----------
    estimator : estimator
        A fitted certified classifier or regressor, or a fitted `Pipeline` or search object that
        ends in one.
    X : array-like of shape (n_samples, n_features)
        Query rows.
    target : label, default=None
        The label that an attacker wants these rows to get. If given, radii are about attacks that
        make it the prediction, which takes at least as much poison as any change. Unless the labels
        are fixed it may be one that no training row has.
    y : array-like of shape (n_samples,), default=None
        True values, or what else the predictions of a regressor are to stay near.
    tolerance : float or array-like of float of shape (n_samples,), default=None
        How far the predictions of a regressor may be from y.

    Returns
    -------
    ndarray of int64, of shape (n_samples,)
        Radii in units of the classifier's `threat_model`; -1 where it abstains, or predicts the
        `target` already, and where a regressor is farther from y than the tolerance without any
        poison.

    Raises
    ------
    UnsoundPipelineError
        If a step before the classifier was fitted on the training set.
    InvalidInputError
        If there is no certified classifier or regressor in `estimator`, `target` is not valid, or
        y and tolerance are not given for a regressor alone.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_certify import DPAClassifier, certified_radius
    >>> X, y = load_iris(return_X_y=True)
    >>> certified_radius(DPAClassifier(n_partitions=15).fit(X, y), X[:2])
    array([7, 7])

    To make them class 1 takes as much, and they are of class 0 already:

    >>> certified_radius(DPAClassifier(n_partitions=15).fit(X, y), X[:2], target=1)
    array([7, 7])
    >>> certified_radius(DPAClassifier(n_partitions=15).fit(X, y), X[:2], target=0)
    array([-1, -1])
    """
    certified, X = transform_queries(estimator, X)
    if _needs_tolerance(certified, target, y=y, tolerance=tolerance):
        return certified.certified_radius(X, y, tolerance)
    return certified.certified_radius(X, **_wanted(target))


def _wanted(target):
    """Return the target as an argument, which classifiers of others may not know."""
    return {} if target is None else {"target": target}


def predict_certified(estimator, X):
    """Predict labels together with their certified radii, in one pass over X.

    Parameters
    ----------
    estimator : estimator
        A fitted certified classifier, or a fitted `Pipeline` or search object that ends in one.
    X : array-like of shape (n_samples, n_features)
        Query rows.

    Returns
    -------
    labels : ndarray of shape (n_samples,)
        Predicted labels.
    radii : ndarray of int64, of shape (n_samples,)
        Radii in units of the classifier's `threat_model`; -1 where it abstains.

    Raises
    ------
    UnsoundPipelineError
        If a step before the classifier was fitted on the training set.
    InvalidInputError
        If there is no certified classifier in `estimator`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import Normalizer
    >>> from sklearn_certify import DPAClassifier, predict_certified
    >>> X, y = load_iris(return_X_y=True)
    >>> pipeline = make_pipeline(Normalizer(), DPAClassifier(n_partitions=15)).fit(X, y)
    >>> predict_certified(pipeline, X[[0, 100]])
    (array([0, 2]), array([5, 0]))
    """
    classifier, X = transform_queries(estimator, X)
    if isinstance(classifier, CertifiedRegressorMixin):
        raise InvalidInputError(
            f"{type(classifier).__name__} predicts numbers, whose radii are those of a tolerance; "
            "ask for predict_interval, or for certified_radius with y and tolerance."
        )
    return classifier.predict_certified(X)


def predict_interval(estimator, X, poison_size):
    """Return the interval of each row that no attack of the given size moves a prediction from.

    Parameters
    ----------
    estimator : estimator
        A fitted certified regressor, or a fitted `Pipeline` or search object that ends in one.
    X : array-like of shape (n_samples, n_features)
        Query rows.
    poison_size : int or array-like of int of shape (n_sizes,)
        Poison sizes in units of the regressor's `threat_model`.

    Returns
    -------
    ndarray of float64, of shape (n_samples, 2) or (n_samples, 2, n_sizes)
        The lower and the upper end, which belong to the interval; infinite where nothing bounds the
        prediction.

    Raises
    ------
    UnsoundPipelineError
        If a step before the regressor was fitted on the training set.
    InvalidInputError
        If there is no certified regressor in `estimator`, or a poison size is not valid.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import Normalizer
    >>> from sklearn_certify import CertifiedKNNRegressor, predict_interval
    >>> X, y = load_diabetes(return_X_y=True, scaled=False)
    >>> pipeline = make_pipeline(Normalizer(), CertifiedKNNRegressor(35)).fit(X[2:], y[2:])
    >>> predict_interval(pipeline, X[:2], poison_size=3)
    array([[156., 185.],
           [ 81.,  90.]])
    """
    check_poison_sizes(poison_size)
    regressor, X = transform_queries(estimator, X)
    if not isinstance(regressor, CertifiedRegressorMixin):
        raise InvalidInputError(
            f"{type(regressor).__name__} predicts labels, which have no intervals; ask for "
            "certified_radius or predict_certified."
        )
    return regressor.predict_interval(X, poison_size)


def _needs_tolerance(certified, target=None, **needed):
    """Say whether radii are those of a regressor, which need y and a tolerance, or raise."""
    is_regressor = isinstance(certified, CertifiedRegressorMixin)
    if is_regressor and target is not None:
        raise InvalidInputError(
            f"target is for classifiers; {type(certified).__name__} predicts numbers."
        )
    for name, value in needed.items():
        if is_regressor and value is None:
            raise InvalidInputError(
                f"{type(certified).__name__} predicts numbers, which poison moves little by "
                f"little: say how far from the truth they may be, by {' and '.join(needed)}."
            )
        if not is_regressor and value is not None:
            raise InvalidInputError(
                f"{name} is for regressors; {type(certified).__name__} predicts labels."
            )
    return is_regressor


class _CertifiedAccuracyScorer:
    """A scorer that can be pickled, compared and read."""

    def __init__(self, poison_size, joint, tolerance):
        self.poison_size = poison_size
        self.joint = joint
        self.tolerance = tolerance

    def __call__(self, estimator, X, y):
        certified, X = transform_queries(estimator, X)
        if _needs_tolerance(certified, tolerance=self.tolerance):
            if self.joint:
                raise InvalidInputError(
                    f"joint=True is for classifiers; {type(certified).__name__} predicts numbers."
                )
            return certified.certified_accuracy(X, y, self.poison_size, tolerance=self.tolerance)
        return certified.certified_accuracy(X, y, self.poison_size, joint=self.joint)

    def __repr__(self):
        tolerance = "" if self.tolerance is None else f", tolerance={self.tolerance}"
        return f"certified_accuracy(poison_size={self.poison_size}, joint={self.joint}{tolerance})"


def certified_accuracy(*, poison_size, joint=False, tolerance=None):
    """Make a scorer: the accuracy that is certain under an attack of the given size.

    Parameters
    ----------
    poison_size : int
        Poison size in units of the classifier's `threat_model`.
    joint : bool, default=False
        Whether one budget attacks all rows together, see the classifiers' method
        ``certified_accuracy``.
    tolerance : float, default=None
        How far a prediction of a regressor may be from the truth, in units of y; None for
        classifiers.

    Returns
    -------
    callable
        ``scorer(estimator, X, y) -> float``, for ``scoring=`` in `GridSearchCV`,
        `cross_validate` and the like.

    Raises
    ------
    InvalidInputError
        If `poison_size` is not one whole number from 0 up, or `tolerance` no number from 0 up; when
        it is called, if a regressor has no tolerance or a classifier has one.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn_certify import DPAClassifier, certified_accuracy
    >>> search = GridSearchCV(
    ...     DPAClassifier(),
    ...     {"n_partitions": [5, 15, 45]},
    ...     scoring=certified_accuracy(poison_size=1),
    ... )
    >>> search.fit(*load_iris(return_X_y=True)).best_params_
    {'n_partitions': 45}

    The score of a regressor is the share of predictions that stay within the tolerance:

    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn_certify import CertifiedKNNRegressor
    >>> search = GridSearchCV(
    ...     CertifiedKNNRegressor(),
    ...     {"n_neighbors": [5, 25, 125]},
    ...     scoring=certified_accuracy(poison_size=5, tolerance=60),
    ... )
    >>> search.fit(*load_diabetes(return_X_y=True, scaled=False)).best_params_
    {'n_neighbors': 125}
    """
    if tolerance is not None and not (isinstance(tolerance, Real) and tolerance >= 0):
        raise InvalidInputError(f"tolerance must be a number from 0 up, got {tolerance!r}.")
    return _CertifiedAccuracyScorer(_one_size(poison_size), bool(joint), tolerance)


def _one_size(poison_size):
    sizes = check_poison_sizes(poison_size)
    if sizes.ndim:
        raise InvalidInputError(
            f"A scorer needs one poison_size, got {sizes.tolist()}; make one scorer for each."
        )
    return int(sizes)


class _AttackSuccessScorer:
    """A scorer that can be pickled, compared and read."""

    def __init__(self, poison_size, target, source):
        self.poison_size = poison_size
        self.target = target
        self.source = source

    def __call__(self, estimator, X, y):
        radii = certified_radius(estimator, X, target=self.target)
        return -certified_attack_success_rate(
            y, radii, self.poison_size, target=self.target, source=self.source
        )

    def __repr__(self):
        return (
            f"neg_certified_attack_success_rate(poison_size={self.poison_size}, "
            f"target={self.target!r}, source={self.source!r})"
        )


def neg_certified_attack_success_rate(*, poison_size, target, source=None):
    """Make a scorer: how often an attacker who wants one label can get it, at most.

    The bound has a minus sign, so that a greater score is better, as in all scores of scikit-learn.

    Parameters
    ----------
    poison_size : int
        Poison size in units of the classifier's `threat_model`.
    target : label
        What the attacker wants rows to be taken for.
    source : label, default=None
        The true label of the rows that count. None: all but `target`.

    Returns
    -------
    callable
        ``scorer(estimator, X, y) -> float``, for ``scoring=`` in `GridSearchCV`,
        `cross_validate` and the like: from -1 to 0, see
        `sklearn_certify.metrics.certified_attack_success_rate`.

    Raises
    ------
    InvalidInputError
        If `poison_size` is not one whole number from 0 up.

    Examples
    --------
    Of the cancers that are malignant (0), how many can be made benign (1) by five poisoned rows?

    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn_certify import DPAClassifier, neg_certified_attack_success_rate
    >>> X, X_test, y, y_test = train_test_split(
    ...     *load_breast_cancer(return_X_y=True), random_state=0
    ... )
    >>> scorer = neg_certified_attack_success_rate(poison_size=5, source=0, target=1)
    >>> round(scorer(DPAClassifier(n_partitions=25).fit(X, y), X_test, y_test), 2)
    -0.3
    """
    return _AttackSuccessScorer(_one_size(poison_size), target, source)
