"""Is a pipeline's certificate sound? Find the steps that saw the whole training set."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import Binarizer, Normalizer
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted

from ._compat import _num_samples, _safe_indexing
from .base import CertifiedClassifierMixin
from .exceptions import InvalidInputError, UnsoundPipelineError

__all__ = ["UnsoundStep", "find_unsound_steps", "split_pipeline", "transform_queries"]

_N_CHECKED = 20  # rows that a function is tried on

# stateless, though scikit-learn 1.6 does not say so in their tags
_STATELESS = (FeatureHasher, HashingVectorizer)
_KNOWN_TO_SEE_ONE_ROW = (*_STATELESS, Binarizer, FrozenEstimator, Normalizer)

# scikit-learn's transformers that look at X alone. Tags do not tell (SelectKBest, which looks at
# y, says that it does not need it), so only what is known counts.
_UNSUPERVISED_MODULES = (
    "sklearn.cluster",
    "sklearn.decomposition",
    "sklearn.feature_extraction",
    "sklearn.feature_selection._variance_threshold",
    "sklearn.impute",
    "sklearn.kernel_approximation",
    "sklearn.manifold",
    "sklearn.preprocessing._data",
    "sklearn.preprocessing._discretization",
    "sklearn.preprocessing._encoders",
    "sklearn.preprocessing._polynomial",
    "sklearn.random_projection",
)


class UnsoundStep(NamedTuple):
    """A step of a pipeline that voids every certificate."""

    name: str
    step: BaseEstimator


def split_pipeline(estimator):
    """Find the certified classifier inside pipelines and search objects.

    Parameters
    ----------
    estimator : estimator
        A certified classifier, or a `Pipeline`, fitted search object, `FrozenEstimator` or
        `SanitizedClassifier` around one.

    Returns
    -------
    steps : list of (str, transformer)
        The steps that rows go through before the classifier, "passthrough" left out.
    classifier : CertifiedClassifierMixin
        The certified classifier.

    Raises
    ------
    InvalidInputError
        If there is no certified classifier at the end, or a search was told not to refit.
    NotFittedError
        If a search object was not fitted.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import Normalizer
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.audit import split_pipeline
    >>> split_pipeline(make_pipeline(Normalizer(), DPAClassifier(n_partitions=9)))
    ([('normalizer', Normalizer())], DPAClassifier(n_partitions=9))
    """
    steps = []
    while not isinstance(estimator, CertifiedClassifierMixin):
        if isinstance(estimator, Pipeline):
            steps += [(name, step) for name, step in estimator.steps[:-1] if not _is_empty(step)]
            estimator = estimator.steps[-1][1]
        elif isinstance(estimator, FrozenEstimator):
            estimator = estimator.estimator
        elif hasattr(estimator, "error_score") and hasattr(estimator, "refit"):  # a search
            check_is_fitted(estimator)
            if not hasattr(estimator, "best_estimator_"):
                raise InvalidInputError(
                    f"{type(estimator).__name__} has no best_estimator_ to certify: "
                    "fit it with refit=True."
                )
            estimator = estimator.best_estimator_
        elif hasattr(estimator, "_sanitizer_and_estimator"):  # a SanitizedClassifier
            sanitizer, estimator = estimator._sanitizer_and_estimator()
            steps.append(("sanitizer", sanitizer))
        else:
            raise InvalidInputError(
                f"{type(estimator).__name__} gives no certificates; pass a certified classifier "
                "such as DPAClassifier, or a Pipeline or search object that ends in one."
            )
    return steps, estimator


def find_unsound_steps(estimator):
    """List the steps before a certified classifier that were fitted on the training set.

    A scaler in front of the classifier sees all rows: one poisoned row shifts every voter's
    rows, and no certificate holds. Nor does one behind a filter of training rows, since one row
    can decide which others stay. Sound are steps that have nothing to fit, steps in a
    `FrozenEstimator` (fitted on data that the attacker cannot touch) and, against
    ``threat_model="label_flip"``, scikit-learn's transformers that look at the features alone.

    Parameters
    ----------
    estimator : estimator
        A certified classifier, or a `Pipeline` or fitted search object around one.

    Returns
    -------
    list of UnsoundStep
        Empty if certificates hold.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import Normalizer, StandardScaler
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.audit import find_unsound_steps
    >>> find_unsound_steps(make_pipeline(StandardScaler(), Normalizer(), DPAClassifier()))
    [UnsoundStep(name='standardscaler', step=StandardScaler())]
    """
    steps, classifier = split_pipeline(estimator)
    return _find_unsound(steps, classifier.threat_model)


def _find_unsound(steps, threat_model):
    found = []
    for name, step in steps:
        if _is_filter(step):  # even a frozen one is fitted anew
            found.append(UnsoundStep(name, step))
            continue
        if _is_empty(step) or isinstance(step, FrozenEstimator):
            continue
        if isinstance(step, Pipeline):
            found += _find_unsound(step.steps, threat_model)
        elif isinstance(step, FeatureUnion):
            found += _find_unsound(step.transformer_list, threat_model)
        elif not (_is_stateless(step) or (threat_model == "label_flip" and _ignores_labels(step))):
            found.append(UnsoundStep(name, step))
    return found


def _is_filter(step):
    """Say whether a step chooses or makes training rows, as filters and samplers do."""
    return hasattr(step, "fit_resample")


def _is_stateless(step):
    return isinstance(step, _STATELESS) or not get_tags(step).requires_fit


def _is_empty(step):
    return step is None or (isinstance(step, str) and step in ("passthrough", "drop"))


def _ignores_labels(step):
    module = type(step).__module__
    return any(module == known or module.startswith(known + ".") for known in _UNSUPERVISED_MODULES)


def transform_queries(estimator, X):
    """Check a pipeline and bring query rows to its certified classifier.

    Parameters
    ----------
    estimator : estimator
        A fitted certified classifier, or a `Pipeline` or search object around one.
    X : array-like of shape (n_samples, n_features)
        Query rows as the pipeline takes them.

    Returns
    -------
    classifier : CertifiedClassifierMixin
        The certified classifier.
    X : array-like of shape (n_samples, n_outputs)
        The rows as the classifier takes them.

    Raises
    ------
    UnsoundPipelineError
        If a step was fitted on the training set; the message names it and the mend.
    """
    steps, classifier = split_pipeline(estimator)
    unsound = _find_unsound(steps, classifier.threat_model)
    if unsound:
        name, step = unsound[0]
        kind = type(step).__name__
        if _is_filter(step):
            raise UnsoundPipelineError(_filter_message(name, kind, classifier))
        trust = "it on trusted data and wrap it in sklearn.frozen.FrozenEstimator."
        mend = f"Fit {trust}"
        if _has_voters(classifier):
            mend = (
                f"Move it into the classifier, {type(classifier).__name__}(make_pipeline("
                f"{kind}(...), estimator)), where each voter fits its own, or fit {trust}"
            )
        raise UnsoundPipelineError(
            f"Step {name!r} ({kind}) was fitted on all training rows, so one poisoned row can "
            f"change every voter and no certificate holds. {mend}"
        )
    for name, step in steps:
        transformed = step.transform(X.copy() if hasattr(X, "copy") else X)
        if _must_be_tried(step, classifier.threat_model) and _mixes_rows(step, X, transformed):
            inside = ", or move it into the estimator of the classifier"
            raise UnsoundPipelineError(
                f"Step {name!r} ({type(step).__name__}) turns a row into something else when other "
                "rows are around it, so one poisoned row can change every voter and no "
                "certificate holds. Use a function of each row alone, to the last digit"
                f"{inside if _has_voters(classifier) else ''}."
            )
        X = transformed
    return classifier, X


def _filter_message(name, kind, classifier):
    ensemble = type(classifier).__name__
    mend = "Leave the filter out."
    if _has_voters(classifier):
        mend = (
            f"Leave the filter out, or move it into the classifier, {ensemble}("
            f"SanitizedClassifier(estimator, {kind}(...))), where each voter filters its own rows."
        )
    return (
        f"Filter {name!r} ({kind}) chose among all training rows, so one poisoned row can change "
        f"what every voter learns from, and the certificate of {ensemble} is void. {mend}"
    )


def _has_voters(classifier):
    """Say whether there is an estimator inside the classifier that a step could go into."""
    return hasattr(classifier, "estimator")


def _must_be_tried(step, threat_model):
    """Say whether a step may compute with all rows although its tags say that it fits nothing."""
    return threat_model != "label_flip" and not isinstance(step, _KNOWN_TO_SEE_ONE_ROW)


def _mixes_rows(step, X, transformed):
    """Try some rows alone, and all of them but one in another order."""
    n_rows = _num_samples(X)
    for row in range(min(n_rows, _N_CHECKED)):
        alone = step.transform(_safe_indexing(X, [row]))
        if not _alike(alone, _safe_indexing(transformed, [row])):
            return True
    if n_rows < 2:
        return False
    others = np.arange(n_rows)[:0:-1]
    again = step.transform(_safe_indexing(X, others))
    # to the last digit: another digit is another hash, and so another partition
    return not _alike(again, _safe_indexing(transformed, others), tolerance=0)


def _alike(first, second, tolerance=1e-6):
    if hasattr(first, "columns") and list(first.dtypes) != list(second.dtypes):
        return False  # a column's categories belong to its type
    if issparse(first) or issparse(second):
        first, second = (x.toarray() if issparse(x) else np.asarray(x) for x in (first, second))
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape:
        return False
    if first.dtype.kind in "biuf" and second.dtype.kind in "biuf":
        # the largest number sets the scale: others may be what is left of sums that cancel
        largest = np.abs(first[np.isfinite(first)]).max(initial=0)
        return np.allclose(first, second, rtol=0, atol=tolerance * largest, equal_nan=True)
    both_missing = (first != first) & (second != second)
    return bool(((first == second) | both_missing).all())
