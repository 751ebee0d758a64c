"""Fit certified classifiers, certify the test rows, and keep the numbers."""

import warnings
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from sklearn import get_config
from sklearn.pipeline import Pipeline

from .._rows import slice_rows
from ..audit import split_pipeline
from ..exceptions import CertifyWarning, FormWarning, InvalidInputError
from ..metrics import (
    certified_accuracy_curve,
    certified_accuracy_score,
    certified_attack_success_rate,
    median_certified_radius,
)
from ..pipelines import certified_radius
from ..plotting._common import certified_predictions

__all__ = [
    "Result",
    "capped",
    "check_unit",
    "choose_poison_sizes",
    "fit_and_ask",
    "fit_and_certify",
    "fit_parameters",
    "ladder_of_sizes",
    "warnings_in_words",
]

_MAX_STEPS = 8  # of a table of poison sizes, at the largest distance between two of them


@dataclass(frozen=True)
class Result:
    """What a classifier proved about the test rows.

    Attributes
    ----------
    name : str
        What the report calls it.
    estimator : estimator
        The fitted classifier, with what is around it.
    y_true, y_pred : ndarray of shape (n_test,)
        True and predicted labels.
    radii : ndarray of int64, of shape (n_test,)
        Certified radii.
    fit_seconds, certify_seconds : float
        How long it took.
    largest_radius : int
        The largest radius before poison that can change the form of the rows capped it.
    warnings : list of str
        What was warned of on the way.
    X_test : array-like of shape (n_test, ...)
        The test rows.
    row_numbers : ndarray of int64, of shape (n_test,)
        Their numbers among all rows, from 0.
    attack_target : label or None
        What attackers may want the rows to be taken for.
    targeted_radii : ndarray of int64, of shape (n_test,), or None
        Certified radii toward that label.
    """

    name: str
    estimator: object
    y_true: np.ndarray
    y_pred: np.ndarray
    radii: np.ndarray
    fit_seconds: float
    certify_seconds: float
    largest_radius: int = 0
    warnings: list = field(default_factory=list)
    X_test: object = field(default=None, repr=False)
    row_numbers: object = field(default=None, repr=False)
    attack_target: object = None
    targeted_radii: object = field(default=None, repr=False)

    @property
    def classifier(self):
        """The certified classifier itself, without what is around it."""
        return split_pipeline(self.estimator)[1]

    @property
    def right(self):
        """Whether each prediction is right."""
        return self.y_true == self.y_pred

    def accuracies(self, poison_sizes):
        """Return certified accuracy at each of the poison sizes."""
        return certified_accuracy_score(self.y_true, self.y_pred, self.radii, poison_sizes)

    def attack_success_rates(self, poison_sizes):
        """Return the most that attacks toward the label they want achieve at each poison size."""
        return certified_attack_success_rate(
            self.y_true, self.targeted_radii, poison_sizes, target=self.attack_target
        )

    def curve(self):
        """Return all poison sizes at which certified accuracy changes, and its values."""
        return certified_accuracy_curve(self.y_true, self.y_pred, self.radii)

    def median_radius(self):
        """Return the largest poison size at which half of the rows are certified correct."""
        return median_certified_radius(self.y_true, self.y_pred, self.radii)


def fit_and_certify(name, estimator, dataset, split, threat_model, step, attack_target=None):
    """Fit an estimator on the training rows and certify the test rows.

    Parameters
    ----------
    name : str
        What the report calls it.
    estimator : estimator
        The certified classifier, or a pipeline or search around one; it is fitted.
    dataset : Dataset
        Where the rows come from: what their readers decided caps every radius.
    split : Split
        The rows.
    threat_model : str
        What one unit of the report may do.
    step : Step
        Is told what is being done.
    attack_target : label, default=None
        What attackers may want the rows to be taken for.

    Returns
    -------
    Result

    Raises
    ------
    InvalidInputError
        If radii count anything else than the report does.
    Exception
        Whatever the estimator raises.
    """
    groups = {} if split.groups_train is None else fit_parameters(estimator, split.groups_train)

    def ask(X, _):
        return certified_predictions(estimator, X, name)

    (y_pred, radii, unit), told = fit_and_ask(estimator, groups, ask, dataset, split, step)
    check_unit(unit, threat_model, grouped=bool(groups))
    targeted_radii = None
    if attack_target is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the report tells of them
            targeted_radii = certified_radius(estimator, split.X_test, target=attack_target)
        targeted_radii = capped(targeted_radii, dataset.radius_limit)
    return Result(
        name,
        estimator,
        split.y_test,
        y_pred,
        capped(radii, dataset.radius_limit),
        largest_radius=int(radii.max()),
        X_test=split.X_test,
        row_numbers=split.row_numbers,
        attack_target=attack_target,
        targeted_radii=targeted_radii,
        **told,
    )


