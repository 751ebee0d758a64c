"""All attacks on a few voters: no prediction leaves its interval, and no radius is too large."""

from itertools import combinations
from zlib import crc32

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone

from sklearn_certify import DPARegressor, FiniteAggregationRegressor
from sklearn_certify.certificates import lower_median
from sklearn_certify.exceptions import VoterWarning

ORDER = 1e6  # a target of this size, or larger, is an order to the voter
SILENCE = 2e6
WORDS = (ORDER, -ORDER, SILENCE)

REGRESSORS = {
    "dpa": DPARegressor(n_partitions=7),
    "fa": FiniteAggregationRegressor(n_partitions=5, spreading_degree=2),
    "fa-tight": FiniteAggregationRegressor(n_partitions=5, spreading_degree=2, tighten=True),
}
every_regressor = pytest.mark.parametrize("kind", REGRESSORS)


class Obedient(RegressorMixin, BaseEstimator):
    """A voter that answers what a poisoned row orders, else a checksum of its rows."""

    def fit(self, X, y):
        orders = y[np.abs(y) >= ORDER]
        self.order_ = orders[0] if len(orders) else None
        self.checksum_ = crc32(np.column_stack([X, y]).tobytes())
        if self.order_ == SILENCE:
            raise RuntimeError("told to be silent")
        return self

    def predict(self, X):
        if self.order_ is not None:
            return np.full(len(X), self.order_)
        return np.array([crc32(query.tobytes(), self.checksum_) % 9 for query in X], dtype=float)


def address(X, y):
    """A row's hash: its first cell, and its target where the partition may see it."""
    return X[:, 0].astype(np.int64) + (0 if y is None else np.abs(y).astype(np.int64))


def made(kind, n_rows=20, **params):
    """An ensemble fitted on rows of which each partition has some, the rows, and queries."""
    X = np.column_stack([np.arange(n_rows) % 10, np.arange(n_rows)]).astype(float)
    y = np.arange(n_rows) / 100
    regressor = clone(REGRESSORS[kind]).set_params(
        estimator=Obedient(), hash_function=address, on_voter_error="abstain", **params
    )
    return regressor.fit(X, y), X, y, np.arange(120.0)[:, None] * np.ones(2)


def attacked_values(regressor, values, size, word):
    """Yield what voters answer after each attack on so many partitions."""
    for partitions in combinations(range(len(regressor.spread_)), size):
        turned = values.copy()
        turned[:, np.unique(regressor.spread_[list(partitions)])] = word
        yield turned


@every_regressor
@pytest.mark.parametrize("n_rows", [20, 3])  # 3: some voters have no rows and abstain
def test_all_attacks_on_what_voters_answer(kind, n_rows):
    regressor, _, _, queries = made(kind, n_rows)
    values, predictions = regressor.values(queries), regressor.predict(queries)
    assert np.isnan(values).any() == (n_rows == 3)
    np.testing.assert_array_equal(lower_median(values), predictions)
    tolerances = np.arange(len(queries)) % 5.0
    radii = regressor.certified_radius(queries, predictions, tolerances)
    assert radii.max() >= (2 if n_rows == 20 else 0)
    n_cases = 0
    for size in range(len(regressor.spread_) + 1):
        low, high = regressor.predict_interval(queries, size).T
        least, most = np.full(len(queries), np.inf), np.full(len(queries), -np.inf)
        broken = np.zeros(len(queries), dtype=bool)
        for word in (np.inf, -np.inf, np.nan):
            for turned in attacked_values(regressor, values, size, word):
                after = lower_median(turned)
                silent = np.isnan(after)
                assert (silent <= ((low == -np.inf) & (high == np.inf))).all()
                assert (silent | ((low <= after) & (after <= high))).all()
                near = np.abs(after - predictions) <= tolerances
                assert near[radii >= size].all()
                broken |= ~near
                least = np.where(silent, -np.inf, np.fmin(least, after))
                most = np.where(silent, np.inf, np.fmax(most, after))
                n_cases += len(queries)
        if (
            kind == "dpa"
        ):  # exact: some attack reaches the end, and one breaks what is not certified
            np.testing.assert_array_equal(least, low)
            np.testing.assert_array_equal(most, high)
            np.testing.assert_array_equal(broken, radii < size)
    assert n_cases > 20_000


