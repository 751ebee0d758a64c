"""Is a pipeline's certificate sound? Find the steps that saw the whole training set."""

from inspect import getattr_static
from typing import NamedTuple

from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ._compat import BaseSearchCV, _num_samples
from ._rows import is_c_ordered
from ._steps import (
    Circumstances,
    Rule,
    copied,
    find_faults,
    in_usual_order,
    is_empty,
    is_filter,
    is_frozen,
    is_pipeline,
    kind_of,
    mend,
    place_of,
    reason,
    register,
    take,
    try_step,
)
from .base import CertifiedClassifierMixin
from .base_regression import CertifiedRegressorMixin
from .exceptions import InvalidInputError, UnsoundPipelineError

__all__ = [
    "UnsoundStep",
    "find_unsound_steps",
    "register_rule",
    "split_pipeline",
    "transform_queries",
]


class UnsoundStep(NamedTuple):
    """A step of a pipeline that voids every certificate.

    Attributes
    ----------
    name : str
        Name of the step, or of the part of a composite step.
    step : estimator
        The step.
    reason : str
        What is wrong with it, in words that follow its name.
    mend : str
        What to do about it: a sentence.
    """

    name: str
    step: BaseEstimator
    reason: str
    mend: str


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
    UnsoundPipelineError
        If a subclass of a pipeline or search has methods of its own.
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
    while not isinstance(estimator, (CertifiedClassifierMixin, CertifiedRegressorMixin)):
        if is_pipeline(estimator):
            steps += [(name, step) for name, step in estimator.steps[:-1] if not is_empty(step)]
            estimator = estimator.steps[-1][1]
        elif is_frozen(estimator):
            estimator = estimator.estimator
        elif _is_search(estimator):
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
        elif isinstance(estimator, (Pipeline, FrozenEstimator, BaseSearchCV)):
            raise UnsoundPipelineError(
                f"{type(estimator).__name__} has methods of its own, which may do anything to the "
                "rows, so no certificate holds. Use the class of scikit-learn that it derives from."
            )
        else:
            raise InvalidInputError(
                f"{type(estimator).__name__} gives no certificates; pass a certified classifier "
                "such as DPAClassifier, or a Pipeline or search object that ends in one."
            )
    return steps, estimator


def _is_search(estimator):
    """Say whether an estimator hands rows to its best candidate as they are."""
    return isinstance(estimator, BaseSearchCV) and (
        getattr_static(estimator, "predict") is getattr_static(BaseSearchCV, "predict")
    )


def find_unsound_steps(estimator, X=None):
    """List the steps before a certified classifier that void its certificates.

    A scaler in front of the classifier sees all rows: one poisoned row shifts every voter's
    rows, and no certificate holds. Nor does one behind a filter of training rows, since one row
    can decide which others stay. Sound are steps that learn nothing from rows and treat each of
    them alone to the last bit, those that were fitted on data which the attacker cannot touch
    (`FrozenEstimator`) and treat each row alone, and, against ``threat_model="label_flip"``,
    steps that look at the features alone and draw nothing without a seed.

    What is known about kinds of steps is kept as rules (`register_rule`); composites are taken
    apart. Steps of an unknown kind that are frozen, or that say that they learn nothing (tag
    ``requires_fit=False``), are not listed unless X is given: they are tried as soon as there are
    rows, by `transform_queries` and so by all functions that give certificates.

    Parameters
    ----------
    estimator : estimator
        A certified classifier, or a `Pipeline` or fitted search object around one.
    X : array-like of shape (n_samples, n_features), default=None
        Query rows, to try steps on whose kind does not tell; `estimator` must be fitted then.

    Returns
    -------
    list of UnsoundStep
        Empty if certificates hold, as far as the kinds of steps and the trials tell.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import Normalizer, StandardScaler
    >>> from sklearn_certify import CertifiedKNN
    >>> from sklearn_certify.audit import find_unsound_steps
    >>> (unsound,) = find_unsound_steps(
    ...     make_pipeline(StandardScaler(), Normalizer(), CertifiedKNN())
    ... )
    >>> unsound.name
    'standardscaler'
    >>> unsound.mend
    'Fit it on trusted data and wrap it in sklearn.frozen.FrozenEstimator.'
    """
    steps, classifier = split_pipeline(estimator)
    place, circumstances = place_of(classifier), _circumstances(classifier)
    found = _find_faults(steps, circumstances)
    if X is not None and steps and _num_samples(X):
        known = {finding.name for finding in found}
        found += [
            finding
            for finding in _faults_in_trials(steps, classifier, X, circumstances)
            if finding.name not in known
        ]
    return [
        UnsoundStep(
            finding.name,
            finding.step,
            reason(finding, place, circumstances.threat_model),
            mend(finding, place),
        )
        for finding in found
    ]


