"""Regression: medians, their intervals and radii, of numbers and of fitted models."""

import numpy as np

from sklearn_certify import CertifiedKNNRegressor, DPARegressor, FiniteAggregationRegressor
from sklearn_certify.certificates import (
    knn_median_interval,
    knn_median_radius,
    lower_median,
    median_interval,
    median_radius,
)
from sklearn_certify.partition import cyclic_spread
from sklearn_certify.threat import THREAT_MODELS

from .data import clustered_rows, integers, irregular_spread
from .prototypes import NearestTargets
from .values import Cases

CASES = Cases()

POISON_SIZES = [0, 1, 2, 5]
TOLERANCE = 2


def _answers(seed, shape, *, percent_abstaining=0):
    """Return whole numbers with many ties around one of each row; NaN abstains."""
    random = np.random.RandomState(seed)
    values = integers(random, 30, (shape[0], 1)) + integers(random, 9, shape)
    abstains = integers(random, 100, shape) < percent_abstaining
    return np.where(abstains, np.nan, values.astype(np.float64))


@CASES.add()
def medians():
    random = np.random.RandomState(0)
    settings = {
        "few voters": ((40, 4), {}),
        "many voters": ((100, 61), {"cost": 2}),
        "cyclic": ((40, 24), {"spread": cyclic_spread(24, 3, random)}),
        "no pattern": ((40, 20), {"spread": irregular_spread(7, 30, 20, 4)}),
        "tightened": ((40, 24), {"spread": cyclic_spread(24, 4, random), "tighten": True}),
    }
    values = {}
    for seed, (name, (shape, options)) in enumerate(settings.items()):
        answers = _answers(seed, shape, percent_abstaining=10)
        middle = lower_median(answers)
        low, high = median_interval(answers, poison_size=POISON_SIZES, **options)
        radii = median_radius(answers, middle - TOLERANCE, middle + TOLERANCE, **options)
        values |= {f"{name}: medians": middle, f"{name}: low": low, f"{name}: high": high}
        values[f"{name}: radii"] = radii
    return values


@CASES.add()
def nearest_neighbors():
    settings = {
        "3 of 5": (_answers(10, (40, 5)), {"n_neighbors": 3, "n_rows": 5}),
        "20 of 40": (_answers(11, (100, 40)), {"n_neighbors": 20, "n_rows": 500}),
    }
    values = {}
    for name, (targets, options) in settings.items():
        middle = lower_median(targets[:, : options["n_neighbors"]])
        for model in THREAT_MODELS:
            given = {**options, "threat_model": model}
            ends = knn_median_interval(targets, poison_size=POISON_SIZES, **given)
            values[f"{name}: {model}: intervals"] = np.array(ends)
            values[f"{name}: {model}: radii"] = knn_median_radius(
                targets, low=middle - TOLERANCE, high=middle + TOLERANCE, **given
            )
    return values


def _seen(regressor, threat_models=THREAT_MODELS):
    """Fit on whole numbers, and return what the public methods say."""
    rows, labels = clustered_rows(30, 250)
    queries, classes = clustered_rows(31, 40)
    y = 10 * labels + rows[:, 0]
    truth = 10 * classes + queries[:, 0]
    regressor.fit(rows, y)
    values = {"predictions": regressor.predict(queries)}
    for model in threat_models:
        regressor.set_params(threat_model=model)
        values[f"{model}: intervals"] = regressor.predict_interval(queries, POISON_SIZES)
        values[f"{model}: radii"] = regressor.certified_radius(queries, truth, tolerance=4)
    return values


@CASES.add()
def deep_partition_aggregation():
    return _seen(DPARegressor(NearestTargets(), n_partitions=15))


@CASES.add()
def finite_aggregation():
    regressor = FiniteAggregationRegressor(NearestTargets(), n_partitions=8, spreading_degree=3)
    return _seen(regressor, ["insert_delete", "modify"])


@CASES.add()
def k_nearest():
    return _seen(CertifiedKNNRegressor(n_neighbors=12))
