"""The form that rows have, whichever it is."""

from importlib import import_module

from ..._rows.columns import is_instance
from ...exceptions import InvalidInputError
from ._arrow_rows import ArrowRows
from ._number_rows import NumberRows
from ._object_rows import ObjectRows
from ._sparse_rows import SparseRows

__all__ = ["form_from_json", "form_of", "form_to_json"]

_PLAIN = (NumberRows, ObjectRows, SparseRows, ArrowRows)
_OF_LIBRARIES = {"pandas": "PandasRows", "polars": "PolarsRows"}


def form_of(X):
    """Return the form of rows.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Rows as `rows_of_block` returns them. Types count, and no cell.

    Returns
    -------
    NumberRows, ObjectRows, SparseRows, PandasRows, PolarsRows or ArrowRows

    Raises
    ------
    InvalidInputError
        If there is none for such rows.
    """
    if not all(X.shape[1:]):
        raise InvalidInputError(
            f"X must have rows of at least one cell, got rows of shape {X.shape[1:]}."
        )
    kinds = [_class_for(name) for name in _OF_LIBRARIES if is_instance(X, name, "DataFrame")]
    for kind in (*kinds, *_PLAIN):
        form = kind.of(X)
        if form is not None:
            return form
    raise InvalidInputError(
        f"A partitioned data set cannot keep rows in a {type(X).__name__}"
        f"{f' of {X.dtype}' if hasattr(X, 'dtype') else ''}; pass numbers, texts, a sparse matrix, "
        "or a table of pandas, polars or Arrow."
    )


def _class_for(library):
    return getattr(import_module(f"._{library}_rows", __package__), _OF_LIBRARIES[library])


def form_to_json(form):
    """Return a form as JSON."""
    return {"kind": form.kind, **form.to_json()}


def form_from_json(content):
    """Return the form that `form_to_json` was given."""
    content = dict(content)
    kind = content.pop("kind")
    if kind in _OF_LIBRARIES:
        return _class_for(kind)(**content)
    return {kind.kind: kind for kind in _PLAIN}[kind](**content)