def fit_and_ask(estimator, parameters, ask, dataset, split, step):
    """Fit an estimator on the training rows, and ask it about the test rows.

    Parameters
    ----------
    estimator : estimator
        It is fitted.
    parameters : dict
        What its fit takes besides rows and labels.
    ask : callable
        Called as ``ask(X, y)`` with test rows and their labels or targets.
    dataset : Dataset
        Where the rows come from.
    split : Split
        The rows.
    step : Step
        Is told what is being done.

    Returns
    -------
    answers : object
        What `ask` returned for all test rows.
    told : dict
        ``fit_seconds``, ``certify_seconds`` and ``warnings``, as of a `Result`.
    """
    with warnings.catch_warnings(record=True) as caught:
        if dataset.limits is not None:  # what rows decide about their form is counted there
            warnings.simplefilter("ignore", FormWarning)
        start = perf_counter()
        estimator.fit(split.X_train, split.y_train, **parameters)
        fit_seconds = perf_counter() - start
        step.update("certifying")
        ask(slice_rows(split.X_test, slice(1)), split.y_test[:1])  # compiles, which must not count
        start = perf_counter()
        answers = ask(split.X_test, split.y_test)
        certify_seconds = perf_counter() - start
    return answers, {
        "fit_seconds": fit_seconds,
        "certify_seconds": certify_seconds,
        "warnings": warnings_in_words(caught),
    }


def capped(radii, limit):
    """Return radii that end where poison may change the form of the rows; inf: nowhere."""
    return radii if radii.max() <= limit else np.minimum(radii, limit)


def fit_parameters(estimator, groups):
    """Return groups under the names by which they get through pipelines to the classifier."""
    if not isinstance(estimator, Pipeline) or get_config()["enable_metadata_routing"]:
        return {"groups": groups}
    name, last = estimator.steps[-1]
    return {f"{name}__{key}": value for key, value in fit_parameters(last, groups).items()}


def check_unit(unit, threat_model, *, grouped):
    if unit["threat_model"] != threat_model:
        raise InvalidInputError(
            f"its radii are about threat_model={unit['threat_model']!r}, but the report is about "
            f"{threat_model!r}; give them the same."
        )
    if unit["grouped"] != grouped:
        raise InvalidInputError(
            "its radii count rows, but the report counts contributors: a search hands groups to "
            "its splitter alone, unless metadata routing is on and the classifier asks for them "
            "(set_fit_request(groups=True))."
        )


def warnings_in_words(caught):
    """Return each warning of the package, and of the others how many there are and the first.

    Parameters
    ----------
    caught : list of WarningMessage
        What `warnings.catch_warnings` has recorded.

    Returns
    -------
    list of str
    """
    own = [str(w.message) for w in caught if issubclass(w.category, CertifyWarning)]
    others = [str(w.message) for w in caught if not issubclass(w.category, CertifyWarning)]
    told = [f"A warning: {_first_line(text)}" for text in dict.fromkeys(own)]
    if others:
        several = f"{len(others)} warnings, the first" if len(others) > 1 else "A warning"
        told.append(f"{several}: {_first_line(others[0])}")
    return told


def _first_line(text):
    return text.strip().partition("\n")[0]


def choose_poison_sizes(results):
    """Choose a dozen poison sizes, from 0 to where every curve is 0.

    Parameters
    ----------
    results : iterable of Result
        The curves.

    Returns
    -------
    list of int
        0, 1, 2, 5, 10, ... and from some size on multiples of it.
    """
    return ladder_of_sizes(max(int(result.curve()[0][-1]) for result in results))


def ladder_of_sizes(end):
    """Return a dozen round sizes.

    Parameters
    ----------
    end : int
        The last of them, or just below it.

    Returns
    -------
    list of int
        0, 1, 2, 5, 10, ... and from some size on multiples of it.
    """
    ladder = [digit * 10**power for power in range(len(str(end)) + 1) for digit in (1, 2, 5)]
    stride = next(size for size in ladder if size * _MAX_STEPS >= end)
    multiples = range(stride, end + stride, stride)
    return [0, *(size for size in ladder if size < stride), *multiples]
