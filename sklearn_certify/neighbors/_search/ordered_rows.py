"""The training rows as regressors keep them: which are the nearest to a query, in order."""

import numpy as np

from .dense_rows import DenseRows
from .training_rows import TrainingRows

__all__ = ["OrderedRows"]


class OrderedRows(TrainingRows):
    """Training rows in canonical order, each of which is a class of its own.

    Rows at equal distances are ranked by their position, as in `TrainingRows`. No codes stand for
    them, since they would be grouped by class. `find_nearest` returns positions.

    Parameters
    ----------
    rows : ndarray of float64, of shape (n_rows, n_features)
        Finite numbers, C-ordered.
    metric : str or callable
        One of `METRICS`, or a function of two rows.
    metric_params : dict or None
        Further arguments of the metric.
    """

    def __init__(self, rows, metric, metric_params):
        super().__init__(rows, np.arange(len(rows)), len(rows), metric, metric_params)

    def _search_all(self):
        return DenseRows(self.rows, self.labels, self._compiled)
