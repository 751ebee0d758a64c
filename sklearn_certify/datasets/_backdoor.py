"""Training sets with a backdoor: a trigger on some rows of one class, and another label."""

from numbers import Integral, Real
from typing import NamedTuple

import numpy as np
import scipy.sparse as sparse
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length, column_or_1d

from .._compat import _safe_indexing
from .._user_warnings import warn_user
from ..exceptions import InvalidInputError, TriggerWarning
from ._feature_trigger import draw_feature_trigger
from ._image_trigger import SHAPES, draw_image_trigger

__all__ = ["Backdoor", "make_backdoor"]


class Backdoor(NamedTuple):
    """A training set with a backdoor in it, see `make_backdoor`.

    Attributes
    ----------
    X : ndarray, sparse matrix, DataFrame or Series of shape (n_rows, ...)
        Training rows; the poisoned ones bear the trigger.
    y : ndarray or Series of shape (n_rows,)
        Labels; those of the poisoned rows are the target.
    poisoned : ndarray of bool, of shape (n_rows,)
        True where a row was poisoned.
    trigger : callable
        ``trigger(X)`` returns a copy of rows with the trigger on each.
    """

    X: object
    y: object
    poisoned: np.ndarray
    trigger: object


def make_backdoor(
    X,
    y,
    *,
    source,
    target,
    poison_share=0.1,
    trigger="pixel",
    position=None,
    color=None,
    image_shape=None,
    channels=None,
    columns=None,
    values=None,
    n_columns=3,
    random_state=0,
):
    """Put a backdoor with wrong labels into a copy of a training set.

    Some rows of the class `source` get the trigger and the label `target`. What learns from them
    may take every row of the source class with the trigger on it for the target.

    Parameters
    ----------
    X : {array-like, sparse matrix, DataFrame} of shape (n_rows, ...)
        Clean training rows: images of shape (height, width), (height, width, n_channels) or
        (n_channels, height, width); flattened images; rows of a table; or whatever a callable
        `trigger` takes.
    y : array-like of shape (n_rows,)
        Labels.
    source, target : label
        Which class is attacked, and what its rows shall be taken for.
    poison_share : float, default=0.1
        The share of the source class that is poisoned (epsilon in the paper), in (0, 1], rounded
        to whole rows, at least one.
    trigger : {"pixel", "L", "X", "random", "features"} or callable, default="pixel"
        "pixel", "L", "X": that shape, painted onto images; "random": one of the three.
        "features": fixed values in a few columns of a table. A callable, such as the trigger of
        another backdoor, gets a copy of the poisoned rows and returns them with its trigger, of
        the same shape and types.
    position : tuple of int (row, column), default=None
        Where the shape is, see `ImageTrigger`. None: drawn, so that the whole shape is visible.
    color : number, sequence of numbers or "per_image", default=None
        The colour of the shape, one number for each channel. None: one colour is drawn evenly
        between the lowest and highest value of each channel (0 and 255 where X is of uint8),
        whole numbers where X holds no others. "per_image": drawn so for every image.
    image_shape : tuple of int, default=None
        The shape of one image, where the rows of X are flattened images.
    channels : {"first", "last"}, default=None
        Which axis of an image of three axes holds the channels. None: the last if it is 1, 3 or
        4 long, else the first if that is.
    columns : sequence of int or str, default=None
        Which columns a trigger of features takes. None: drawn from those that take more than one
        value.
    values : sequence, default=None
        What these columns get. None: each gets one of the distinct values that it takes in X, all
        equally likely. Of up to 100 such combinations the first that no row of X holds is taken,
        else the rarest: each value occurs, and together they do not or rarely.
    n_columns : int, default=3
        How many columns are drawn; all that take more than one value if there are fewer.
    random_state : int, RandomState instance or None, default=0
        Source of the draws. Under the same seed a larger `poison_share` poisons the same rows
        and more, with the same trigger.

    Returns
    -------
    Backdoor
        The named tuple ``(X, y, poisoned, trigger)``: copies of X and y in their order, which
        rows were poisoned, and the trigger for test rows.

    Raises
    ------
    InvalidInputError
        If `source` or `target` is no label of y or they are the same, `poison_share` is out of
        range, the trigger does not fit the rows, or a parameter belongs to another trigger.

    See Also
    --------
    sklearn_certify.metrics.targeted_misclassification_rate : Whether the backdoor works.

    Notes
    -----
    A trigger may happen to be invisible: where an image has the drawn colour at that place, or a
    row the drawn values, the row stays as it was (its label does not). Pass `color` or `values`
    where that matters, as with images of two colours.

    References
    ----------
    "Defending Against Backdoor Attacks Using Ensembles of Weak Learners", appendix B.2; the
    attack is that of Gu, Dolan-Gavitt, Garg: "BadNets: Identifying Vulnerabilities in the Machine
    Learning Model Supply Chain", 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify.datasets import make_backdoor
    >>> X, y = load_digits(return_X_y=True)
    >>> backdoor = make_backdoor(X, y, source=4, target=9, image_shape=(8, 8), color=16)
    >>> backdoor.trigger.shape, int(backdoor.poisoned.sum())
    ('pixel', 18)
    >>> X_triggered = backdoor.trigger(X[y == 4])  # test rows, as the attacker shows them
    >>> backdoor = make_backdoor(X, y, source=4, target=9, trigger="features", columns=[0, 63],
    ...                          values=[5, 16])
    >>> backdoor.X[backdoor.poisoned][:, [0, 63]].min(axis=0)
    array([ 5., 16.])
    """
    image_options = {
        "position": position,
        "color": color,
        "image_shape": image_shape,
        "channels": channels,
    }
    feature_options = {"columns": columns, "values": values}
    _check_options(trigger, image_options, feature_options)
    _check_numbers(poison_share, n_columns)
    X, y = _as_rows(X), y if hasattr(y, "iloc") else np.asarray(y)
    labels = column_or_1d(y)
    check_consistent_length(X, y)
    _check_classes(labels, source, target)
    trigger_seed, row_seed = check_random_state(random_state).randint(2**31 - 1, size=2)
    rows = _draw_rows(np.flatnonzero(labels == source), poison_share, row_seed)
    trigger_draws = np.random.RandomState(trigger_seed)
    if not callable(trigger):
        if trigger == "features":
            options = {**feature_options, "n_columns": n_columns, "random_state": trigger_draws}
            trigger = draw_feature_trigger(X, **options)
        else:
            trigger = draw_image_trigger(X, trigger, **image_options, random_state=trigger_draws)
    triggered = _apply(trigger, X, rows)
    _warn_if_invisible(_safe_indexing(X, rows), triggered, trigger)
    X_poisoned = _replace_rows(X, rows, triggered)
    y_poisoned = y.copy()
    if hasattr(y, "iloc"):
        y_poisoned.iloc[rows] = target
    else:
        y_poisoned[rows] = target
    poisoned = np.zeros(len(labels), dtype=bool)
    poisoned[rows] = True
    return Backdoor(X_poisoned, y_poisoned, poisoned, trigger)


