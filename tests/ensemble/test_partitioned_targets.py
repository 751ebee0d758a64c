"""Regressors on data sets on disk answer as those that were fitted on the same rows in memory."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler, scale
from sklearn.tree import DecisionTreeRegressor

from sklearn_certify import (
    CertifiedKNN,
    CertifiedKNNRegressor,
    CertifiedRNN,
    DPAClassifier,
    DPARegressor,
    FiniteAggregationRegressor,
    TemporalAggregationClassifier,
    predict_interval,
)
from sklearn_certify.exceptions import (
    CertifyWarning,
    DatasetError,
    FingerprintWarning,
    FormWarning,
    InvalidInputError,
    VoterError,
)
from sklearn_certify.partition import PartitionedDataset
from sklearn_certify.persistence import load, save
from sklearn_certify.testing import check_soundness
from sklearn_certify.threat import THREAT_MODELS
from sklearn_certify.voters import _reading

from .test_partitioned_datasets import (
    ENCODER,
    GROUPS,
    N_ROWS,
    ROWS,
    TABLE,
    TEXTS,
    X,
    blocks,
    first_cell,
    flat,
)

RNG = np.random.default_rng(11)
Y = X @ [3.0, -2.0, 0.0, 1.0, 0.5, 0.0] + RNG.normal(size=N_ROWS)
Y[5:10] = Y[0]  # rows with equal hashes, and others
ENCODED = make_pipeline(ENCODER, DecisionTreeRegressor())
TREE = DecisionTreeRegressor(max_features=2)
ESTIMATORS = {
    "numbers": TREE,
    "float32": None,
    "stacked": Ridge(),
    "images": make_pipeline(FunctionTransformer(flat), LinearRegression()),
    "sparse": Ridge(),
    "texts": make_pipeline(CountVectorizer(), TransformedTargetRegressor(Ridge())),
}


def regressors(estimator, **parameters):
    yield DPARegressor(estimator, n_partitions=12, **parameters)
    yield FiniteAggregationRegressor(estimator, n_partitions=4, spreading_degree=3, **parameters)


def write(folder, source, n_partitions=12, **settings):
    return PartitionedDataset.write(folder, source, n_partitions, target_type="numbers", **settings)


def assert_same(fitted, expected, rows=X):
    np.testing.assert_array_equal(fitted.values(rows), expected.values(rows))
    one, other = (regressor.predict_interval(rows, [0, 1, 3]) for regressor in (fitted, expected))
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(fitted.spread_, expected.spread_)
    assert fitted.poison_unit_ == expected.poison_unit_
    for name in ("n_features_in_", "feature_names_in_"):
        assert np.array_equal(getattr(fitted, name, None), getattr(expected, name, None))
    for one, other in zip(fitted.estimators_, expected.estimators_, strict=True):
        assert type(one) is type(other)


@pytest.mark.parametrize("kind", ROWS)
def test_answers_are_those_of_a_fit_in_memory(kind, tmp_path):
    rows, estimator = ROWS[kind][0], ESTIMATORS.get(kind, ENCODED)
    dataset = write(tmp_path / "rows", blocks(rows, Y, None, 37, 0))
    for memory, n_jobs in ((None, 2), (tmp_path / "voters", 1)):
        for regressor in regressors(estimator):
            expected = clone(regressor).fit(rows, Y)
            fitted = regressor.set_params(memory=memory, n_jobs=n_jobs).fit(dataset)
            assert_same(fitted, expected, rows)
            assert not hasattr(fitted, "partition_")


@pytest.mark.parametrize(
    "settings, grouped",
    [
        ({"partition_by": "sample"}, False),
        ({"partition_by": "sample", "threat_model": "label_flip"}, False),
        ({}, True),
        ({"partition_by": "sample"}, True),
        ({"transformer": Normalizer()}, False),
        ({"random_state": 7, "memory": "voters"}, False),
    ],
    ids=str,
)
def test_settings_mean_the_same(settings, grouped, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    groups = GROUPS if grouped else None
    by = settings.get("partition_by", "features")
    write("rows", blocks(X, Y, groups, 20, 1), partition_by=by)
    for regressor in regressors(TREE, **settings):
        expected = clone(regressor).set_params(memory=None).fit(X, Y, groups)
        assert_same(regressor.fit(PartitionedDataset("rows")), expected)


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_all_threat_models(threat_model, tmp_path):
    dataset = write(tmp_path, (X, Y))
    for regressor in regressors(TREE, threat_model=threat_model):
        assert_same(clone(regressor).fit(dataset), regressor.fit(X, Y))


def cell_and_target(X, y):
    return np.floor(np.abs(np.asarray(X)[:, 0] + y) * 10).astype(np.int64)


def test_a_hash_function_of_ones_own(tmp_path):
    for function, by in ((first_cell, "features"), (cell_and_target, "sample")):
        settings = {"hash_function": function, "partition_by": by}
        dataset = write(tmp_path / by, (X, Y), **settings)
        for regressor in regressors(TREE, **settings):
            assert_same(clone(regressor).fit(dataset), regressor.fit(X, Y))


@pytest.mark.parametrize("n_partitions", [1, 2, 1000])
def test_one_partition_and_more_than_rows(n_partitions, tmp_path):
    dataset = write(tmp_path, blocks(X, Y, None, 1, 2), n_partitions)
    regressor = DPARegressor(DecisionTreeRegressor(), n_partitions=n_partitions)
    assert_same(clone(regressor).fit(dataset), regressor.fit(X, Y))


@pytest.mark.parametrize("size", [1, 7, 64, N_ROWS])
def test_blocks_of_any_size_in_any_order(size, tmp_path):
    dataset = write(tmp_path, blocks(X, Y, None, size, size))
    for regressor in regressors(TREE):
        assert_same(clone(regressor).fit(dataset), regressor.fit(X, Y))


ZEROS = np.where(np.arange(N_ROWS) % 3 == 0, -0.0, np.where(np.arange(N_ROWS) % 3, 0.0, Y))
TARGETS = {
    "float32": Y.astype(np.float32),
    "float16": Y.astype(np.float16),
    "integers": np.rint(Y * 10).astype(np.int64),
    "bytes": np.rint(np.abs(Y) * 5).astype(np.uint8),
    "large integers": np.arange(N_ROWS) + 2**53,
    "truth values": Y > 0,
    "both zeros": ZEROS,
    "one number": np.full(N_ROWS, 2.5),
    "list": Y.tolist(),
    "objects": np.array([*Y[1:].tolist(), 7], dtype=object),
    "series": pd.Series(np.rint(Y), dtype="Int64"),
    "column of arrow": pa.chunked_array([Y[:40], Y[40:]]),
}


@pytest.mark.parametrize("by", ["features", "sample"])
@pytest.mark.parametrize("kind", TARGETS)
def test_targets_of_any_type_are_numbers(kind, by, tmp_path):
    y = TARGETS[kind]
    dataset = write(tmp_path, (X, y), partition_by=by)
    for regressor in regressors(TREE, partition_by=by):
        assert_same(clone(regressor).fit(dataset), regressor.fit(X, y))
    assert dataset.read(0)[1].dtype == np.float64


def test_no_block_decides_the_type_of_targets(tmp_path):
    whole = np.where(np.arange(N_ROWS) < 50, np.rint(Y), Y)
    parts = [(X[:50], whole[:50].astype(int)), (X[50:90], whole[50:90].tolist())]
    dataset = write(tmp_path, [*parts, (X[90:], whole[90:])])
    for regressor in regressors(TREE):
        assert_same(regressor.fit(dataset), clone(regressor).fit(X, whole))


def test_rows_come_and_go(tmp_path, capsys):
    dataset = write(tmp_path / "rows", (X[:100], Y[:100]))
    for regressor in regressors(TREE, memory=tmp_path / "voters"):
        in_memory = clone(regressor).set_params(memory=None)
        assert_same(regressor.fit(dataset), in_memory.fit(X[:100], Y[:100]))
        assert_same(regressor.fit(dataset.append((X[100:], Y[100:]))), in_memory.fit(X, Y))
        capsys.readouterr()
        regressor.set_params(verbose=1).fit(dataset.append((X[20:21], Y[20:21])))
        degree = regressor.spread_.shape[1]
        said = f"Voters: {12 - degree} kept in memory, {degree} fitted."
        assert said in capsys.readouterr().out
        with_it = np.append(np.arange(N_ROWS), 20)
        assert_same(regressor, in_memory.fit(X[with_it], Y[with_it]))
        dataset.remove((X[100:], Y[100:]))
        left = ~np.isin(np.arange(N_ROWS), np.arange(100, N_ROWS))
        left &= ~_are_equal_to_any(X, Y, X[100:], Y[100:])
        rows = np.append(np.flatnonzero(left), 20)
        assert_same(regressor.fit(dataset), in_memory.fit(X[rows], Y[rows]))
        dataset = write(tmp_path / "rows", (X[:100], Y[:100]), overwrite=True)
    assert regressor.fit(dataset).forget_unused() > 0
    assert_same(regressor, in_memory.fit(X[:100], Y[:100]))


def _are_equal_to_any(X, y, others, y_of_others):
    rows, those = np.column_stack([X, y]), np.column_stack([others, y_of_others])
    return (rows[:, np.newaxis] == those).all(axis=2).any(axis=1)


def test_rows_are_removed_by_their_targets(tmp_path):
    rows, y = np.repeat(X[:40], 2, axis=0), np.arange(80) / 7
    dataset = write(tmp_path, (rows, y))
    dataset.remove((rows[:10:2], y[:10:2].tolist()))
    left = np.setdiff1d(np.arange(80), np.arange(0, 10, 2))
    for regressor in regressors(TREE):
        queries = clone(regressor).fit(rows[left], y[left]).values(X)
        np.testing.assert_array_equal(regressor.fit(dataset).values(X), queries)
    with pytest.raises(InvalidInputError, match="1 of the rows to remove are not"):
        dataset.remove((rows[:1], [0.5]))


def test_removed_contributors_were_never_there(tmp_path):
    dataset = write(tmp_path, (X, Y, GROUPS))
    dataset.remove(groups=GROUPS[:9])
    left = ~np.isin(GROUPS, GROUPS[:9])
    for regressor in regressors(TREE):
        expected = clone(regressor).fit(X[left], Y[left], GROUPS[left])
        assert_same(regressor.fit(dataset), expected)


def test_kept_voters_stay_on_disk(tmp_path):
    dataset = write(tmp_path / "rows", (X, Y))
    plain = DPARegressor(TREE, n_partitions=12).fit(dataset)
    keeping = DPARegressor(TREE, n_partitions=12, memory=tmp_path / "voters").fit(dataset)
    assert len(pickle.dumps(keeping)) < len(pickle.dumps(plain)) / 2
    again = pickle.loads(pickle.dumps(keeping))
    assert_same(again, plain)
    for path in (tmp_path / "voters").rglob("output.pkl"):
        path.unlink()
    with pytest.raises(VoterError, match=r"Voter \d+ is no longer in"):
        again.values(X)


def test_models_are_saved(tmp_path):
    fitted = DPARegressor(n_partitions=12).fit(write(tmp_path / "rows", (X, Y)))
    save(fitted, tmp_path / "model.skops")
    assert_same(load(tmp_path / "model.skops"), fitted)


def test_a_data_set_and_memory_keep_the_same_voters(tmp_path, capsys):
    dataset = write(tmp_path / "rows", (X, Y))
    regressor = DPARegressor(TREE, n_partitions=12, memory=tmp_path / "voters", verbose=1)
    regressor.fit(X, Y)
    regressor.fit(dataset)
    assert "12 kept in memory, 0 fitted" in capsys.readouterr().out


def test_labels_and_numbers_share_no_data_set(tmp_path):
    whole = np.rint(Y).astype(int)
    labels = PartitionedDataset.write(tmp_path / "labels", (X, whole), 12)
    numbers = write(tmp_path / "numbers", (X, whole))
    assert (labels.target_type, numbers.target_type) == ("labels", "numbers")
    assert PartitionedDataset(tmp_path / "numbers").target_type == "numbers"
    for ensemble, dataset in (
        (DPARegressor(n_partitions=12), labels),
        (FiniteAggregationRegressor(n_partitions=4, spreading_degree=3), labels),
        (DPAClassifier(n_partitions=12), numbers),
    ):
        needed, written = sorted(("labels", "numbers"), key=dataset.target_type.__eq__)
        said = f"with target_type='{written}', and .* needs target_type='{needed}': write it anew"
        with pytest.raises(InvalidInputError, match=said):
            ensemble.fit(dataset)
        assert not hasattr(ensemble, "n_voters_")


def test_settings_that_differ_are_refused(tmp_path):
    dataset = write(tmp_path / "a", (X, Y))
    for regressor, said in (
        (DPARegressor(n_partitions=6), "needs n_partitions=6: write it anew, or change the regre"),
        (DPARegressor(n_partitions=12, partition_by="sample"), "partition_by='features'"),
        (DPARegressor(n_partitions=12, poison_unit="group"), "poison_unit='group'"),
        (DPARegressor(GaussianNB(), n_partitions=12), "GaussianNB"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            regressor.fit(dataset)
        assert not hasattr(regressor, "n_voters_")
    for arguments in ((dataset, Y), (dataset, None, GROUPS)):
        with pytest.raises(InvalidInputError, match=r"holds numbers .*; call fit\(dataset\) alone"):
            DPARegressor(n_partitions=12).fit(*arguments)
    dataset.remove((X, Y))
    with pytest.raises(InvalidInputError, match="has no rows left"):
        DPARegressor(n_partitions=12).fit(dataset)


def test_a_damaged_data_set_is_refused(tmp_path):
    dataset = write(tmp_path / "rows", (X, Y))
    path = next((tmp_path / "rows").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-40])
    regressor = DPARegressor(n_partitions=12)
    with pytest.raises(DatasetError, match="is damaged"):
        regressor.fit(dataset)


def test_others_learn_from_rows_in_memory(tmp_path):
    dataset = write(tmp_path, (X, Y))
    for estimator in (CertifiedKNN(), CertifiedRNN(), CertifiedKNNRegressor()):
        for arguments in ((dataset,), (dataset, Y)):
            with pytest.raises(InvalidInputError, match="rows in memory are needed here"):
                estimator.fit(*arguments)
    for arguments in ((dataset,), (dataset, Y), (dataset, Y, np.arange(N_ROWS))):
        with pytest.raises(InvalidInputError, match="TemporalAggregationClassifier learns from"):
            TemporalAggregationClassifier().fit(*arguments)
    with pytest.raises(InvalidInputError, match="rows in memory are needed here"):
        DPARegressor(n_partitions=12).fit(dataset).predict(dataset)


def test_voters_that_fail_abstain(tmp_path):
    rows = X.copy()
    rows[3, 3] = np.nan
    dataset = write(tmp_path, (rows, Y))
    estimator = make_pipeline(FunctionTransformer(), Ridge())  # whose tags say nothing of NaN
    for regressor in regressors(estimator):
        with pytest.raises(VoterError, match="failed to fit voter"):
            clone(regressor).fit(dataset)
        regressor.set_params(on_voter_error="abstain")
        with pytest.warns(UserWarning, match="voter"):
            expected = clone(regressor).fit(rows, Y)
        with pytest.warns(UserWarning, match="voter"):
            assert_same(regressor.fit(dataset), expected)


def test_what_rests_on_a_fit_works(tmp_path):
    dataset = write(tmp_path, (X, Y, GROUPS))
    regressor = DPARegressor(TREE, n_partitions=12)
    expected = clone(regressor).fit(X, Y, GROUPS)
    pipeline = make_pipeline(clone(regressor)).fit(dataset)
    np.testing.assert_array_equal(predict_interval(pipeline, X, 1), expected.predict_interval(X, 1))
    fitted = clone(regressor).fit(dataset)
    assert check_soundness(fitted, X, Y, n_attacks=20).sound
    fitted.fit(TABLE[["size"]], Y)
    assert len(fitted.partition_) == N_ROWS
    assert fitted.feature_names_in_.tolist() == ["size"]
    assert not hasattr(fitted.fit(dataset), "partition_")
    assert not hasattr(fitted, "feature_names_in_")


def warned(regressor, *rows):
    """Return the categories of the warnings of a fit."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        regressor.fit(*rows)
    ours = [warning for warning in found if issubclass(warning.category, CertifyWarning)]
    assert all(warning.filename == __file__ for warning in ours)
    return {warning.category: str(warning.message) for warning in ours}


