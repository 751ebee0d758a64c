"""Certified nearest neighbours: every training row near the query is a voter.

knn, rnn        classifiers over neighbors_base
knn_regression  the median of the neighbours' targets

They share rows_near (rows and queries) and kneighbors (lists of them), over the kernels in _search.
"""

from ._knn import CertifiedKNN
from ._knn_regression import CertifiedKNNRegressor
from ._rnn import CertifiedRNN

__all__ = ["CertifiedKNN", "CertifiedKNNRegressor", "CertifiedRNN"]
