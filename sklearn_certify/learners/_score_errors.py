"""How far rounding can take the scores of ridge regressions from what they are without it.

The bounds hold for every vector of targets of a given length, for sums in any order and with or
without fused operations. They follow from the standard model of floating point (Higham, Accuracy
and Stability of Numerical Algorithms, 2nd edition): a sum of n products, with unit roundoff u, is
off by at most n u / (1 - n u) times the sum of their sizes, and Cholesky's method solves a system
of k equations that differs from the given one by at most (3 k + 1) u' times the trace, in double
precision. docs/certificates.md has the proof.
"""

import numpy as np

__all__ = ["Precision", "kernel_ridge_error", "ridge_error"]

_DOUBLE = 2.0**-53
_SOLVED = 1.15  # above 8 / 7: by how much longer a solution is if equations change by alpha / 8
_MORE = 1.25  # room for products of small terms, and for the rounding of the bounds themselves


class Precision:
    """How numbers of a type are rounded.

    Parameters
    ----------
    dtype : dtype
        float32 or float64.

    Attributes
    ----------
    unit : float
        The largest relative error of one operation, and a quarter.
    double : float
        The same in double precision.
    least, most : float
        Sizes of numbers below, and above, which relative errors say nothing.
    """

    def __init__(self, dtype):
        info = np.finfo(dtype)
        self.unit = _MORE * float(info.eps) / 2
        self.double = _MORE * _DOUBLE
        self.least, self.most = float(info.tiny), float(info.max) / 2**10


def _is_small(change, alpha):
    """Say whether a system of equations cannot have changed much, nor Cholesky's method failed."""
    return bool(change <= alpha / 8)  # False for NaN


def ridge_error(X, alpha, fit_intercept, precision):
    """Bound what rounding does to a score of least squares with a penalty (`solve_ridge`).

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        Training rows.
    alpha : float
        Weight of the penalty.
    fit_intercept : bool
        Whether a constant is added.
    precision : Precision
        In which rows are multiplied.

    Returns
    -------
    callable
        ``error(queries)`` returns the bound for each of some queries and a vector of targets of
        length one, float64 of shape (n_samples,); infinity where nothing can be said.
    """
    X = X.astype(np.float64, copy=False)
    n_rows, n_features = X.shape
    n_equations = min(X.shape)
    unit, double = precision.unit, precision.double
    mean = X.mean(axis=0) if fit_intercept else np.zeros(n_features)
    far = np.linalg.norm(np.abs(X).mean(axis=0)) if fit_intercept else 0.0
    shift = (n_rows + 2) * unit * far  # of the computed centre from the mean
    from_shift = np.sqrt(n_rows) * shift
    size = np.linalg.norm(X - mean) * (1 + 1e-6) + from_shift
    change = (3 * n_equations + 3) * double * (size**2 + n_equations * alpha)
    change += n_rows * n_features * precision.least
    of_targets = (n_rows + 6) * unit * size + shift
    if n_rows <= n_features:
        change += (n_features + 4) * unit * size**2 + 2 * size * from_shift
        of_targets += from_shift
    else:
        change += (n_rows + 4) * unit * size**2 + 2 * from_shift**2
    are_usable = max(n_rows, n_features) * unit < 0.01 and size**2 + alpha < precision.most
    if not (are_usable and _is_small(change, alpha)):
        return lambda queries: np.full(len(queries), np.inf)
    of_projection = 0.5 / np.sqrt(alpha)  # the largest of s / (s^2 + alpha)
    length = _SOLVED * (of_projection + of_targets / alpha)  # of the coefficients
    per_distance = (change * length + _SOLVED * of_targets) / alpha + 6 * double * of_projection

    def error(queries):
        queries = queries.astype(np.float64, copy=False)
        distance = np.linalg.norm(queries - mean, axis=1) * (1 + 1e-6) + shift
        reach = np.linalg.norm(queries, axis=1) + far
        bound = distance * per_distance + length * ((n_features + 4) * unit * reach + shift)
        vanishing = (n_rows + n_features) ** 2 * precision.least
        bound += 4 * unit / np.sqrt(n_rows) + vanishing * (1 + reach) * (1 + size) * (1 + 1 / alpha)
        return np.where(reach**2 < precision.most, bound, np.inf)

    return error


def kernel_ridge_error(gram, alpha, largest, gram_error, precision):
    """Bound what rounding does to a score of kernel ridge regression.

    Parameters
    ----------
    gram : ndarray of float64, of shape (n_rows, n_rows)
        The kernels of the training rows, as they are computed.
    alpha : float
        What is added to the kernel of a row with itself.
    largest : float
        No kernel of two training rows is larger.
    gram_error : float
        By how much a computed kernel of two training rows may be off.
    precision : Precision
        Of the kernels in the computation.

    Returns
    -------
    callable
        ``error(with_itself, kernel_error)``, with the kernel of each query with itself, and by how
        much one with a training row may be off, both float64 of shape (n_samples,), returns the
        bound for each query and a vector of targets of length one, float64 of shape (n_samples,);
        infinity where nothing can be said.
    """
    n_rows = len(gram)
    unit, double = precision.unit, precision.double
    trace = _MORE * gram.trace() + n_rows * (alpha + 4 * gram_error)
    change = 4 * n_rows * (gram_error + (n_rows + 6) * double * largest)
    change += (3 * n_rows + 3) * double * trace + n_rows**2 * precision.least
    are_usable = n_rows * unit < 0.01 and largest + alpha < precision.most
    if not (are_usable and _is_small(change, alpha)):
        return lambda with_itself, kernel_error: np.full(len(kernel_error), np.inf)
    length = _SOLVED / alpha  # of the weights of the rows

    def error(with_itself, kernel_error):
        largest_of_query = np.sqrt(with_itself * largest)
        of_kernels = kernel_error + gram_error + (n_rows + 4) * unit * (largest_of_query + largest)
        of_projection = (np.sqrt(with_itself) + np.sqrt(largest)) / (2 * np.sqrt(alpha))
        bound = np.sqrt(n_rows) * of_kernels * length
        bound += of_projection * (6 * double + change * length)
        bound += 4 * unit / np.sqrt(n_rows) + n_rows**2 * precision.least * (1 + length)
        return np.where(with_itself < precision.most, bound, np.inf)

    return error
