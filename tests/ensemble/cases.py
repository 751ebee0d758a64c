"""The partition ensembles that several files of tests go through."""

import pytest

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier

__all__ = ["every_ensemble", "fresh"]

every_ensemble = pytest.mark.parametrize(
    "ensemble",
    [
        DPAClassifier(n_partitions=6),
        FiniteAggregationClassifier(n_partitions=3, spreading_degree=2),
    ],
    ids=lambda ensemble: type(ensemble).__name__,
)


def fresh(ensemble, **params):
    """Return an unfitted copy with other parameters."""
    return type(ensemble)(**{**ensemble.get_params(deep=False), **params})
