"""DPARegressor and FiniteAggregationRegressor: partitions, voters, medians, refusals."""

import copy
import pickle
import re
from inspect import getdoc, signature

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_certify import (
    DPAClassifier,
    DPARegressor,
    FiniteAggregationRegressor,
    predict_interval,
)
from sklearn_certify._compat import InvalidParameterError
from sklearn_certify.audit import find_unsound_steps
from sklearn_certify.certificates import lower_median, median_interval, median_radius
from sklearn_certify.ensemble import _base_ensemble
from sklearn_certify.ensemble._removal import Removal
from sklearn_certify.exceptions import (
    FingerprintWarning,
    InvalidInputError,
    UnsoundPipelineError,
    VoterError,
    VoterWarning,
)
from sklearn_certify.persistence import load, save

from .cases import fresh

every_ensemble = pytest.mark.parametrize(
    "ensemble",
    [
        DPARegressor(n_partitions=6),
        FiniteAggregationRegressor(n_partitions=3, spreading_degree=2),
    ],
    ids=lambda ensemble: type(ensemble).__name__,
)
every_class = pytest.mark.parametrize("regressor", [DPARegressor, FiniteAggregationRegressor])


@pytest.fixture(scope="module")
def slope():
    """Rows whose targets are nearly linear in them, and queries."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(200, 4))
    return X[:150], (X @ [3.0, -2.0, 0.0, 1.0] + rng.normal(size=200))[:150], X[150:]


@pytest.mark.filterwarnings("ignore::sklearn_certify.exceptions.FingerprintWarning")
@parametrize_with_checks(
    [
        DPARegressor(),
        DPARegressor(DecisionTreeRegressor(), n_partitions=7, partition_by="sample"),
        FiniteAggregationRegressor(n_partitions=5, spreading_degree=2, tighten=True),
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@every_ensemble
@pytest.mark.parametrize(
    ("threat_model", "partition_by", "grouped", "cost"),
    [
        ("insert", "features", False, 1),
        ("delete", "sample", False, 1),
        ("insert_delete", "features", False, 1),
        ("modify", "features", False, 2),
        ("modify", "features", True, 1),
        ("label_flip", "features", False, 1),
        ("label_flip", "sample", False, 2),
    ],
)
def test_certificates_are_those_of_the_values(
    ensemble, threat_model, partition_by, grouped, cost, slope
):
    X, y, queries = slope
    groups = np.arange(len(y)) // 3 if grouped else None
    fitted = fresh(ensemble, threat_model=threat_model, partition_by=partition_by)
    fitted.fit(X, y, groups=groups)
    values = fitted.values(queries)
    assert values.dtype == np.float64 and values.shape == (50, 6)
    for column, voter in enumerate(fitted.estimators_):
        np.testing.assert_allclose(values[:, column], voter.predict(queries))
    predictions = fitted.predict(queries)
    np.testing.assert_array_equal(predictions, lower_median(values))
    assert np.corrcoef(predictions, queries @ [3.0, -2.0, 0.0, 1.0])[0, 1] > 0.95
    rules = {"cost": cost, "spread": fitted.spread_ if fitted.spread_.shape[1] > 1 else None}
    sizes = [0, 1, 2, 9]
    intervals = fitted.predict_interval(queries, sizes)
    expected = np.stack(median_interval(values, poison_size=sizes, **rules), axis=1)
    np.testing.assert_array_equal(intervals, expected)
    np.testing.assert_array_equal(intervals[:, 0, 0], predictions)
    np.testing.assert_array_equal(intervals[:, 1, 0], predictions)
    assert np.isinf(intervals[:, :, 3]).all()
    radii = fitted.certified_radius(queries, predictions, 0.5)
    expected = median_radius(values, predictions - 0.5, predictions + 0.5, **rules)
    np.testing.assert_array_equal(radii, expected)
    assert len(np.unique(radii)) > 1 or cost == 2


def test_tighten_never_lowers_a_radius(slope):
    X, y, queries = slope
    fitted = FiniteAggregationRegressor(n_partitions=9, spreading_degree=4).fit(X, y)
    target = fitted.predict(queries)
    plain = fitted.certified_radius(queries, target, 1.0)
    wide = fitted.certified_interval_width(queries, [1, 2, 3])
    fitted.set_params(tighten=True)
    assert (fitted.certified_radius(queries, target, 1.0) >= plain).all()
    assert (fitted.certified_interval_width(queries, [1, 2, 3]) <= wide).all()


def test_finite_aggregation_of_degree_one_is_dpa_turned(slope):
    X, y, queries = slope
    dpa = DPARegressor(n_partitions=8).fit(X, y)
    fa = FiniteAggregationRegressor(n_partitions=8, spreading_degree=1).fit(X, y)
    np.testing.assert_array_equal(fa.predict(queries), dpa.predict(queries))
    sizes = [0, 1, 2, 3]
    np.testing.assert_array_equal(
        fa.predict_interval(queries, sizes), dpa.predict_interval(queries, sizes)
    )


@every_ensemble
def test_chunks_do_not_show(ensemble, slope, monkeypatch):
    X, y, queries = slope
    fitted = fresh(ensemble).fit(X, y)

    def answers():
        return (
            fitted.values(queries),
            fitted.predict_interval(queries, [0, 1, 2]),
            fitted.certified_radius(queries, queries[:, 0], np.arange(50) / 10),
        )

    expected = answers()
    monkeypatch.setattr(_base_ensemble, "_CHUNK_BYTES", 1)
    assert len(list(fitted._ballots(fitted._make_election(), fitted._prepare_queries(queries)))) > 1
    for answer, other in zip(answers(), expected, strict=True):
        np.testing.assert_allclose(answer, other)


@every_ensemble
def test_copies_answer_alike(ensemble, slope, tmp_path):
    X, y, queries = slope
    fitted = fresh(ensemble, estimator=DecisionTreeRegressor(max_features=2)).fit(X, y)
    values = fitted.values(queries)
    joblib.dump(fitted, tmp_path / "regressor.joblib")
    for other in (
        pickle.loads(pickle.dumps(fitted)),
        joblib.load(tmp_path / "regressor.joblib"),
        copy.deepcopy(fitted),
        clone(fitted).fit(X, y),
        clone(fitted).set_params(n_jobs=2).fit(X, y),
        clone(fitted).fit(pd.DataFrame(X).to_numpy(), pd.Series(y, index=y)),
    ):
        np.testing.assert_array_equal(other.values(queries), values)
    assert (clone(fitted).set_params(random_state=1).fit(X, y).values(queries) != values).any()


@every_ensemble
def test_model_files(ensemble, slope, tmp_path):
    pytest.importorskip("skops")
    X, y, queries = slope
    fitted = fresh(ensemble).fit(X, y)
    save(fitted, tmp_path / "regressor.skops")
    loaded = load(tmp_path / "regressor.skops")
    sizes = [0, 1, 2]
    np.testing.assert_array_equal(
        loaded.predict_interval(queries, sizes), fitted.predict_interval(queries, sizes)
    )


@every_ensemble
def test_order_is_of_no_account_and_other_voters_neither(ensemble, slope):
    X, y, queries = slope
    X = np.vstack([X, X[:40]])  # twins in their features, apart in their targets
    y = np.r_[y, np.nextafter(y[:20], 9), y[20:40] + 1]
    regressor = fresh(ensemble, estimator=DecisionTreeRegressor(max_features=2))
    values = regressor.fit(X, y).values(queries)
    order = np.random.RandomState(1).permutation(len(y))
    np.testing.assert_array_equal(regressor.fit(X[order], y[order]).values(queries), values)
    partition, spread = regressor.partition_[np.argsort(order)], regressor.spread_
    for row in (0, 150):
        other = y.copy()
        other[row] = 1e9
        after = regressor.fit(X, other).values(queries)
        reached = np.isin(np.arange(6), spread[partition[row]])
        np.testing.assert_array_equal(after[:, ~reached], values[:, ~reached])
        assert (after[:, reached] != values[:, reached]).any()


def test_partitioning_by_sample_sees_the_target(slope):
    X, y, _ = slope
    zeros = np.where(np.arange(len(y)) % 2, 0.0, -0.0)
    for partition_by, moves in (("features", False), ("sample", True)):
        regressor = DPARegressor(n_partitions=5, partition_by=partition_by)
        first, second, last, none, minus = (
            clone(regressor).fit(X, targets).partition_
            for targets in (y, np.nextafter(y, np.inf), y + 1, 0 * y, zeros)
        )
        assert (first != last).any() == moves
        assert (first != second).any() == moves  # the last bit counts
        np.testing.assert_array_equal(none, minus)


def test_voters_get_one_kind_of_targets(slope):
    X, _, queries = slope
    whole = np.arange(len(X)) % 7 - 3
    expected = DPARegressor(n_partitions=5).fit(X, whole.astype(float)).values(queries)
    for y in (
        whole,
        whole.tolist(),
        whole.astype(np.float32),
        whole.astype(object),
        pd.Series(whole, dtype="Int64"),
        [*whole[:9].tolist(), *whole[9:].astype(float).tolist()],
    ):
        np.testing.assert_array_equal(
            DPARegressor(n_partitions=5).fit(X, y).values(queries), expected
        )
    with pytest.warns(DataConversionWarning, match="column-vector"):
        DPARegressor(n_partitions=5).fit(X, whole[:, np.newaxis])


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "requires y to be passed"),
        (np.zeros((10, 2)), "1d array"),
        ([1.0] * 9, "inconsistent numbers"),
        ([1.0] * 9 + [np.nan], "NaN"),
        ([1.0] * 9 + [None], "NaN"),
        ([1.0] * 9 + [-np.inf], "infinity"),
        ([1.0] * 9 + ["2.0"], "hold numbers"),
        (["low"] * 10, "hold numbers"),
        (np.zeros(10, dtype="datetime64[s]"), "hold numbers"),
        (np.zeros(10, dtype=complex), "hold numbers"),
    ],
)
def test_targets_are_finite_numbers(y, message):
    with pytest.raises(ValueError, match=message):
        DPARegressor(n_partitions=2).fit(np.arange(20.0).reshape(10, 2), y)


class Moody(RegressorMixin, BaseEstimator):
    """Fails in one of many ways if it learns the deadly target."""

    def __init__(self, way="raises in fit"):
        self.way = way

    def fit(self, X, y):
        self.spoilt_ = (y == -99).any()
        if self.spoilt_ and self.way == "raises in fit":
            raise RuntimeError("a bad day")
        self.mean_ = y.mean()
        return self

    def predict(self, X):
        answers = np.full(len(X), self.mean_)
        if not self.spoilt_:
            return answers
        if self.way == "raises in predict":
            raise RuntimeError("a bad day")
        return {
            "answers NaN": np.full(len(X), np.nan),
            "answers infinity at times": np.where(X[:, 0] > 0, np.inf, answers),
            "answers too few": answers[1:],
            "answers two each": np.column_stack([answers, answers]),
            "answers texts": answers.astype(str),
            "answers objects": answers.astype(object),
        }[self.way]


@every_ensemble
@pytest.mark.parametrize(
    "way",
    [
        "raises in fit",
        "raises in predict",
        "answers NaN",
        "answers infinity at times",
        "answers too few",
        "answers two each",
        "answers texts",
        "answers objects",
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn_certify.exceptions.VoterWarning")
def test_a_voter_that_fails_is_named_or_abstains(ensemble, way, slope):
    X, y, queries = slope
    clean = fresh(ensemble, estimator=Moody(way)).fit(X, y)
    values, deadly = clean.values(queries), y.copy()
    deadly[0] = -99
    reached = np.isin(np.arange(6), clean.spread_[clean.partition_[0]])
    with pytest.raises(VoterError, match=r"Moody .*voter \d"):
        clone(clean).fit(X, deadly).predict(queries)
    with pytest.warns(VoterWarning, match=rf"{reached.sum()} of 6 voters failed"):
        spoilt = clone(clean).set_params(on_voter_error="abstain").fit(X, deadly)
        after = spoilt.values(queries)
    np.testing.assert_array_equal(after[:, ~reached], values[:, ~reached])
    silent = queries[:, 0] > 0 if way == "answers infinity at times" else slice(None)
    assert np.isnan(after[silent][:, reached]).all()
    assert np.isfinite(spoilt.predict(queries)).all()
    # one row that makes voters fail is one unit of poison
    low, high = clean.predict_interval(queries, 1).T
    after = spoilt.predict(queries)
    assert ((low <= after) & (after <= high)).all()


def test_all_voters_that_fail_are_an_error(slope):
    X, y, queries = slope
    regressor = DPARegressor(Moody("answers NaN"), n_partitions=3, on_voter_error="abstain")
    with pytest.raises(VoterError, match="All 3 voters failed"):
        regressor.fit(X, np.full_like(y, -99)).predict(queries)
    # at times all of them: nothing is known of such rows
    regressor.set_params(estimator=Moody("answers infinity at times"))
    regressor.fit(X, np.full_like(y, -99))
    with pytest.warns(VoterWarning):
        predictions = regressor.predict(queries)
        intervals = regressor.predict_interval(queries, 0)
        radii = regressor.certified_radius(queries, np.zeros(50), 1e9)
    silent = queries[:, 0] > 0
    np.testing.assert_array_equal(np.isnan(predictions), silent)
    assert np.isinf(intervals[silent]).all() and (radii[silent] == -1).all()


@every_ensemble
def test_fewer_rows_than_voters(ensemble):
    fitted = fresh(ensemble, n_partitions=50).fit([[0.0], [1.0], [2.0]], [5.0, 6.0, 7.0])
    values = fitted.values([[1.0]])
    empty = [voter is None for voter in fitted.estimators_]
    assert 0 < sum(empty) < fitted.n_voters_
    np.testing.assert_array_equal(np.isnan(values[0]), empty)
    assert 5 <= fitted.predict([[1.0]])[0] <= 7


@every_ensemble
def test_estimators_that_cannot_be_voters(ensemble, slope):
    X, y, _ = slope
    frozen = FrozenEstimator(LinearRegression().fit(X, y))
    for estimator in (frozen, make_pipeline(Normalizer(), frozen)):
        with pytest.raises(UnsoundPipelineError, match="regressor in a FrozenEstimator"):
            fresh(ensemble, estimator=estimator).fit(X, y)
    for estimator in (
        LogisticRegression(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        DPAClassifier(),
    ):
        with pytest.raises(InvalidInputError, match="is a classifier; DPAClassifier"):
            fresh(ensemble, estimator=estimator).fit(X, y)
    with pytest.raises(InvalidInputError, match="StandardScaler has no predict"):
        fresh(ensemble, estimator=StandardScaler()).fit(X, y)
    with pytest.raises(TypeError, match="instance of scikit-learn estimator instead of a class"):
        fresh(ensemble, estimator=Ridge).fit(X, y)
    for estimator in (Ridge(), make_pipeline(StandardScaler(), Ridge()), DPARegressor()):
        with pytest.raises(InvalidInputError, match="is a regressor; DPARegressor"):
            DPAClassifier(estimator).fit(X, y > 0)


@every_ensemble
def test_a_scaler_of_targets_belongs_inside(ensemble, slope):
    X, y, queries = slope
    voter = TransformedTargetRegressor(
        KNeighborsRegressor(3), transformer=make_pipeline(StandardScaler())
    )
    fitted = fresh(ensemble, estimator=voter).fit(X, 1000 * y)
    values = fitted.values(queries)
    assert np.corrcoef(fitted.predict(queries), queries @ [3.0, -2.0, 0.0, 1.0])[0, 1] > 0.7
    other = 1000 * y
    other[3] = 1e12  # which a scaler of all targets would spread
    after = fitted.fit(X, other).values(queries)
    reached = np.isin(np.arange(6), fitted.spread_[fitted.partition_[3]])
    np.testing.assert_array_equal(after[:, ~reached], values[:, ~reached])
    scaled = (y - y.mean()) / y.std()
    with pytest.warns(FingerprintWarning, match="y has mean 0 and variance 1"):
        fitted.fit(X, scaled)
    with pytest.warns(FingerprintWarning, match="y has mean 0 and variance 1"):
        fitted.set_params(threat_model="label_flip").fit(X, scaled)


def lengths(texts):
    return np.array([[float(len(text))] for text in texts])


@pytest.mark.parametrize(
    ("rows", "voter"),
    [
        (lambda X: csr_array(np.maximum(X, 0)), Ridge()),
        (lambda X: pd.DataFrame(X).add_prefix("c"), make_pipeline(StandardScaler(), Ridge())),
        (
            lambda X: X.reshape(-1, 2, 2),
            make_pipeline(FunctionTransformer(lambda X: X[:, 0]), Ridge()),
        ),
        (
            lambda X: np.array(["up " * int(9 + 2 * row[0]) for row in X], dtype=object),
            make_pipeline(HashingVectorizer(n_features=8, norm=None), Ridge()),
        ),
    ],
    ids=["sparse", "table", "images", "texts"],
)
def test_rows_of_any_kind(rows, voter, slope):
    X, y, queries = slope
    fitted = DPARegressor(voter, n_partitions=5).fit(rows(X), y)
    assert fitted.score(rows(X), y) > 0.2
    assert fitted.predict_interval(rows(queries), 1).shape == (50, 2)


def test_a_transformer_in_front_of_all_voters(slope):
    X, y, queries = slope
    plain = DPARegressor(n_partitions=5).fit(X, y)
    fitted = DPARegressor(n_partitions=5, transformer=Normalizer()).fit(X, y)
    np.testing.assert_array_equal(fitted.partition_, plain.partition_)
    assert (fitted.values(queries) != plain.values(queries)).any()
    with pytest.raises(UnsoundPipelineError):
        DPARegressor(transformer=StandardScaler()).fit(X, y)
    behind = make_pipeline(StandardScaler(), plain).fit(X, y)
    with pytest.raises(
        UnsoundPipelineError, match=r"Move it into the regressor, DPARegressor\(make"
    ):
        predict_interval(behind, queries, 1)
    assert find_unsound_steps(make_pipeline(Normalizer(), plain), queries) == []


@every_ensemble
def test_voters_are_kept_in_memory(ensemble, slope, tmp_path, capsys):
    X, y, queries = slope
    regressor = fresh(ensemble, memory=tmp_path, verbose=1, estimator=DecisionTreeRegressor())
    values = regressor.fit(X, y).values(queries)
    assert "0 kept in memory, 6 fitted" in capsys.readouterr().out
    np.testing.assert_array_equal(clone(regressor).fit(X, y).values(queries), values)
    assert "6 kept in memory, 0 fitted" in capsys.readouterr().out
    other = y.copy()
    other[7] = np.nextafter(other[7], 9)
    regressor.fit(X, other)
    n_fitted = regressor.spread_.shape[1]
    assert f"{6 - n_fitted} kept in memory, {n_fitted} fitted" in capsys.readouterr().out
    assert regressor.forget_unused() == n_fitted


@every_ensemble
def test_long_work_tells_how_much_is_done(ensemble, slope, capsys):
    X, y, queries = slope
    fresh(ensemble, verbose=10).fit(X, y).predict(queries)
    said = capsys.readouterr()
    assert re.search(r"\b6\b.*fitted", said.out + said.err)
    assert "300" in said.out + said.err  # answers of six voters on fifty rows


class Double(BaseEstimator):
    """No regressor and no classifier by name: it repeats the first y."""

    def fit(self, X, y):
        self.first_, self.classes_ = y[0], np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.first_)


def test_labels_and_numbers_share_no_voters(slope, tmp_path, capsys):
    X, y, _ = slope
    whole = np.rint(y)
    DPAClassifier(Double(), n_partitions=6, memory=tmp_path).fit(X, whole)
    DPARegressor(Double(), n_partitions=6, memory=tmp_path, verbose=1).fit(X, whole)
    assert "0 kept in memory, 6 fitted" in capsys.readouterr().out


@every_ensemble
def test_rows_taken_away(ensemble, slope):
    X, y, queries = slope
    fitted = fresh(ensemble, estimator=DecisionTreeRegressor(max_features=2)).fit(X, y)
    removed = np.zeros(len(y), dtype=bool)
    removed[[3, 50]] = True
    without = Removal(fitted, X, y).without(removed)
    expected = clone(fitted).fit(X[~removed], y[~removed])
    np.testing.assert_array_equal(without.values(queries), expected.values(queries))


EFFECTIVE = {"threat_model": "modify", "n_jobs": 2, "on_voter_error": "abstain", "tighten": True}
FIXED = {
    "estimator": Ridge(),
    "n_partitions": 7,
    "spreading_degree": 3,
    "transformer": Normalizer(),
    "partition_by": "sample",
    "hash_function": lambda X, y: np.zeros(len(X), dtype=int),
    "random_state": 5,
    "poison_unit": "row",
}


@every_ensemble
def test_parameters_set_after_fit_have_an_effect_or_are_refused(ensemble, slope):
    X, y, queries = slope
    fitted = fresh(ensemble).fit(X, y)
    radii, predictions = (
        fitted.certified_radius(queries, queries[:, 0], 3.0),
        fitted.predict(queries),
    )
    for name, value in FIXED.items():
        if name not in ensemble.get_params(deep=False):
            continue
        changed = copy.deepcopy(fitted).set_params(**{name: value})
        for use in (
            lambda regressor: regressor.predict(queries),
            lambda regressor: regressor.values(queries),
            lambda regressor: regressor.predict_interval(queries, 1),
            lambda regressor: regressor.certified_radius(queries, queries[:, 0], 1.0),
        ):
            with pytest.raises(InvalidInputError, match=f"{name} is .* call fit again"):
                use(changed)
    for name, value in EFFECTIVE.items():
        if name in ensemble.get_params(deep=False):
            changed = copy.deepcopy(fitted).set_params(**{name: value})
            np.testing.assert_array_equal(changed.predict(queries), predictions)
    halved = fitted.set_params(threat_model="modify").certified_radius(queries, queries[:, 0], 3.0)
    np.testing.assert_array_equal(halved, np.where(radii < 0, -1, radii // 2))


@every_class
def test_parameters_are_validated(regressor):
    for name in signature(regressor).parameters:
        bad = regressor(**{name: object()})
        with pytest.raises(InvalidParameterError, match=name):
            bad.fit(np.zeros((4, 2)), [0.0, 1.0, 2.0, 3.0])


def documented(regressor, start, end):
    section = getdoc(regressor).split(f"{start}\n")[1].split(f"{end}\n")[0]
    return [line.split(" : ")[0] for line in section.splitlines() if re.match(r"\w+ : ", line)]


@every_class
def test_what_is_documented_is_there(regressor, slope):
    X, y, _ = slope
    names = documented(regressor, "Parameters", "Attributes")
    assert sorted(names) == sorted(signature(regressor).parameters)
    fitted = regressor(n_partitions=5).fit(pd.DataFrame(X).rename(columns=str), y)
    attributes = {name for name in dir(fitted) if re.match(r"[^_].*[^_]_$", name)}
    assert set(documented(regressor, "Attributes", "See Also")) == attributes
    changed = regressor(threat_model="modify")
    assert "threat_model='modify'" in repr(changed)
    assert regressor.__name__ in changed._repr_html_()


@every_ensemble
def test_unfitted_use_is_refused(ensemble, slope):
    queries = slope[2]
    for use in (
        lambda regressor: regressor.predict(queries),
        lambda regressor: regressor.values(queries),
        lambda regressor: regressor.predict_interval(queries, 1),
        lambda regressor: regressor.certified_radius(queries, queries[:, 0], 1.0),
        lambda regressor: regressor.estimators_,
        lambda regressor: regressor.forget_unused(),
    ):
        with pytest.raises(NotFittedError):
            use(fresh(ensemble))


@every_ensemble
def test_a_search_over_the_trade_of_accuracy_for_radius(ensemble, slope):
    X, y, _ = slope
    model = make_pipeline(Normalizer(norm="max"), fresh(ensemble))
    name = type(ensemble).__name__.lower()
    search = GridSearchCV(model, {f"{name}__n_partitions": [2, 20]}, cv=2, error_score="raise")
    assert search.fit(X, y).best_score_ > 0.2


@every_class
def test_groups_are_routed(regressor, slope):
    X, y, _ = slope
    groups = np.arange(len(y)) // 5
    direct = regressor(n_partitions=5).fit(X, y, groups=groups)
    assert direct.poison_unit_ == "group"
    with config_context(enable_metadata_routing=True):
        model = regressor(n_partitions=5).set_fit_request(groups=True)
        routed = make_pipeline("passthrough", model).fit(X, y, groups=groups)[-1]
    np.testing.assert_array_equal(routed.partition_, direct.partition_)
    assert all(len(set(direct.partition_[groups == group])) == 1 for group in range(30))
    with pytest.raises(InvalidInputError, match="poison_unit='group' needs"):
        regressor(poison_unit="group").fit(X, y)
