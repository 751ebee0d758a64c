"""Traces in the rows of something that was fitted on all of them before they came here."""

from collections import Counter

import numpy as np
from scipy.sparse import issparse

from .._user_warnings import warn_user
from ..exceptions import FingerprintWarning
from .columns import column_values
from .tables import column_names, column_of, is_float_column, is_table

__all__ = ["warn_of_fingerprints"]

_ROWS_AT_LEAST = 20  # of all, or of each class: fewer have such means by design or by chance
_COLUMNS_AT_A_TIME = 16
_CELLS_AT_A_TIME = 1 << 18  # unless a column has more
# How far rounding takes a mean, in standard deviations, and a variance from what a scaler meant
# them to be. Raw columns come as near to that only by chance, and not all of them.
_TOLERANCES = {8: 1e-8, 4: 1e-5}


def warn_of_fingerprints(X, y, threat_model, *, y_is_labels=True):
    """Warn if rows look scaled, or resampled, by something that saw all of them.

    Scaled rows are no matter where an attacker only changes labels, which no scaler looks at.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Training rows as `check_rows` returns them.
    y : ndarray of shape (n_rows,)
        Their labels, or their targets.
    threat_model : str
        What an attacker may do.
    y_is_labels : bool, default=True
        Whether y holds labels; else it holds the targets of a regression.
    """
    from_columns = None if threat_model == "label_flip" else _guess_from_columns(X)
    from_y = _guess_from_labels(y) if y_is_labels else _guess_from_targets(y)
    guesses = [guess for guess in (from_columns, from_y) if guess]
    if guesses:
        kind = "classifier" if y_is_labels else "regressor"
        warn_user(
            f"{' '.join(guesses)} One poisoned row could then have changed all others, or which "
            "others there are, and no certificate holds: give every voter such a step of its own, "
            f"by moving it into the {kind}'s estimator, as in make_pipeline(StandardScaler(), "
            "estimator). If nothing of the kind was done, ignore sklearn_certify.exceptions."
            "FingerprintWarning.",
            FingerprintWarning,
        )


def _guess_from_labels(y):
    counts = list(Counter(y.tolist()).values())
    if len(counts) < 2 or min(counts) < max(*counts, _ROWS_AT_LEAST):
        return None
    return (
        f"Each of the {len(counts)} classes has exactly {counts[0]} rows: were rows drawn or made "
        "so that classes are equal, by SMOTE, by undersampling or by hand?"
    )


def _guess_from_targets(y):
    (mean,), (variance,) = _moments(y[:, np.newaxis])
    tolerance = _TOLERANCES[y.dtype.itemsize]
    if len(y) < _ROWS_AT_LEAST or (y == np.rint(y)).all():
        return None
    if abs(mean) > tolerance or not _is_one(variance, tolerance, len(y)):
        return None
    return (
        "y has mean 0 and variance 1 to the last digits: was it scaled by all rows together? "
        "A TransformedTargetRegressor as estimator scales it for every voter alone."
    )


def _guess_from_columns(X):
    means, variances, tolerances, n_rows = [], [], [], X.shape[0]
    if n_rows < _ROWS_AT_LEAST:
        return None
    for cells in _columns_of_floats(X):
        if cells.dtype.itemsize not in _TOLERANCES:
            return None
        mean, variance = _moments(cells.astype(np.float64, copy=False))
        means, variances = np.append(means, mean), np.append(variances, variance)
        tolerances = np.append(tolerances, np.full(len(mean), _TOLERANCES[cells.dtype.itemsize]))
        varies = variances > 0
        # the scores of a PCA differ in size, and are rounded like the largest, which come first
        largest = np.sqrt(np.max(variances, initial=0.0))
        if not (np.abs(means) <= tolerances * largest)[varies].all():
            return None
        varied = cells[:, variance > 0]
        if varied.size and (varied == np.rint(varied)).all(axis=0).any():
            return None  # counts and codes of a design, such as -1 and 1
    if np.count_nonzero(np.asarray(variances) > 0) < 2:
        return None
    variances, tolerances = variances[varies], tolerances[varies]
    if _is_one(variances, tolerances, n_rows):
        return (
            "All columns of X have mean 0 and variance 1 to the last digits: were they scaled by "
            "all rows together, by a StandardScaler, a whitening PCA or by hand?"
        )
    return (
        "All columns of X have mean 0 to the last digits: were they centred by all rows together, "
        "by a PCA, a StandardScaler or by hand?"
    )


def _is_one(variances, tolerances, n_rows):
    """Say whether all variances are 1, of the rows or as estimates from a sample of rows."""
    of_population = np.abs(variances - 1) <= 10 * tolerances
    of_sample = np.abs(variances * n_rows / (n_rows - 1) - 1) <= 10 * tolerances
    return bool(np.all(of_population) or np.all(of_sample))


def _columns_of_floats(X):
    """Yield some columns of floats at a time, of shape (n_rows, n_columns)."""
    if is_table(X):
        for position in range(len(column_names(X))):
            if is_float_column(X, position):  # others need not become arrays once more
                cells = column_values(column_of(X, position))
                if cells.dtype.kind == "f":  # and not objects, some of them missing
                    yield cells[:, np.newaxis]
    elif not issparse(X) and X.dtype.kind == "f":
        X = X.reshape(len(X), -1)
        step = min(_COLUMNS_AT_A_TIME, max(_CELLS_AT_A_TIME // len(X), 1))
        for start in range(0, X.shape[1], step):
            yield X[:, start : start + step]


def _moments(cells):
    """Return means and variances of what is not missing, zero where nothing varies."""
    present = ~np.isnan(cells)
    counts = np.maximum(present.sum(axis=0), 1)
    with np.errstate(all="ignore"):  # infinite cells have no mean, and huge ones no square
        means = np.where(present, cells, 0).sum(axis=0) / counts
        variances = np.where(present, np.square(cells - means), 0).sum(axis=0) / counts
        spread = np.where(np.isfinite(variances), variances, np.inf)
        return means, np.where(spread > (1e-12 * means) ** 2, spread, 0.0)
