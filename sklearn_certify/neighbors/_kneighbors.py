"""Which training rows are nearest to a query, as scikit-learn's estimators list them."""

import numpy as np

from .._compat import Integral
from ..exceptions import InvalidInputError
from ._search import list_nearest

__all__ = ["KNeighborsMixin"]


class KNeighborsMixin:
    """Mixin of the estimators with a parameter `n_neighbors`: lists of the nearest rows."""

    def kneighbors(self, X=None, n_neighbors=None, return_distance=True):
        """Find the training rows that decide each query, nearest first.

        As in scikit-learn's `KNeighborsClassifier`, but that rows at equal distances come in the
        order in which predictions rank them: that of the hashes of their content.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_queries, n_features), default=None
            Query rows. None: the training rows, of which none is its own neighbour.
        n_neighbors : int, default=None
            How many neighbours to find; None: those that decide, all rows if there are fewer.
        return_distance : bool, default=True
            Whether to return the distances too.

        Returns
        -------
        neigh_dist : ndarray of float64, of shape (n_queries, n_neighbors)
            Distances, as `metric` measures them; only if `return_distance`.
        neigh_ind : ndarray of int, of shape (n_queries, n_neighbors)
            Numbers of the training rows, in the order in which ``fit`` was given them.

        Raises
        ------
        NotFittedError
            If the estimator was not fitted.
        InvalidInputError
            If `n_neighbors` is no whole number from 1 to the number of rows.

        Examples
        --------
        >>> from sklearn_certify import CertifiedKNN
        >>> classifier = CertifiedKNN(n_neighbors=2).fit([[0.0], [1.0], [5.0]], [0, 0, 1])
        >>> classifier.kneighbors([[4.0]])
        (array([[1., 3.]]), array([[2, 1]]))
        """
        queries, own = self._queries_to_list(X)
        most = self.n_samples_fit_ - (own is not None)
        if n_neighbors is None:
            n_neighbors = min(self.n_neighbors, most)
        elif not (isinstance(n_neighbors, Integral) and 1 <= n_neighbors <= most):
            raise InvalidInputError(
                f"n_neighbors must be a whole number from 1 to the {most} rows that may be "
                f"neighbours, got {n_neighbors!r}."
            )
        distances, positions = list_nearest(
            self._training_rows, queries, int(n_neighbors), self._n_threads(), own
        )
        numbers = self._order[positions].astype(np.intp)
        return (distances, numbers) if return_distance else numbers