SCALED = StandardScaler().fit_transform(X)
MIXED = pd.DataFrame({"size": X[:, 0], "text": np.where(np.arange(N_ROWS) == 9, 3, TEXTS)})
SUSPICIOUS = {
    "neither": (X, Y, set()),
    "y": (X, scale(Y), {FingerprintWarning}),
    "y of a sample": (X, (Y - Y.mean()) / Y.std(ddof=1), {FingerprintWarning}),
    "y is centred": (X, Y - Y.mean(), set()),
    "y is a sign": (X, np.where(np.arange(N_ROWS) % 2, 1.0, -1.0), set()),
    "X": (SCALED, Y, {FingerprintWarning}),
    "X and y": (SCALED, scale(Y), {FingerprintWarning}),
    "form": (MIXED, Y, {FormWarning}),
    "y is equal": (X, np.full(N_ROWS, 1.5), set()),
    "few rows": (X[:15], scale(Y[:15]), set()),
}


@pytest.mark.parametrize("name", SUSPICIOUS)
def test_warnings_are_those_of_a_fit_in_memory(name, tmp_path):
    rows, y, categories = SUSPICIOUS[name]
    dataset = write(tmp_path / "rows", (rows, y))
    estimator = make_pipeline(FunctionTransformer(), DummyRegressor())
    settings = ({}, {"n_jobs": 2}, {"memory": tmp_path / "voters"}, {"threat_model": "label_flip"})
    for parameters in settings:
        for regressor in regressors(estimator, **parameters):
            expected = warned(clone(regressor).set_params(memory=None), rows, y)
            for _ in range(1 + ("memory" in parameters)):  # fitted, and kept
                found = warned(regressor, dataset)
                assert found.keys() == expected.keys()
                for category in {FingerprintWarning} & found.keys():
                    assert found[category] == expected[category]
                if "threat_model" not in parameters:
                    assert found.keys() == categories


