"""Rows as factors of a matrix product: a quick filter in front of the exact Euclidean distance.

A squared distance is |q|^2 + |x|^2 - 2 q x, and products q x take a third of the operations that
squared differences take, in single precision half of the time again. But how they are rounded
depends on the order of additions, so that a row elsewhere could move them (soundness rule: the
distance of a pair is a function of that pair). So they never are distances: a product decides a
pair only where a bound of all errors proves what the exact distance is compared with would come out
as, whatever the product has been computed together with. All other pairs, those near the radius or
near the k-th distance, are compared by their exact distances, each computed from two rows alone.
Counts and ranks therefore are those of exact distances, to the last bit.

The bound. Let u = 2**-53 and v be the unit roundoffs of doubles and of the type of placed rows, and
g(n, w) = n w / (1 - n w). In units of the frame, a query is placed at q and a row at x, both
together within e of what they stand for. Let a be the norm of the query, b the largest norm of a
row, and c = a + b + e, rounded up. By the standard model of floating-point operations
offset + step * code and the squared exact distance, as it is rounded, differ by at most the sum of

- products: each has at most m = FEATURES_OF_A_SUM roundings on its way through the sum that it is
  in, whatever the order (a fused multiplication and addition has fewer), and these sums at most n
  in doubles, n being the number of features. As sum |q_i x_i| <= |q| |x|, twice a product is off by
  2 (g(m, v) + g(n, u)) a b at most, up to terms of second order;
- squares of norms, each a sum of n squares: g(n, u) (a^2 + b^2);
- seven further operations on numbers up to 2 c^2: 16 u c^2 at most;
- rounding a code down to a whole number: one step;
- placing: a distance moves by at most e, and its square by 2 e c;
- the exact distance, of n differences, squares and additions: g(n + 2, u) c^2;
- underflow: far less than 2**-60, norms being about one.

Together these are at most 2 g(m, v) a b + (3 n + 40) u c^2 + 2 e c + step + 2**-60, times
1 + 2**-10 for terms of second order and for the rounding of the bound itself.

Whole numbers of few bits, such as pixels, are placed as they are, and all of this is exact while
no sum has more bits than its type: then the code is the squared distance.
"""

import numpy as np

from ..._compute.distances import EUCLIDEAN
from ..._compute.lanes import aligned_zeros, lane_blocks
from .batches import queries_of_a_wide_table
from .bounds import Bounds
from .filtered_rows import FilteredRows
from .frame import choose_frame
from .product_kernels import (
    FEATURES_OF_A_SUM,
    LARGEST_PRODUCT_CODE,
    QUERIES_OF_A_PASS,
    QUERIES_OF_A_TILE,
    PlacedQueries,
    code_products,
    count_products,
)

__all__ = ["ProductRows", "place_rows"]

_FEWEST_CELLS = 2**18  # of fewer, exact distances are there before rows are placed
_SAMPLE = 256
# share of the rows that is left to exact distances: with more the next type is quicker, or none
_MOST_UNDECIDED = {np.float32: 0.03, np.float64: 0.15}
_REGULAR_SHARE = 0.99  # at least
_LARGEST_NORM = 2.0**40  # in units of the frame; of farther queries nothing is said
_UNDERFLOW = 2.0**-60
_SECOND_ORDER = 1 + 2.0**-10
_LEAST_OF_A_NORM = 1 - 2.0**-18  # of one that has been rounded up
_BYTES_OF_LANES = 2048  # one feature of the rows of a block
_LANES_OF_A_VECTOR = 16