def register_rule(step_type, *, learns="features", alone=None, draws=False, why=None, mend=None):
    """Say what is known about a kind of step, so that it need not be refused or tried.

    The rule holds for instances of the type, and of its subclasses that change no method. It is
    believed: whoever adds one vouches for it.

    Parameters
    ----------
    step_type : type
        The type of the steps.
    learns : {"nothing", "features", "labels"} or callable, default="features"
        What ``fit`` looks at, besides the number, names and types of the columns. A function is
        called with the step and returns one of the three.
    alone : bool, None or callable, default=None
        Whether ``transform`` treats each row alone, to the last bit, whatever rows are around it:
        so do functions cell by cell and choices of columns, while most matrix products do not.
        None: it is tried whenever certificates are asked for. A function is called with the step.
    draws : bool or callable, default=False
        Whether ``fit`` draws at random without a fixed seed. A function is called with the step
        and the number of training rows, None if that is not known.
    why : str, default=None
        Why other rows matter if `alone` is False: words that follow "Step 'name' ".
    mend : str, default=None
        What a user could do to make the step sound.

    Raises
    ------
    InvalidInputError
        If `step_type` is no type, or `learns` is none of the three.

    Examples
    --------
    >>> from sklearn.base import BaseEstimator, TransformerMixin
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_certify import CertifiedKNN
    >>> from sklearn_certify.audit import find_unsound_steps, register_rule
    >>> class Halve(TransformerMixin, BaseEstimator):
    ...     def fit(self, X, y=None):
    ...         return self
    ...
    ...     def transform(self, X):
    ...         return X / 2
    >>> model = make_pipeline(Halve(), CertifiedKNN())
    >>> [step.name for step in find_unsound_steps(model)]
    ['halve']
    >>> register_rule(Halve, learns="nothing", alone=True)
    >>> find_unsound_steps(model)
    []
    """
    mend = None if mend is None else mend.rstrip(".")
    register(step_type, Rule(learns=learns, alone=alone, draws=draws, why=why, mend=mend))


def transform_queries(estimator, X):
    """Check a pipeline and bring query rows to its certified classifier.

    Steps whose kind does not tell whether they treat each row alone are tried: on the query rows
    and on rows made from them (rescaled, negative, zero, with gaps, of other types), in batches of
    several sizes, in which each row must come out as it does alone, to the last bit.

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
        If a step voids the certificates; the message names it and the mend.
    """
    steps, classifier = split_pipeline(estimator)
    circumstances = _circumstances(classifier)
    for finding in _find_faults(steps, circumstances):
        raise _refusal(finding, classifier)
    if steps and _num_samples(X) and not _lay_as_usual(steps, classifier, X):
        circumstances = circumstances._replace(lay_as_usual=False)
        for finding in _find_faults(steps, circumstances):
            raise _refusal(finding, classifier)
    for name, step in steps:
        finding = try_step(name, step, X, circumstances)
        if finding is not None:
            raise _refusal(finding, classifier)
        X = step.transform(copied(X))
    return classifier, X


def _find_faults(steps, circumstances):
    return [finding for name, step in steps for finding in find_faults(name, step, circumstances)]


def _faults_in_trials(steps, classifier, X, circumstances):
    """Yield what trials find against steps; filters stay out of the way of queries."""
    steps = [(name, step) for name, step in steps if not is_filter(step)]
    if not _lay_as_usual(steps, classifier, X):
        circumstances = circumstances._replace(lay_as_usual=False)
        yield from _find_faults(steps, circumstances)
    for name, step in steps:
        finding = try_step(name, step, X, circumstances)
        if finding is not None:
            yield finding
        X = step.transform(copied(X))


def _refusal(finding, classifier):
    place = place_of(classifier)
    kind = "Filter" if is_filter(finding.step) else "Step"
    return UnsoundPipelineError(
        f"{kind} {finding.name!r} ({kind_of(finding)}) "
        f"{reason(finding, place, classifier.threat_model)}. {mend(finding, place)}"
    )


def _circumstances(classifier):
    return Circumstances(
        classifier.threat_model,
        n_rows=_number_of_training_rows(classifier),
    )


def _lay_as_usual(steps, classifier, X):
    """Say whether training rows came from the steps in the order in which rows usually lie.

    Cells of arrays usually lie row by row, those of tables column by column. Who adds a row to
    others may change that.
    """
    rows = in_usual_order(take(X, [0, 0]))
    for _, step in steps:
        rows = step.transform(rows)
    form = getattr(classifier, "_row_form", None)  # which not every classifier keeps
    return is_c_ordered(rows) == (form is None or form.c_ordered)


def _number_of_training_rows(classifier):
    """Return how many rows a classifier was fitted on, None if it does not tell."""
    if not (hasattr(classifier, "classes_") or hasattr(classifier, "_parameters_of_fit")):
        return 0
    if hasattr(classifier, "partition_"):
        return len(classifier.partition_)
    if hasattr(classifier, "n_units_") and classifier.poison_unit_ == "row":
        return classifier.n_units_
    return getattr(classifier, "n_samples_fit_", None)
