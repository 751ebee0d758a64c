"""Read labels: told apart as they are written."""

import re

import numpy as np

from ...exceptions import InvalidInputError
from ._cells import WORDS_FOR_MISSING, as_text
from ._numbers import NumberStyle, read_numbers
from ._votes import Limit, Vote, count_votes

__all__ = ["read_labels", "spelled_as"]

_WHOLE_NUMBER = re.compile(r"\+?(-?(?:0|[1-9][0-9]*))(?:\.0*)?")
# at most a twentieth of the labels of a column of numbers are none
_FOR_NUMBERS = (1, -19, 1)


def read_labels(cells, name, fixed_kind=None, contributors=None, threat_model="insert_delete"):
    """Return each label as text.

    1 and 1.0 are one label where labels are numbers, and two elsewhere; 7 and 007 always are two.

    Parameters
    ----------
    cells : list
        The column with the labels, none of them missing.
    name : str
        Its name.
    fixed_kind : {"number", "text"}, default=None
        Whether labels are numbers; None leaves it to them.
    contributors : ndarray of int, default=None
        Numbers of the rows' contributors, where they are the units of poison.
    threat_model : str, default="insert_delete"
        What one unit of poison may do.

    Returns
    -------
    y : ndarray of object of shape (n_rows,)
        Texts.
    notes : list of str
        What a reader has to know.
    limits : list of Limit
        What the rows decided.

    Raises
    ------
    InvalidInputError
        If the labels are a quantity, all the same, or nearly all different.
    """
    texts = list(map(as_text, cells))
    found = {text: _WHOLE_NUMBER.fullmatch(text) for text in set(texts)}
    # whole numbers in their shortest spelling
    whole = {text: "0" if match[1] == "-0" else match[1] for text, match in found.items() if match}
    notes, limits = [], []
    respelled = sorted(text for text in whole if whole[text] != text)
    kind = fixed_kind
    if kind is None and respelled:
        votes = np.array([1 if text in whole else -1 for text in texts])
        vote = Vote(_FOR_NUMBERS, count_votes(votes, contributors), by_labels=True)
        kind = "number" if vote.carried else "text"
        limits.append(
            Limit(vote.margin(threat_model), f"labels are {kind}s", "--columns", f"{name}={kind}")
        )
        notes += _on_spellings(respelled, whole, kind, name)
    if kind == "number":
        texts = [whole.get(text, text) for text in texts]
    y = np.array(texts, dtype=object)
    _check_labels(texts, name)
    for text in sorted(set(texts)):
        if text.lower() in WORDS_FOR_MISSING:
            n_rows = texts.count(text)
            have, them = ("rows have", "them") if n_rows > 1 else ("row has", "it")
            notes.append(f"{n_rows} {have} the label {text!r}; --missing {text} leaves {them} out.")
    return y, notes, limits


def spelled_as(cells, classes):
    """Return each label as text, a whole number as one of the classes is spelled if one is.

    Parameters
    ----------
    cells : list
        A column with labels.
    classes : collection of str
        Labels that are known.

    Returns
    -------
    list of str

    Examples
    --------
    >>> from sklearn_certify.cli.tables import spelled_as
    >>> spelled_as(["1.0", 2, "007", "new"], {"1", "2", "7"})
    ['1', '2', '007', 'new']
    """
    texts = list(map(as_text, cells))
    found = {text: _WHOLE_NUMBER.fullmatch(text) for text in set(texts).difference(classes)}
    spelling = {text: match[1] for text, match in found.items() if match and match[1] in classes}
    return [spelling.get(text, text) for text in texts]


def _on_spellings(respelled, whole, kind, name):
    """Say whether two spellings of a number are one label, by the first example."""
    for text in respelled:
        others = [other for other in whole if other != text and whole[other] == whole[text]]
        if others:
            both = f"Labels {min(others)!r} and {text!r} are"
            if kind == "number":
                return [f"{both} one label; --columns {name}=text tells them apart."]
            return [f"{both} two labels; --columns {name}=number makes them one."]
    return []


def _check_labels(texts, name):
    labels = set(texts)
    values = read_numbers(sorted(labels), NumberStyle()).with_point
    fractions = {
        label
        for label, value in zip(sorted(labels), values.tolist(), strict=True)
        if value != np.round(value) and value == value
    }
    if 2 * sum(text in fractions for text in texts) > len(texts):
        raise InvalidInputError(
            f"Column {name!r} holds fractions, so it is a quantity and no class; "
            "name the column with the labels with --target, or predict numbers: report --tolerance."
        )
    if len(labels) == 1:
        raise InvalidInputError(
            f"Column {name!r} holds a single label, {texts[0]}; there is nothing to classify."
        )
    if len(labels) > len(texts) / 2:
        raise InvalidInputError(
            f"Column {name!r} holds {len(labels)} different labels in {len(texts)} rows, too many "
            "to learn; name the column with the labels with --target, or, if they are a quantity, "
            "predict numbers: report --tolerance."
        )
