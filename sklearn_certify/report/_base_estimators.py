"""The base estimator of a report, from what was typed on the command line."""

import ast
import importlib
import inspect
import re

from sklearn.base import BaseEstimator, is_classifier, is_regressor
from sklearn.compose import ColumnTransformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import HuberRegressor, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from ..exceptions import InvalidInputError
from ..learners import StackedNearestCentroid, StackedRidgeClassifier

__all__ = ["BASE_ESTIMATORS", "BASE_REGRESSORS", "describe", "for_dataset", "parse_base_estimator"]

BASE_ESTIMATORS = {
    "logistic": LogisticRegression(max_iter=1000),
    "ridge": StackedRidgeClassifier(),
    "discriminant": LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
    "naive-bayes": GaussianNB(),
    "nearest-centroid": StackedNearestCentroid(),
    "svm": SVC(),
    "tree": DecisionTreeClassifier(),
    "forest": RandomForestClassifier(),
    "extra-trees": ExtraTreesClassifier(),
}
BASE_REGRESSORS = {
    "ridge": Ridge(),
    "huber": HuberRegressor(max_iter=1000),
    "tree": DecisionTreeRegressor(),
    "forest": RandomForestRegressor(),
    "extra-trees": ExtraTreesRegressor(),
}


def parse_base_estimator(text, *, regression=False):
    """Return the classifier, or the regressor, that a text names.

    Parameters
    ----------
    text : str
        A key of `BASE_ESTIMATORS`, or the dotted path of a class, with keyword arguments in
        parentheses if need be: ``sklearn.tree.DecisionTreeClassifier(max_depth=3)``. Arguments
        are literals; nothing is evaluated.
    regression : bool, default=False
        Whether it is a regressor, and `BASE_REGRESSORS` are what has a name.

    Returns
    -------
    estimator

    Raises
    ------
    InvalidInputError
        If the text names none.
    """
    named = BASE_REGRESSORS if regression else BASE_ESTIMATORS
    kind, example = ("regressor", "Regressor") if regression else ("classifier", "Classifier")
    if text in named:
        return named[text]
    path, arguments = _parse_call(text)
    module_name, _, class_name = path.rpartition(".")
    if not module_name:
        raise InvalidInputError(
            f"There is no base estimator {text!r}; there are {', '.join(named)}, "
            f"and classes by their dotted path, such as sklearn.tree.DecisionTree{example}."
        )
    try:
        estimator_class = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError) as error:
        raise InvalidInputError(f"Cannot import {path}: {error}.") from error
    # what is no estimator must not even be called
    if not (inspect.isclass(estimator_class) and issubclass(estimator_class, BaseEstimator)):
        raise InvalidInputError(f"{path} is no scikit-learn {kind}.")
    try:
        estimator = estimator_class(**arguments)
    except TypeError as error:
        raise InvalidInputError(f"Cannot make {text}: {error}.") from error
    if not (is_regressor if regression else is_classifier)(estimator):
        raise InvalidInputError(f"{path} is no scikit-learn {kind}.")
    return estimator


def _parse_call(text):
    """Return the dotted path and the keyword arguments of a class with literal arguments."""
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        node = None
    arguments = {}
    if isinstance(node, ast.Call):
        if node.args or any(keyword.arg is None for keyword in node.keywords):
            raise InvalidInputError(f"Arguments in {text} need names: name=value.")
        for keyword in node.keywords:
            try:
                arguments[keyword.arg] = ast.literal_eval(keyword.value)
            except ValueError:
                raise InvalidInputError(
                    f"The value of {keyword.arg} in {text} must be a number, a string, True, "
                    "False, None, or a list, tuple or dict of them."
                ) from None
    path = text.partition("(")[0].strip()
    # a name such as naive-bays is no path, yet deserves to be told what names there are
    if not re.fullmatch(r"[\w-]+|\w+(\.\w+)+", path) or (node is None and "." in path):
        raise InvalidInputError(f"Cannot read {text!r} as a class and its arguments.")
    return path, arguments


def for_dataset(estimator, dataset):
    """Put what a table needs before an estimator, for every voter to fit on its own rows.

    Missing numbers become the median and numbers are scaled; texts become one column per value.
    What is done depends on the types of the columns alone, so that no single cell changes it.

    Parameters
    ----------
    estimator : classifier
        The base estimator.
    dataset : Dataset
        The rows.

    Returns
    -------
    classifier
    """
    if not dataset.is_table:
        return estimator
    numbers = make_pipeline(
        # keep_empty_features: a voter may meet a column without a single number
        SimpleImputer(strategy="median", keep_empty_features=True),
        StandardScaler(),
    )
    if not dataset.text_columns:
        return make_pipeline(*(step for _, step in numbers.steps), estimator)
    texts = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = range(dataset.X.shape[1])
    number_columns = [column for column in columns if column not in dataset.text_columns]
    by_kind = ColumnTransformer(
        [("numbers", numbers, number_columns), ("texts", texts, dataset.text_columns)]
    )
    return make_pipeline(by_kind, estimator)


def describe(estimator, dataset):
    """Return the base estimator in one line, with what `for_dataset` puts before it."""
    text = " ".join(repr(estimator).split())
    if not dataset.is_table:
        return text
    steps = "numbers imputed and scaled"
    if dataset.text_columns:
        steps += ", text one-hot"
    return f"{text}; {steps}, within each voter"