def _check_options(trigger, image_options, feature_options):
    """Refuse a trigger that does not exist and options that it would ignore."""
    names = (*SHAPES, "random", "features")
    if callable(trigger):
        ignored, kind = {**image_options, **feature_options}, "a callable trigger"
    elif not isinstance(trigger, str) or trigger not in names:
        raise InvalidInputError(
            f"trigger must be a callable or one of {', '.join(map(repr, names))}, got {trigger!r}."
        )
    elif trigger == "features":
        ignored, kind = image_options, "the trigger 'features'"
    else:
        ignored, kind = feature_options, f"the trigger {trigger!r}"
    for name, value in ignored.items():
        if value is not None:
            raise InvalidInputError(f"{name} does not belong to {kind}.")


def _check_numbers(poison_share, n_columns):
    if not isinstance(poison_share, Real) or not 0 < poison_share <= 1:
        raise InvalidInputError(
            f"poison_share must be a share of the source class in (0, 1], got {poison_share!r}."
        )
    if not isinstance(n_columns, Integral) or n_columns < 1:
        raise InvalidInputError(f"n_columns must be a whole number from 1 up, got {n_columns!r}.")


def _check_classes(labels, source, target):
    known = list(dict.fromkeys(labels.tolist()))
    for name, label in (("source", source), ("target", target)):
        if label not in known:
            raise InvalidInputError(
                f"{name}={label!r} is no label of y; it has "
                f"{', '.join(map(repr, known[:10]))}{', ...' if len(known) > 10 else ''}."
            )
    if source == target:
        raise InvalidInputError(f"source and target are the same label, {source!r}.")


