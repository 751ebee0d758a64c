"""Certified nearest neighbours: every training row near the query is a voter."""

from ._knn import CertifiedKNN
from ._rnn import CertifiedRNN

__all__ = ["CertifiedKNN", "CertifiedRNN"]
