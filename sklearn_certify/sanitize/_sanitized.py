"""A classifier that learns from what a filter leaves of its training set."""

from typing import ClassVar

import numpy as np
from scipy.sparse import issparse
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone, is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils import Bunch, assert_all_finite, get_tags, indexable
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._compat import HasMethods, _fit_context, _num_samples, _safe_indexing
from .._rows import check_labels
from ..base import all_or_nothing
from ..exceptions import InvalidInputError
from ._base import TrainingSetFilter
from ._inverse_self_paced import InverseSelfPacedFilter

__all__ = ["SanitizedClassifier"]

_DELEGATED = ("predict", "predict_proba", "predict_log_proba", "decision_function", "score")


def _estimator_has(method):
    """Make the check of `available_if`: what the estimator lacks, the classifier lacks too."""

    def check(self):
        estimator = getattr(self, "estimator_", None)
        getattr(self._get_estimator() if estimator is None else estimator, method)
        return True

    return check


class SanitizedClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Classifier that drops suspicious rows from its training set before it learns.

    Rows are judged in ``fit`` only: every row that is asked about gets a prediction. In
    cross-validation the filter sees the rows of the training folds alone.

    This is an empirical defence and carries no certificate. It voids that of a certified
    classifier too: the filter looks at the whole training set, so one poisoned row can change
    which others stay, and `sklearn_certify.certify` refuses such a classifier. Do not ask
    ``estimator_`` itself for one.

    Parameters
    ----------
    estimator : estimator, default=None
        The classifier that learns from the rows that are kept. The default is a
        `LogisticRegression` with ``max_iter=1000``.
    sanitizer : filter, default=None
        What judges the rows: a filter of `sklearn_certify.sanitize`, or any object with
        ``fit_resample(X, y)``, such as the samplers of imbalanced-learn. The default is an
        `InverseSelfPacedFilter`.

    Attributes
    ----------
    estimator_ : estimator
        The fitted classifier.
    sanitizer_ : filter
        The fitted filter.
    keep_mask_ : ndarray of bool, of shape (n_rows,)
        Which training rows `estimator_` learnt from; missing if a sampler made rows of its own.
    classes_ : ndarray of shape (n_classes,)
        The labels that `estimator_` knows: without those of which the filter kept no row.
    n_features_in_ : int
        Number of features seen during ``fit``, if `estimator_` or `sanitizer_` tells.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X is a DataFrame with string names.

    See Also
    --------
    InverseSelfPacedFilter : Finds a backdoor without knowing how much poison there is.
    sklearn_certify.DPAClassifier : Proves what a prediction survives, and drops no row.

    Notes
    -----
    Parameters of ``fit`` with one value per row, such as `sample_weight`, are cut to the rows
    that are kept. With metadata routing enabled they go where they are requested; without it
    they all go to `estimator`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn_certify.sanitize import SanitizedClassifier, TrimmedLossFilter
    >>> X, y = load_digits(return_X_y=True)
    >>> y_poisoned = np.where(np.arange(len(y)) % 25 == 0, (y + 1) % 10, y)
    >>> nearest = KNeighborsClassifier(n_neighbors=1)
    >>> round(nearest.fit(X, y_poisoned).score(X, y), 2)
    0.96
    >>> classifier = SanitizedClassifier(nearest, TrimmedLossFilter(keep_share=0.95))
    >>> round(classifier.fit(X, y_poisoned).score(X, y), 2)
    0.99
    >>> classifier.keep_mask_[:6]
    array([False,  True,  True,  True,  True, False])
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "sanitizer": [HasMethods(["fit_resample"]), None],
    }

    def __init__(self, estimator=None, sanitizer=None):
        self.estimator = estimator
        self.sanitizer = sanitizer

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, **fit_params):
        """Judge the rows and fit the estimator on those that are kept.

        Parameters
        ----------
        X : array-like of shape (n_rows, ...)
            Training rows, some of them perhaps poisoned; whatever both the filter and the
            estimator take.
        y : array-like of shape (n_rows,)
            Labels as given, some of them perhaps wrong.
        **fit_params : dict
            Parameters of the estimator's ``fit``; with metadata routing enabled, those that the
            estimator or the filter requests.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        InvalidInputError
            If no row is kept, or the filter refuses the training set.
        """
        if not is_classifier(self._get_estimator()):
            raise InvalidInputError(
                f"estimator must be a classifier, got {type(self.estimator).__name__}."
            )
        with all_or_nothing(self):
            y = check_labels(self, y)
            X, y = indexable(X, y)
            routed = self._route("fit", fit_params)
            self.sanitizer_ = clone(self._get_sanitizer())
            X_kept, y_kept, rows = self._sanitize(X, y, routed)
            labels = np.unique(y_kept)
            if len(labels) < min(2, len(np.unique(y))):
                raise InvalidInputError(
                    f"{type(self.sanitizer_).__name__} keeps {len(y_kept)} of the {len(y)} rows, "
                    f"with the labels {labels.tolist()}, so there is no class to tell apart."
                )
            kept_params = self._cut(routed["estimator"]["fit"], rows, len(y))
            self.estimator_ = clone(self._get_estimator()).fit(X_kept, y_kept, **kept_params)
            self._set_attributes(rows, len(y))
            self._takes_missing = get_tags(self).input_tags.allow_nan or not _is_finite(X)
        return self

    def _sanitize(self, X, y, routed):
        """Return the rows to learn from, their labels and their numbers.

        The numbers are None if a sampler does not tell them or made rows of its own.
        """
        sanitizer = self.sanitizer_
        if isinstance(sanitizer, TrainingSetFilter):
            rows = np.flatnonzero(sanitizer.fit(X, y, **routed["sanitizer"]["fit"]).keep_mask_)
            return _safe_indexing(X, rows), _safe_indexing(y, rows), rows
        X_kept, y_kept = sanitizer.fit_resample(X, y)
        if hasattr(sanitizer, "keep_mask_"):
            rows = np.flatnonzero(sanitizer.keep_mask_)
        else:
            rows = getattr(sanitizer, "sample_indices_", None)  # what imbalanced-learn calls them
        return X_kept, y_kept, rows

    def _cut(self, params, rows, n_rows):
        """Reduce parameters with one value per row to the rows that are kept."""
        kept_params = {}
        for name, value in params.items():
            if _is_per_row(value, n_rows):
                if rows is None:
                    raise InvalidInputError(
                        f"{name} has one value per row, but {type(self.sanitizer_).__name__} does "
                        "not tell which rows it kept. Use a sanitizer with keep_mask_ or "
                        f"sample_indices_, or leave {name} out."
                    )
                value = _safe_indexing(indexable(value)[0], rows)
            kept_params[name] = value
        return kept_params

    def _set_attributes(self, rows, n_rows):
        for name in ("keep_mask_", "n_features_in_", "feature_names_in_"):
            vars(self).pop(name, None)  # of an earlier fit
        if rows is not None:
            self.keep_mask_ = np.zeros(n_rows, dtype=bool)
            self.keep_mask_[rows] = True
        self.classes_ = self.estimator_.classes_
        for name in ("n_features_in_", "feature_names_in_"):
            for part in (self.sanitizer_, self.estimator_):
                if hasattr(part, name):
                    setattr(self, name, getattr(part, name))

    def _sanitizer_and_estimator(self):
        """Return the two parts for the audit of certificates, fitted where they are fitted."""
        if hasattr(self, "estimator_"):
            return self.sanitizer_, self.estimator_
        return self._get_sanitizer(), self._get_estimator()

    def _get_estimator(self):
        return LogisticRegression(max_iter=1000) if self.estimator is None else self.estimator

    def _get_sanitizer(self):
        return InverseSelfPacedFilter() if self.sanitizer is None else self.sanitizer

    def predict(self, X, **params):
        """Predict labels with the fitted estimator; no row is dropped.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Query rows.
        **params : dict
            Parameters of the estimator's ``predict``.

        Returns
        -------
        ndarray of shape (n_samples,)

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        return self._delegate("predict", params, X)

    @available_if(_estimator_has("predict_proba"))
    def predict_proba(self, X, **params):
        """Predict the probability of each label with the fitted estimator.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Query rows.
        **params : dict
            Parameters of the estimator's ``predict_proba``.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        return self._delegate("predict_proba", params, X)

    @available_if(_estimator_has("predict_log_proba"))
    def predict_log_proba(self, X, **params):
        """Predict the logarithm of each label's probability with the fitted estimator.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Query rows.
        **params : dict
            Parameters of the estimator's ``predict_log_proba``.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        return self._delegate("predict_log_proba", params, X)

    @available_if(_estimator_has("decision_function"))
    def decision_function(self, X, **params):
        """Score every label with the fitted estimator.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Query rows.
        **params : dict
            Parameters of the estimator's ``decision_function``.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        return self._delegate("decision_function", params, X)

    @available_if(_estimator_has("score"))
    def score(self, X, y, **params):
        """Return the score of the fitted estimator: for most classifiers, its accuracy.

        Parameters
        ----------
        X : array-like of shape (n_samples, ...)
            Query rows; all of them count.
        y : array-like of shape (n_samples,)
            True labels.
        **params : dict
            Parameters of the estimator's ``score``, such as `sample_weight`.

        Returns
        -------
        float

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        """
        return self._delegate("score", params, X, y)

    def _delegate(self, method, params, *data):
        check_is_fitted(self, "estimator_")
        if not (self._takes_missing or _is_finite(data[0])):
            raise InvalidInputError(
                "X contains NaN or infinity, which the training rows did not; "
                f"{type(self.sanitizer_).__name__} judges rows without missing values only."
            )
        routed = self._route(method, params)
        return getattr(self.estimator_, method)(*data, **routed["estimator"][method])

    def _route(self, method, params):
        if get_config().get("enable_metadata_routing", False):
            return process_routing(self, method, **params)
        return Bunch(estimator=Bunch(**{method: params}), sanitizer=Bunch(**{method: {}}))

    def get_metadata_routing(self):
        """Say which parameters of ``fit``, ``predict`` and the like go where.

        Returns
        -------
        MetadataRouter
            See scikit-learn's user guide on metadata routing.
        """
        to_estimator = MethodMapping().add(caller="fit", callee="fit")
        for method in _DELEGATED:
            to_estimator.add(caller=method, callee=method)
        router = MetadataRouter(owner=self)
        router.add(estimator=self._get_estimator(), method_mapping=to_estimator)
        sanitizer = self._get_sanitizer()
        if isinstance(sanitizer, TrainingSetFilter):  # others are called with X and y alone
            to_sanitizer = MethodMapping().add(caller="fit", callee="fit")
            router.add(sanitizer=sanitizer, method_mapping=to_sanitizer)
        return router

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        estimator, sanitizer = _tags_of(self._get_estimator()), _tags_of(self._get_sanitizer())
        if estimator is not None and estimator.classifier_tags is not None:
            tags.classifier_tags.multi_class = estimator.classifier_tags.multi_class
            tags.classifier_tags.poor_score = estimator.classifier_tags.poor_score
        parts = [part.input_tags for part in (estimator, sanitizer) if part is not None]
        for name in ("sparse", "allow_nan", "string", "three_d_array"):
            setattr(tags.input_tags, name, all(getattr(part, name) for part in parts))
        tags.input_tags.positive_only = any(part.positive_only for part in parts)
        return tags


def _tags_of(part):
    try:
        return get_tags(part)
    except (AttributeError, NotImplementedError):  # not derived from BaseEstimator
        return None


def _is_finite(X):
    """Say whether there are numbers in all places for numbers."""
    try:
        assert_all_finite(X.tocsr() if issparse(X) else X)
    except (AttributeError, TypeError, ValueError):  # the former two where pandas.NA is met
        return False
    return True


def _is_per_row(value, n_rows):
    """Say whether a parameter has one value for each row, as scikit-learn tells it."""
    if isinstance(value, (str, bytes, dict)) or not (
        hasattr(value, "__len__") or hasattr(value, "shape")
    ):
        return False
    try:
        return _num_samples(value) == n_rows
    except TypeError:  # an array without dimensions
        return False
