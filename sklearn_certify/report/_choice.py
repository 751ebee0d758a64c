"""What a report compares: the package's classifiers by name, and estimators as they are."""

import importlib
import inspect
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from scipy.sparse import issparse
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from .._compat import BaseSearchCV
from ..audit import split_pipeline
from ..base import CertifiedClassifierMixin
from ..base_regression import CertifiedRegressorMixin
from ..exceptions import InvalidInputError
from ..threat import find_threat_model

__all__ = [
    "certified_classifiers",
    "certified_part",
    "certified_regressors",
    "choose",
    "common_threat_model",
    "leave_out_unfit",
]

_ALIASES = {"fa": "finite-aggregation"}


def certified_classifiers():
    """Return the public classifiers of the package whose certificates count rows, by short name.

    Returns
    -------
    dict of str to class
        Such as ``{"dpa": DPAClassifier}``.
    """
    return _exported(CertifiedClassifierMixin)


def certified_regressors():
    """Return the public regressors of the package whose certificates count rows, by short name.

    Returns
    -------
    dict of str to class
        Such as ``{"dpa": DPARegressor}``.
    """
    return _exported(CertifiedRegressorMixin)


def _exported(mixin):
    package = importlib.import_module(__name__.partition(".")[0])
    exported = [getattr(package, name) for name in package.__all__]
    return {
        _short_name(item): item
        for item in exported
        if inspect.isclass(item)
        and issubclass(item, mixin)
        and "threat_model" in inspect.signature(item).parameters  # else it counts no rows
    }


def _short_name(classifier_class):
    name = re.sub("Certified|Classifier|Regressor", "", classifier_class.__name__)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def choose(estimators, *, regression=False):
    """Return what was asked for: a class for each name, and estimators as they are.

    Parameters
    ----------
    estimators : str, estimator, sequence of them or of (name, estimator), dict, or None
        Short names, class names, "all"; certified classifiers, and pipelines and searches that
        end in one. None stands for "all".
    regression : bool, default=False
        Whether it is regressors that are chosen.

    Returns
    -------
    dict of str to class or estimator
        By name: those asked for by name in the package's order, then the others.

    Raises
    ------
    InvalidInputError
        If there is no such classifier, an estimator gives no certificates or those of the other
        kind, or two have one name.
    """
    if estimators is None:
        estimators = "all"
    if isinstance(estimators, str) or hasattr(estimators, "fit"):
        estimators = [estimators]
    if not isinstance(estimators, Iterable):
        raise InvalidInputError(
            f"estimators must be a name, a certified classifier, or several of them, got "
            f"{estimators!r}."
        )
    items = list(estimators.items() if isinstance(estimators, Mapping) else estimators)
    known = certified_regressors() if regression else certified_classifiers()
    chosen = _find([item for item in items if isinstance(item, str)], known, regression)
    for name, estimator in _with_names([item for item in items if not isinstance(item, str)]):
        if name in chosen:
            raise InvalidInputError(f"Two estimators are called {name!r}; name them apart.")
        _check_kind(name, estimator, regression)
        chosen[name] = estimator
    if not chosen:
        raise InvalidInputError("There is no estimator to report on; None stands for all.")
    return chosen


def _check_kind(name, estimator, regression):
    is_regressor = isinstance(certified_part(estimator), CertifiedRegressorMixin)
    if is_regressor and not regression:
        raise InvalidInputError(
            f"{name} is a regressor, and a report on regressors needs tolerance=: how far a "
            "prediction may be from the truth."
        )
    if regression and not is_regressor:
        raise InvalidInputError(
            f"{name} is a classifier, but tolerance= makes a report on regressors; leave it out."
        )


def _find(names, known, regression):
    """Return the known classes that go by these names."""
    by_any_name = {name: name for name in known}
    by_any_name |= {item.__name__.lower(): name for name, item in known.items()}
    by_any_name |= {alias: name for alias, name in _ALIASES.items() if name in known}
    found = set()
    for name in names:
        if name == "all":
            found.update(known)
        elif name.lower() in by_any_name:
            found.add(by_any_name[name.lower()])
        else:
            raise InvalidInputError(
                f"There is no certified {'regressor' if regression else 'classifier'} {name!r}; "
                f"there are {', '.join(known)} and all."
            )
    return {name: item for name, item in known.items() if name in found}


