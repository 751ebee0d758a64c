"""Certified ensembles: voters that each see a small part of the training rows."""

from ._bagging import BaggingCertifiedClassifier
from ._dpa import DPAClassifier
from ._dpa_regressor import DPARegressor
from ._finite_aggregation import FiniteAggregationClassifier
from ._finite_aggregation_regressor import FiniteAggregationRegressor
from ._temporal import TemporalAggregationClassifier

__all__ = [
    "BaggingCertifiedClassifier",
    "DPAClassifier",
    "DPARegressor",
    "FiniteAggregationClassifier",
    "FiniteAggregationRegressor",
    "TemporalAggregationClassifier",
]
