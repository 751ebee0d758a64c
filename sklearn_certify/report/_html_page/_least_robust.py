"""The test rows whose predictions fall first, with what is in them."""

import base64
import io
from dataclasses import dataclass, field

import numpy as np

from ..._rows import take_rows
from ..._rows.tables import is_table

__all__ = ["ShownRow", "least_robust_rows"]

_MOST_ROWS = 12
_MOST_CELLS = 12
_MOST_CHARACTERS = 60
_MOST_CHARACTERS_OF_TEXT = 240


@dataclass(frozen=True)
class ShownRow:
    """A test row, and what classifiers prove about it.

    Attributes
    ----------
    number : int
        Where it stood among all rows, from 0 on.
    label, prediction : str
        Its true label, or target, and what is predicted.
    radii : list of str
        The radius under each estimator, or what it predicts if that is wrong.
    cells : list of (str, str)
        Names and contents of the first cells.
    n_more : int
        How many more cells there are.
    text : str or None
        The row, if it is one text.
    image : str or None
        The row as a PNG in a data URI, if it is an image.
    """

    number: int
    label: str
    prediction: str
    radii: list
    cells: list = field(default_factory=list)
    n_more: int = 0
    text: str | None = None
    image: str | None = None


def least_robust_rows(report, name, *, tell=None, first=None):
    """Return the rows that an estimator predicts right with the smallest radii.

    Parameters
    ----------
    report : CertificationReport or RegressionReport
        A report with its material.
    name : str
        The name of a result.
    tell : callable, default=None
        Returns a label or a target as text; None: as cells are told.
    first : array-like of float, of shape (n_test,), default=None
        Of rows with equal radii those with smaller values come first.

    Returns
    -------
    list of ShownRow
        A dozen, the least robust first.
    """
    result, split, dataset = report.results[name], report.material.split, report.material.dataset
    tell = _cell if tell is None else tell
    right = np.flatnonzero(result.right)
    first = np.zeros(len(result.radii)) if first is None else np.asarray(first)
    rows = right[np.lexsort((first[right], result.radii[right]))][:_MOST_ROWS]
    draw = _image_writer(split.X_test, dataset.image_shape)
    return [
        ShownRow(
            int(split.row_numbers[row]),
            tell(result.y_true[row]),
            tell(result.y_pred[row]),
            [_radius(other, row, tell) for other in report.results.values()],
            **_content(take_rows(split.X_test, np.array([row])), dataset, draw),
        )
        for row in rows
    ]


def _radius(result, row, tell):
    if not result.right[row]:
        return f"predicts {tell(result.y_pred[row])}"
    return "abstains" if result.radii[row] < 0 else str(result.radii[row])


def _content(row, dataset, draw):
    """Return the image, the text or the cells of a single row."""
    if draw is not None:
        return {"image": draw(row)}
    if len(row.shape) == 1:
        return {"text": _shortened(str(row[0]), _MOST_CHARACTERS_OF_TEXT)}
    values, n_features = _first_cells(row)
    names = dataset.feature_names or [f"feature {place}" for place in range(len(values))]
    cells = [(str(name), _cell(value)) for name, value in zip(names, values, strict=False)]
    return {"cells": cells, "n_more": n_features - len(cells)}


def _first_cells(row):
    if is_table(row):
        values = np.asarray(row, dtype=object).ravel()
    else:
        values = row.toarray().ravel() if hasattr(row, "toarray") else np.ravel(row)
    return values[:_MOST_CELLS].tolist(), len(values)


def _cell(value):
    if isinstance(value, (float, np.floating)):
        return "missing" if np.isnan(value) else f"{value:.6g}"
    if value is None or str(value) in ("", "<NA>", "NaT"):
        return "missing"
    return _shortened(str(value), _MOST_CHARACTERS)


def _shortened(text, most):
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _image_writer(X, shape):
    """Return a function that makes a PNG of a row, None where rows are no images."""
    if shape is None or X.dtype.kind not in "biuf":
        return None
    from matplotlib.image import imsave

    finite = X[np.isfinite(X)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)

    def draw(row):
        pixels = np.nan_to_num(np.asarray(row[0], dtype=float).reshape(shape), nan=low)
        pixels = np.clip((pixels - low) / ((high - low) or 1.0), 0, 1)
        if pixels.ndim == 3 and pixels.shape[2] == 1:
            pixels = pixels[:, :, 0]
        file = io.BytesIO()
        imsave(file, pixels, format="png", cmap="gray", vmin=0, vmax=1)
        return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")

    return draw