def test_no_task_reads_more_than_the_rows_of_its_voters(tmp_path, monkeypatch):
    dataset = write(tmp_path, (X, Y))
    read, numbers = PartitionedDataset.read, []

    def noting(self, partitions):
        numbers.append(np.atleast_1d(partitions).tolist())
        return read(self, partitions)

    monkeypatch.setattr(PartitionedDataset, "read", noting)
    regressor = FiniteAggregationRegressor(TREE, n_partitions=4, spreading_degree=3, n_jobs=1)
    regressor.fit(dataset)
    assert max(map(len, numbers)) == 3
    assert len(numbers) == 12 + 1  # one more for the form of the rows


def test_targets_do_not_come_back_from_the_workers(tmp_path, monkeypatch):
    rows = np.random.default_rng(1).normal(size=(4000, 2))
    dataset = write(tmp_path, (rows, rows[:, 0]))
    fit_in_tasks, done = _reading.fit_in_tasks, []

    def noting(*arguments, **settings):
        done.extend(fit_in_tasks(*arguments, **settings))
        return done

    monkeypatch.setattr(_reading, "fit_in_tasks", noting)
    DPARegressor(DummyRegressor(), n_partitions=12).fit(dataset)
    assert done and len(pickle.dumps(done)) < rows[:, 0].nbytes / 2