def attacks(threat_model, X, y, regressor, word):
    """Yield sizes and training sets: all attacks of one and two units that say the word."""
    newcomers = [np.array([place, 99.0]) for place in range(len(regressor.spread_))]
    rows = range(len(y))
    if threat_model == "insert":
        units = [(None, place) for place in newcomers]
    elif threat_model == "delete":
        units = [(row, None) for row in rows]
    elif threat_model == "insert_delete":
        units = [(None, place) for place in newcomers] + [(row, None) for row in rows[::3]]
    elif threat_model == "modify":
        units = [(row, place) for row in rows[::4] for place in newcomers]
    else:
        units = [(row, X[row]) for row in rows]
    for size in (1, 2):
        for chosen in combinations(units, size):
            gone = [row for row, _ in chosen if row is not None]
            come = [place for _, place in chosen if place is not None]
            if len(set(gone)) < len(gone):
                continue
            kept = np.setdiff1d(rows, gone)
            yield (
                size,
                np.vstack([X[kept], *come]) if come else X[kept],
                np.append(y[kept], np.full(len(come), word)),
            )


@every_regressor
@pytest.mark.parametrize("partition_by", ["features", "sample"])
@pytest.mark.parametrize(
    "threat_model", ["insert", "delete", "insert_delete", "modify", "label_flip"]
)
@pytest.mark.filterwarnings("ignore::sklearn_certify.exceptions.VoterWarning")
def test_attacks_from_fit_to_prediction(kind, threat_model, partition_by):
    regressor, X, y, queries = made(kind, threat_model=threat_model, partition_by=partition_by)
    predictions = regressor.predict(queries)
    tolerances = np.arange(len(queries)) % 5.0
    radii = regressor.certified_radius(queries, predictions, tolerances)
    low, high = np.moveaxis(regressor.predict_interval(queries, [0, 1, 2]), 1, 0)
    least, most = low[:, :1].repeat(3, axis=1), high[:, :1].repeat(3, axis=1)
    rng = np.random.default_rng(0)
    for word in WORDS:
        found = list(attacks(threat_model, X, y, regressor, word))
        for choice in rng.permutation(len(found))[:30]:
            size, poisoned, targets = found[choice]
            after = clone(regressor).fit(poisoned, targets).predict(queries)
            assert ((low[:, size] <= after) & (after <= high[:, size])).all()
            assert (np.abs(after - predictions) <= tolerances)[radii >= size].all()
            least[:, size] = np.minimum(least[:, size], after)
            most[:, size] = np.maximum(most[:, size], after)
    assert (least[:, 1] < predictions).any() or (most[:, 1] > predictions).any()
    if kind == "dpa" and threat_model == "insert":  # all attacks of one unit, and they are exact
        np.testing.assert_array_equal(least[:, 1], low[:, 1])
        np.testing.assert_array_equal(most[:, 1], high[:, 1])


@every_regressor
def test_an_interval_that_is_too_narrow_would_be_noticed(kind):
    regressor, _, _, queries = made(kind)
    values = regressor.values(queries)
    low, high = regressor.predict_interval(queries, 1).T  # as if of size 2
    escaped = [
        ((after < low) | (after > high)).any()
        for word in (np.inf, -np.inf)
        for after in map(lower_median, attacked_values(regressor, values, 2, word))
    ]
    assert any(escaped)


def test_voters_told_to_be_silent_are_told_of():
    regressor, X, y, _ = made("dpa")
    with pytest.warns(VoterWarning, match="1 of 7 voters failed"):
        clone(regressor).fit(np.vstack([X, [3.0, 99.0]]), np.append(y, SILENCE))
