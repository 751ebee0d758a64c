"""A saved model, and rows that are read as those were that it was fitted on."""

import warnings
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from .._rows import data_frame
from ..audit import split_pipeline
from ..base_regression import CertifiedRegressorMixin
from ..exceptions import FormWarning, InvalidInputError
from ..persistence._model_file import read_model
from ..report._results import warnings_in_words
from ..report._words import counted
from ..threat import find_threat_model
from ._scheme import Scheme, read_with
from .tables import NumberStyle, as_text, read_numbers, spelled_as

__all__ = ["Rows", "SavedModel", "certifying", "open_model"]

# Arguments that say how the cells of a file are written: attributes of `Scheme`.
_FORM = ("missing", "decimal", "thousands", "encoding", "delimiter", "header")


@dataclass
class Rows:
    """Rows as a model takes them.

    Attributes
    ----------
    X : ndarray or DataFrame of shape (n_rows, n_features)
        Features.
    y : ndarray of shape (n_rows,) or None
        Labels, "" where there is none, or targets, NaN where there is none; None: the table has
        no such column.
    groups : ndarray of shape (n_rows,) or None
        Contributors, where the table has their column.
    notes : list of str
        What a reader has to know.
    """

    X: object
    y: np.ndarray | None
    groups: np.ndarray | None
    notes: list


@dataclass
class SavedModel:
    """A fitted estimator with how the table was read that it was fitted on.

    Attributes
    ----------
    path : str
        The file.
    estimator : estimator
        Fitted.
    classifier : CertifiedClassifierMixin or CertifiedRegressorMixin
        The certified classifier or regressor in it.
    scheme : Scheme or None
        None: the model was saved by other means than ``report``, or learned from digits.
    """

    path: str
    estimator: object
    classifier: object
    scheme: Scheme | None

    @property
    def words(self):
        """What one unit of poison is, in words."""
        return find_threat_model(self.classifier.threat_model, of_a_classifier=True).words(
            grouped=getattr(self.classifier, "poison_unit_", "row") == "group"
        )

    @property
    def predicts_numbers(self):
        """Whether it is a regressor."""
        return isinstance(self.classifier, CertifiedRegressorMixin)

    def read(self, arguments):
        """Return the rows of the file that the arguments name.

        Parameters
        ----------
        arguments : Namespace
            `file`, and what is said of how it is written.

        Returns
        -------
        Rows

        Raises
        ------
        InvalidInputError
            If the file cannot be read, or has other columns.
        """
        given = {name: getattr(arguments, name) for name in _FORM}
        given["target"] = arguments.target
        said = {name for name, value in given.items() if value not in (None, [])}
        scheme = (self.scheme or Scheme([])).told(given)
        table = scheme.table(arguments.file, said)
        if self.scheme is None:
            scheme = _without_notes(self.classifier, self.estimator, table, scheme, arguments)
        X, notes = read_with(scheme, table, arguments.file)
        names = getattr(self.estimator, "feature_names_in_", None)
        if self.scheme is None and names is not None:
            X = data_frame(dict(zip(names.tolist(), X.T, strict=True)))
        y = None
        if scheme.target is not None and (
            arguments.target is not None or scheme.target in table.names
        ):
            cells = table.columns[table.position(scheme.target)]
            if self.predicts_numbers:
                numbers = read_numbers(cells, NumberStyle(scheme.decimal, scheme.thousands))
                y = numbers.with_comma if scheme.decimal == "," else numbers.with_point
            else:
                y = _labels(cells, self.classifier.classes_)
        groups = None
        if scheme.groups in table.names:
            cells = table.columns[table.names.index(scheme.groups)]
            groups = np.array(list(map(as_text, cells)), dtype=object)
        return Rows(X, y, groups, notes)


def open_model(arguments, telling):
    """Read the model that the arguments name.

    Parameters
    ----------
    arguments : Namespace
        `model`, `trust` and `trust_pickle`.
    telling : Telling
        Is told what was warned of.

    Returns
    -------
    SavedModel

    Raises
    ------
    UntrustedModelError
        If it holds what nobody has vouched for.
    InvalidInputError
        If it cannot be read, or gives no certificates.
    """
    path = arguments.model
    try:
        with warnings.catch_warnings(record=True) as caught:
            model = read_model(
                path,
                trusted=arguments.trust,
                trust_pickle=arguments.trust_pickle,
                options=(lambda names: f"--trust {','.join(names)}", "--trust-pickle"),
            )
    except OSError as error:
        raise InvalidInputError(f"Cannot read {path}: {error.strerror or error}.") from error
    for text in warnings_in_words(caught):
        telling.note(text)
    table = (model.notes or {}).get("table")
    scheme = None if table is None else Scheme.from_json(table, path)
    return SavedModel(path, model.estimator, split_pipeline(model.estimator)[1], scheme)


def _labels(cells, classes):
    """Return labels of the kind of the classes; what cannot be of that kind stays text."""
    if classes.dtype.kind in "OUS":
        return np.array(spelled_as(cells, set(classes.tolist())), dtype=object)
    by_text = {as_text(label): label for label in classes.tolist()}
    texts = spelled_as(cells, by_text.keys())
    return np.array([by_text.get(text, text) for text in texts], dtype=object)


def _without_notes(classifier, estimator, table, scheme, arguments):
    """Return how to read rows for a model that does not say: as numbers, in the order they have."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        apart = {table.position(name) for name in arguments.drop}
        if scheme.target is not None:
            apart.add(table.position(scheme.target))
        positions = [place for place in range(len(table.names)) if place not in apart]
        names = [table.names[place] for place in positions if place not in table.left_out]
        wanted = getattr(estimator, "n_features_in_", len(names))
        if len(names) != wanted:
            raise InvalidInputError(
                f"{arguments.file} has {counted(len(names), 'column')} besides those left out, but "
                f"the model takes {counted(wanted, 'feature')}; --target and --drop leave columns "
                "out."
            )
    features = [(str(name), "number") for name in names]
    return Scheme(**{**vars(scheme), "features": features})


@contextmanager
def certifying(telling):
    """Tell that rows are certified in the block, and afterwards what was warned of."""
    with telling.step("Rows") as step, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore", FormWarning)  # the model knows the form
        step.update("certifying")
        yield
    for text in warnings_in_words(caught):
        telling.note(text)