class ProductRows(FilteredRows):
    """Training rows as factors of products; make them with `place_rows`.

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers.
    labels : ndarray of int64, of shape (n_rows,)
        Class indices.
    n_classes : int
        Number of classes.
    frame : Frame
        Where rows are placed.
    """

    def __init__(self, rows, labels, n_classes, frame):
        self.frame = frame
        placed = frame.place(rows)
        usual = np.quantile(placed.norms, [0.5, _REGULAR_SHARE], method="lower")
        norms = np.where(placed.norms <= max(4 * usual[0], usual[1]), placed.norms, np.inf)
        regular = norms < _LARGEST_NORM
        super().__init__(rows, labels, n_classes, EUCLIDEAN, regular)
        order = self.columns.positions[: regular.sum()]
        self._norm = norms[order].max(initial=0.0)
        self._error = placed.errors[order].max(initial=0.0)
        coded = placed.rows[order]
        self._largest = max(coded.max(initial=0.0), -coded.min(initial=0.0))
        self._blocks = lane_blocks(coded, _lanes(len(coded), frame.dtype))
        self._squares = np.zeros(len(self._blocks) * self._blocks.shape[2])
        self._squares[: len(coded)] = placed.squares[order]

    def code_queries(self, queries):
        """Return placed queries, and the bounds of the codes that the kernels make with them.

        Parameters
        ----------
        queries : ndarray of float64, of shape (n_queries, n_features)
            Rows.

        Returns
        -------
        PlacedQueries
        Bounds
        """
        placed = self.frame.place(queries)
        near = placed.norms < _LARGEST_NORM
        placed.rows[~near] = 0.0
        squares, norms, errors = (np.where(near, values, 0.0) for values in placed[1:])
        errors += self._error
        most = norms + self._norm
        exact = self._are_exact(placed.rows, errors, most)
        least = np.maximum(norms * _LEAST_OF_A_NORM - self._norm, 0.0)
        low = np.where(exact, 0.0, least**2 / _SECOND_ORDER)
        steps = np.maximum(most**2 * _SECOND_ORDER - low, _UNDERFLOW) / LARGEST_PRODUCT_CODE
        steps[exact] = 1.0
        bounds = self._bounds(norms, errors, most + errors) + steps
        bounds[exact], bounds[~near] = 0.0, np.inf
        unit = 2 * self.frame.exponent
        rows = np.zeros(
            (len(queries) + QUERIES_OF_A_TILE - 1, placed.rows.shape[1]), self.frame.dtype
        )
        rows[: len(queries)] = placed.rows  # a tile may reach beyond the last
        return (
            PlacedQueries(rows, (squares - low) / steps, 1 / steps),
            Bounds(np.ldexp(low, unit), np.ldexp(steps, unit), np.ldexp(bounds, unit)),
        )

    def _bounds(self, norms, errors, most):
        """Return the bound at the top, but for the step."""
        n_features = self.columns.rows.shape[1]
        rounding = _growth(FEATURES_OF_A_SUM, self.frame.dtype)
        bounds = 2 * rounding * norms * self._norm + 2 * errors * most
        bounds += (3 * n_features + 40) * np.finfo(np.float64).eps / 2 * most**2
        return (bounds + _UNDERFLOW) * _SECOND_ORDER

    def _are_exact(self, rows, errors, most):
        """Say for which queries all sums are whole numbers of so few bits that they are exact."""
        largest = np.abs(rows).max(axis=1).astype(np.float64)
        fit = FEATURES_OF_A_SUM * largest * self._largest <= _largest_whole(self.frame.dtype)
        return (errors == 0) & fit & (most**2 < LARGEST_PRODUCT_CODE)

    def _count(self, coded, certain, possible, queries, radius, counts):
        count_products(
            self.columns,
            self._blocks,
            self._squares,
            coded,
            certain,
            possible,
            queries,
            radius,
            *self._work(),
            counts,
        )

    def _write_codes(self, coded, table):
        code_products(self._blocks, self._squares, coded, *self._work(), table)

    def _work(self):
        """Return room for the sums of a tile and the totals of a pass, each lane in a line."""
        n_lanes = self._blocks.shape[2]
        sums = aligned_zeros((QUERIES_OF_A_TILE, n_lanes), self.frame.dtype)
        return sums, aligned_zeros((QUERIES_OF_A_PASS, n_lanes), np.float64)

    def _room(self, n_queries):
        width = max(len(self._squares), len(self.columns.positions))
        return min(queries_of_a_wide_table(width), n_queries), width


def _growth(n_roundings, dtype):
    """How much so many roundings can make of 1, less 1."""
    roundings = n_roundings * float(np.finfo(dtype).eps) / 2
    return roundings / (1 - roundings)


def _largest_whole(dtype):
    """Return up to which whole number all are numbers of a type."""
    return 2 / float(np.finfo(dtype).eps)


def _lanes(n_rows, dtype):
    """Return how many lanes a block has: many, but few that are empty."""
    most = _BYTES_OF_LANES // np.dtype(dtype).itemsize
    n_blocks = max(-(-n_rows // most), 1)
    return -(-n_rows // (n_blocks * _LANES_OF_A_VECTOR)) * _LANES_OF_A_VECTOR


def place_rows(rows, labels, n_classes):
    """Return training rows as factors of products, or None where these would not help.

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers.
    labels : ndarray of int64, of shape (n_rows,)
        Class indices.
    n_classes : int
        Number of classes.

    Returns
    -------
    ProductRows or None
    """
    if rows.size < _FEWEST_CELLS:
        return None
    for dtype, most_undecided in _MOST_UNDECIDED.items():
        frame = choose_frame(rows, dtype, (_largest_whole(dtype) / FEATURES_OF_A_SUM) ** 0.5)
        if frame is None:
            return None
        sample = rows[:_SAMPLE]
        trial = ProductRows(sample, labels[:_SAMPLE], n_classes, frame)
        if trial.undecided_share(sample) <= most_undecided:
            return ProductRows(rows, labels, n_classes, frame)
    return None
