"""Kinds of labels: which of them can be equal at all."""

from datetime import date, timedelta
from numbers import Integral, Real
from operator import itemgetter

import numpy as np

from ..exceptions import InvalidInputError
from .missing import is_missing

__all__ = ["check_same_kind", "equal_labels", "kind_of_type"]

_KINDS = {
    "booleans": (bool, np.bool_),
    "whole numbers": (Integral,),
    "floats": (Real,),
    "texts": (str,),
    "bytes": (bytes,),
}
_WHOLE, _FRACTIONS = "whole numbers", "floats that are no whole numbers"
_COMPARED_AS = {"booleans": _WHOLE}
_KINDS_OF_TIME = {"times": (date, np.datetime64), "time spans": (timedelta, np.timedelta64)}
_KINDS_OF_ARRAYS = {  # by the letters of NumPy's types
    **dict.fromkeys("biu", _WHOLE),
    **{"U": "texts", "S": "bytes", "M": "times", "m": "time spans", "c": "complex numbers"},
}


def kind_of_type(cell_type):
    """Return the kind of the labels of a type.

    Parameters
    ----------
    cell_type : type
        Of Python or NumPy.

    Returns
    -------
    str or None
        None of what is no label.
    """
    if issubclass(cell_type, np.timedelta64):
        return None  # which NumPy counts among the whole numbers
    return next((kind for kind, of in _KINDS.items() if issubclass(cell_type, of)), None)


def check_same_kind(y, classes, names=("y", "classes_")):
    """Raise if labels are of another kind than those that they are to be compared with.

    All whole numbers are one kind, whatever type holds them, since they compare by value: 1, 1.0
    and True. Texts are another, and so are bytes, times, time spans, and floats that are no whole
    numbers. What is no label at all is of the kind of its type. A missing label is of no kind: it
    equals none, and so does a label of the same kind that is not among the others.

    Parameters
    ----------
    y : ndarray of shape (n_rows,) or list
        True labels, as `truth_of` or `column_cells` returns them.
    classes : ndarray of shape (n_classes,) or list
        The labels that there can be, or some that were predicted.
    names : (str, str), default=("y", "classes_")
        What errors call the two.

    Raises
    ------
    InvalidInputError
        Names the two kinds, and the first label of the wrong kind.

    Examples
    --------
    >>> from sklearn_certify._rows import check_same_kind
    >>> check_same_kind([1.0, True, 7], [0, 1])
    >>> check_same_kind([0, "1"], [0, 1])
    Traceback (most recent call last):
      ...
    sklearn_certify.exceptions.InvalidInputError: y holds texts (such as '1' in row 1), but ...
    """
    known = _kinds(classes)
    if not known:
        return
    name, known_name = names
    may_be_fractions = {_FRACTIONS, _WHOLE} if _FRACTIONS in known else set()
    for kind, (row, label) in _kinds(y).items():
        if kind not in known and kind not in may_be_fractions:
            known_kind, (_, known_label) = next(iter(known.items()))
            raise InvalidInputError(
                f"{name} holds {kind} (such as {label!r:.60} in row {row}), but {known_name} holds "
                f"{known_kind} (such as {known_label!r:.60}); give all labels one kind."
            )


def _kinds(labels):
    """Return the kinds of labels, each with its first row and label; missing ones have none."""
    kind = getattr(getattr(labels, "dtype", None), "kind", "O")
    if kind == "O":
        return _kinds_of_objects(labels)
    present = labels == labels
    if kind == "f":
        whole = np.isfinite(labels) & (labels == np.rint(labels))
        rows = {_WHOLE: whole, _FRACTIONS: present & ~whole}
    else:
        rows = {_KINDS_OF_ARRAYS[kind]: present}
    firsts = {kind: np.flatnonzero(which)[:1].tolist() for kind, which in rows.items()}
    return {kind: (row, labels[row].item()) for kind, first in firsts.items() for row in first}


def _kinds_of_objects(labels):
    found = {}
    for cell_type in set(map(type, labels)):
        of_type = ((row, label) for row, label in enumerate(labels) if type(label) is cell_type)
        kind = kind_of_type(cell_type)
        if kind is not None and kind != "floats":  # then one label tells all
            found.setdefault(_COMPARED_AS.get(kind, kind), []).append(next(of_type))
            continue
        for row, label in of_type:
            kind = _kind_of_rare_label(label)
            if kind is not None:
                found.setdefault(kind, []).append((row, label))
    firsts = {kind: min(those, key=itemgetter(0)) for kind, those in found.items()}
    return dict(sorted(firsts.items(), key=lambda item: item[1][0]))


def _kind_of_rare_label(label):
    if is_missing(label):
        return None
    for kind, types in _KINDS_OF_TIME.items():
        if isinstance(label, types):
            return kind
    if isinstance(label, Real):
        is_whole = label - label == 0 and label == round(label)
        return _WHOLE if is_whole else _FRACTIONS
    return f"a {type(label).__name__}"


def equal_labels(first, second):
    """Say which labels are equal; missing ones equal none.

    Parameters
    ----------
    first, second : ndarray of shape (n_rows,)
        Labels as `column_cells` returns them, of kinds that can be compared.

    Returns
    -------
    ndarray of bool, of shape (n_rows,)
    """
    if "O" not in (first.dtype.kind, second.dtype.kind):
        return first == second
    pairs = zip(first.tolist(), second.tolist(), strict=True)
    equal = (not (is_missing(a) or is_missing(b)) and a == b for a, b in pairs)
    return np.fromiter(map(bool, equal), dtype=bool, count=len(first))