def _with_names(items):
    """Yield estimators with their names, made of those of their classes where they have none."""
    pairs = [item if isinstance(item, tuple) and len(item) == 2 else (None, item) for item in items]
    own_names = [_short_name(type(certified_part(estimator))) for _, estimator in pairs]
    unnamed = [own for (name, _), own in zip(pairs, own_names, strict=True) if name is None]
    seen = Counter()
    for (name, estimator), own in zip(pairs, own_names, strict=True):
        if name is None:
            seen[own] += 1
            name = f"{own}-{seen[own]}" if unnamed.count(own) > 1 else own
        yield str(name), estimator


def certified_part(estimator):
    """Return the certified part at the end of an estimator that need not be fitted.

    Parameters
    ----------
    estimator : estimator
        A certified classifier, or a pipeline or search around one.

    Returns
    -------
    CertifiedClassifierMixin or CertifiedRegressorMixin

    Raises
    ------
    InvalidInputError
        If there is none, or it cannot be fitted.
    """
    if isinstance(estimator, str):
        raise InvalidInputError(
            f"{estimator!r} is a name, and has no other; list it without one, or pass an estimator."
        )
    if inspect.isclass(estimator):
        name = estimator.__name__
        raise InvalidInputError(f"{name} is a class; pass an estimator, such as {name}().")
    if isinstance(estimator, FrozenEstimator):
        raise InvalidInputError(
            "A FrozenEstimator is never fitted again, and a report fits what it compares on "
            "training rows of its own; pass the estimator inside."
        )
    if isinstance(estimator, Pipeline):
        return certified_part(estimator.steps[-1][1])
    if isinstance(estimator, BaseSearchCV) and not hasattr(estimator, "best_estimator_"):
        return certified_part(estimator.estimator)
    return split_pipeline(estimator)[1]


def common_threat_model(chosen, threat_model=None):
    """Return the threat model whose units a report counts.

    Parameters
    ----------
    chosen : dict of str to class or estimator
        What the report is on.
    threat_model : str, default=None
        What was asked for; None for that of the estimators, else "insert_delete".

    Returns
    -------
    str

    Raises
    ------
    InvalidInputError
        If an estimator counts other units.
    """
    asked = {} if threat_model is None else {"the report": threat_model}
    asked |= {
        name: certified_part(item).threat_model
        for name, item in chosen.items()
        if not inspect.isclass(item)
    }
    in_time = [name for name, model in asked.items() if model == "temporal"]
    if in_time:
        raise InvalidInputError(
            f"{in_time[0]} counts periods, where a report counts rows; leave it out and give the "
            "periods of the rows, and the report has temporal aggregation in a table of its own."
        )
    models = {name: find_threat_model(threat_model) for name, threat_model in asked.items()}
    first = next(iter(models.items()), (None, find_threat_model("insert_delete")))
    for name, model in models.items():
        if model != first[1]:
            raise InvalidInputError(
                f"A report is on one threat model, but {first[0]} has {first[1].name!r} and "
                f"{name} has {model.name!r}; give them the same."
            )
    return first[1].name


def leave_out_unfit(chosen, dataset, transformer=None):
    """Leave out the classifiers that cannot deal with the rows.

    Those that compare rows themselves take numbers only; those with a base estimator leave text
    and missing cells to it. Where contributors are the units of poison, a classifier has to take
    them.

    Parameters
    ----------
    chosen : dict of str to class or estimator
        By name.
    dataset : Dataset
        The rows.
    transformer : transformer, default=None
        What rows go through before they are compared.

    Returns
    -------
    fit : dict of str to class or estimator
    unfit : dict of str to str
        Why the others are left out, in words that follow their names.

    Raises
    ------
    InvalidInputError
        If none is left.
    """
    unfit = {}
    for name, item in chosen.items():
        by_name = inspect.isclass(item)
        classifier_class = item if by_name else type(certified_part(item))
        if dataset.groups is not None and not _has(classifier_class.fit, "groups"):
            unfit[name] = "counts poisoned rows, not contributors."
        elif (
            by_name
            and transformer is None
            and not _has(classifier_class, "estimator")
            and not dataset.only_numbers
        ):
            what = "numbers only, without missing cells"
            if issparse(dataset.X) or len(dataset.X.shape) != 2:
                what = "rows of a dense table of numbers only"
            unfit[name] = f"compares rows by distance, which takes {what}."
    if len(unfit) == len(chosen):
        raise InvalidInputError(" ".join(next(iter(unfit.items()))))
    return {name: item for name, item in chosen.items() if name not in unfit}, unfit


def _has(function, parameter):
    return parameter in inspect.signature(function).parameters