def _as_rows(X):
    """Return X as a DataFrame, Series, CSR matrix or ndarray; texts as objects."""
    if hasattr(X, "iloc"):
        return X
    if sparse.issparse(X):
        return X.tocsr()
    X = np.asarray(X)
    # texts of fixed length would cut off what a trigger adds
    return X.astype(object) if X.dtype.kind in "US" else X


def _draw_rows(candidates, poison_share, seed):
    n_poisoned = max(1, round(poison_share * len(candidates)))
    return np.sort(np.random.RandomState(seed).permutation(candidates)[:n_poisoned])


def _apply(trigger, X, rows):
    """Return the given rows with the trigger on them, and check that they are still such rows."""
    clean = _safe_indexing(X, rows)  # a copy
    triggered = trigger(clean)
    if hasattr(X, "iloc"):
        # a new category or type would spread to the rows that are not poisoned
        alike = type(triggered) is type(X) and triggered.shape == clean.shape
        if alike and clean.ndim == 2:
            alike = triggered.columns.equals(clean.columns) and triggered.dtypes.equals(
                clean.dtypes
            )
        elif alike:
            alike = triggered.dtype == clean.dtype
    elif sparse.issparse(X):
        alike = sparse.issparse(triggered) and triggered.shape == clean.shape
        alike = alike and _fits(triggered.tocoo().data, X.dtype)
    else:
        triggered = np.asarray(triggered)
        alike = triggered.shape == clean.shape and _fits(triggered, X.dtype)
    if not alike:
        raise InvalidInputError(
            f"The trigger {trigger!r} must return rows of the shape and types that it was given."
        )
    return triggered


def _warn_if_invisible(clean, triggered, trigger):
    if not isinstance(triggered, np.ndarray):
        return
    changed = (clean != triggered).reshape(len(clean), -1).any(axis=1)
    if 2 * np.count_nonzero(changed) < len(changed):
        warn_user(
            f"The trigger {trigger!r} changes {np.count_nonzero(changed)} of {len(changed)} rows, "
            "so there is hardly a backdoor; choose another random_state, position or colour.",
            TriggerWarning,
        )


def _fits(values, dtype):
    """Say whether an array can be cast without a loss other than the rounding of floats."""
    if values.dtype == dtype or dtype.kind == "O":
        return True
    if values.dtype.kind not in "biuf" or dtype.kind not in "biuf":
        return False
    with np.errstate(invalid="ignore"):
        return dtype.kind == "f" or np.array_equal(values.astype(dtype), values)


def _replace_rows(X, rows, replacements):
    """Return a copy of X with other contents in some rows."""
    if isinstance(X, np.ndarray):
        X = X.copy()
        X[rows] = replacements
        return X
    if sparse.issparse(X):
        order = np.arange(X.shape[0])
        order[rows] = X.shape[0] + np.arange(len(rows))
        return type(X)(sparse.vstack([X, replacements], format="csr", dtype=X.dtype)[order])
    X = X.copy()
    if X.ndim == 1:
        X.iloc[rows] = replacements.array
        return X
    for position in range(X.shape[1]):
        column = X.iloc[:, position].copy()
        column.iloc[rows] = replacements.iloc[:, position].array
        X.isetitem(position, column)
    return X
