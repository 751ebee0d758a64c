"""What each classifier says of each test row."""

import warnings

import numpy as np

from ..audit import transform_queries
from ._csv import write_csv

__all__ = ["COLUMNS", "columns_of", "row_records", "votes_of_rows", "write_rows"]

_OF_VOTES = ("votes", "runner_up", "runner_up_votes", "n_votes")
COLUMNS = (
    "row",
    "label",
    "classifier",
    "prediction",
    "radius",
    *_OF_VOTES,
)


def columns_of(report):
    """Return what the records of a report have: `COLUMNS`, and what else was asked for.

    Parameters
    ----------
    report : CertificationReport
        What was found.

    Returns
    -------
    tuple of str
    """
    toward_a_label = () if report.attack_target is None else ("targeted_radius",)
    in_time = () if report.temporal is None else ("duration", "earliness")
    return (*COLUMNS, *toward_a_label, *in_time)


def row_records(report):
    """Yield what each classifier says of each test row, classifier after classifier.

    Parameters
    ----------
    report : CertificationReport
        What was found.

    Yields
    ------
    dict
        With the keys that `columns_of` returns; None where a classifier counts no votes, or nobody
        else has any, and in what the classifier says nothing of.
    """
    names = columns_of(report)
    for result in report.results.values():
        columns = {"radius": result.radii}
        if report.attack_target is not None:
            columns["targeted_radius"] = result.targeted_radii
        yield from _records(result, columns, names)
    if report.temporal is not None:  # what it counts is periods
        columns = {"duration": report.temporal.radii, "earliness": report.temporal.earliness}
        yield from _records(report.temporal, columns, names)


def _records(result, columns, names):
    columns = {
        "row": result.row_numbers,
        "label": result.y_true,
        "prediction": result.y_pred,
        **columns,
    }
    votes = votes_of_rows(result.estimator, result.X_test, result.y_pred)
    for *values, told in zip(
        *(np.asarray(column).tolist() for column in columns.values()), votes, strict=True
    ):
        known = {"classifier": result.name, **dict(zip(columns, values, strict=True))}
        known |= dict(zip(_OF_VOTES, told, strict=True))
        yield {name: known.get(name) for name in names}


def votes_of_rows(estimator, X, predictions):
    """Yield the votes for the prediction, the runner-up, its votes, and all votes, of each row.

    Parameters
    ----------
    estimator : estimator
        A fitted certified classifier, or a pipeline or search around one.
    X : array-like of shape (n_rows, ...)
        Rows.
    predictions : ndarray of shape (n_rows,)
        What it predicts for them.

    Yields
    ------
    tuple
        Nones where there are none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the report has told of them
        classifier, X = transform_queries(estimator, X)
        if not hasattr(classifier, "vote_counts"):
            yield from [(None, None, None, None)] * len(predictions)
            return
        counts = classifier.vote_counts(X)
    labels = classifier.classes_.tolist()
    index_of = {label: index for index, label in enumerate(labels)}
    for of_row, prediction in zip(counts, predictions.tolist(), strict=True):
        predicted = index_of[prediction]
        others = of_row.copy()
        others[predicted] = -1
        second = int(others.argmax())
        runner_up = (labels[second], int(others[second])) if others[second] > 0 else (None, None)
        yield int(of_row[predicted]), *runner_up, int(of_row.sum())


def write_rows(path, report):
    """Write what each classifier says of each test row to a CSV file.

    Parameters
    ----------
    path : str or Path
        Path of the file.
    report : CertificationReport
        What was found.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with open(path, "w", encoding="utf-8", newline="") as file:
        write_csv(file, columns_of(report), row_records(report))
