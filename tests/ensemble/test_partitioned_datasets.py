"""Ensembles on data sets on disk vote as those that were fitted on the same rows in memory."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
    certify,
    explain,
)
from sklearn_certify.exceptions import DatasetError, InvalidInputError, VoterError
from sklearn_certify.learners import StackedRidgeClassifier
from sklearn_certify.partition import PartitionedDataset
from sklearn_certify.testing import check_soundness
from sklearn_certify.threat import THREAT_MODELS

RNG = np.random.default_rng(3)
N_ROWS = 150
Y = RNG.integers(0, 3, N_ROWS)
X = np.round(RNG.normal(size=(N_ROWS, 6)) + Y[:, np.newaxis], 2)
X[5:15] = X[0]  # rows with equal hashes, some with other labels
X[0:10:2, 1], X[1:10:2, 1] = 0.0, -0.0
Y[5:10] = Y[0]
WORDS = np.array(["red", "green", "blue", "small", "large"])
TEXTS = np.array([" ".join(WORDS[row[:5] > 0]) or "none" for row in X], dtype=object)
TABLE = pd.DataFrame(
    {"size": X[:, 0], "color": pd.Categorical(WORDS[(X[:, 1] > 0).astype(int)]), "text": TEXTS}
)
TABLE.loc[::7, "text"] = None
TABLE["number"] = pd.array([1, None, 3] * 50, dtype="Int64")
ENCODER = OrdinalEncoder(
    handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-1
)
ENCODED = make_pipeline(ENCODER, DecisionTreeClassifier())
GROUPS = np.array([f"who {row % 40}" for row in range(N_ROWS)])


def flat(images):
    return images.reshape(len(images), -1)


ROWS = {
    "numbers": (X, DecisionTreeClassifier(max_features=2)),
    "float32": (X.astype(np.float32), None),
    "stacked": (X, StackedRidgeClassifier()),
    "images": (X.reshape(-1, 2, 3), make_pipeline(FunctionTransformer(flat), GaussianNB())),
    "sparse": (csr_array(np.maximum(X, 0)), MultinomialNB()),
    "texts": (TEXTS, make_pipeline(CountVectorizer(), MultinomialNB())),
    "objects": (TABLE[["size", "color", "text"]].astype(object).to_numpy(), ENCODED),
    "pandas": (TABLE, ENCODED),
    "polars": (pl.DataFrame({"a": X[:, 0], "b": TEXTS.tolist()}), ENCODED),
    "arrow": (pa.table({"a": X[:, 0], "b": TEXTS.tolist(), "c": [1, None, 2] * 50}), ENCODED),
}


def classifiers(estimator, **parameters):
    yield DPAClassifier(estimator, n_partitions=12, **parameters)
    yield FiniteAggregationClassifier(estimator, n_partitions=4, spreading_degree=3, **parameters)


def take(rows, which):
    if isinstance(rows, pd.DataFrame):
        return rows.iloc[which]
    return rows.take(which) if isinstance(rows, pa.Table) else rows[which]


def blocks(rows, y, groups, size, seed):
    """Yield rows in blocks, in another order than they have."""
    order = np.random.default_rng(seed).permutation(N_ROWS)
    for start in range(0, N_ROWS, size):
        which = order[start : start + size]
        parts = (take(rows, which), y[which])
        yield parts if groups is None else (*parts, groups[which])


def assert_same(fitted, expected, rows):
    np.testing.assert_array_equal(fitted.votes(rows), expected.votes(rows))
    np.testing.assert_array_equal(fitted.certified_radius(rows), expected.certified_radius(rows))
    np.testing.assert_array_equal(fitted.spread_, expected.spread_)
    np.testing.assert_array_equal(fitted.classes_, expected.classes_)
    assert fitted.classes_.dtype.kind == expected.classes_.dtype.kind
    assert fitted.poison_unit_ == expected.poison_unit_
    for name in ("n_features_in_", "feature_names_in_"):
        assert np.array_equal(getattr(fitted, name, None), getattr(expected, name, None))
    for one, other in zip(fitted.estimators_, expected.estimators_, strict=True):
        assert (one is None) == (other is None)


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("kind", ROWS)
def test_votes_are_those_of_a_fit_in_memory(kind, n_jobs, tmp_path):
    rows, estimator = ROWS[kind]
    dataset = PartitionedDataset.write(tmp_path / "rows", blocks(rows, Y, None, 37, 0), 12)
    for memory in (None, tmp_path / "voters"):
        for classifier in classifiers(estimator, n_jobs=n_jobs):
            expected = clone(classifier).fit(rows, Y)
            fitted = classifier.set_params(memory=memory).fit(dataset)
            assert_same(fitted, expected, rows)
            assert not hasattr(fitted, "partition_")


@pytest.mark.parametrize(
    "settings, grouped",
    [
        ({"partition_by": "sample"}, False),
        ({"partition_by": "sample", "threat_model": "label_flip"}, False),
        ({}, True),
        ({"partition_by": "sample"}, True),
        ({"classes": [0, 1, 2, 3]}, False),
        ({"aggregation": "runoff"}, False),
        ({"transformer": Normalizer()}, False),
        ({"random_state": 7, "memory": "voters", "aggregation": "runoff"}, False),
    ],
    ids=str,
)
def test_settings_mean_the_same(settings, grouped, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    groups = GROUPS if grouped else None
    by = settings.get("partition_by", "features")
    PartitionedDataset.write("rows", blocks(X, Y, groups, 20, 1), 12, partition_by=by)
    for classifier in classifiers(GaussianNB(), **settings):
        expected = clone(classifier).set_params(memory=None).fit(X, Y, groups)
        assert_same(classifier.fit(PartitionedDataset("rows")), expected, X)


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_all_threat_models(threat_model, tmp_path):
    dataset = PartitionedDataset.write(tmp_path, (X, Y), 12)
    for classifier in classifiers(GaussianNB(), threat_model=threat_model):
        assert_same(clone(classifier).fit(dataset), classifier.fit(X, Y), X)


def first_cell(X, y):
    return np.floor(np.abs(np.asarray(X)[:, 0]) * 10).astype(np.int64)


def test_a_hash_function_of_ones_own(tmp_path):
    dataset = PartitionedDataset.write(tmp_path, (X, Y), 12, hash_function=first_cell)
    for classifier in classifiers(GaussianNB(), hash_function=first_cell):
        assert_same(clone(classifier).fit(dataset), classifier.fit(X, Y), X)
    with pytest.raises(InvalidInputError, match=r"hash_function='.*first_cell', and DPA"):
        DPAClassifier(n_partitions=12).fit(dataset)


@pytest.mark.parametrize("n_partitions", [1, 2, 1000])
def test_one_partition_and_more_than_rows(n_partitions, tmp_path):
    dataset = PartitionedDataset.write(tmp_path, blocks(X, Y, None, 1, 2), n_partitions)
    classifier = DPAClassifier(DecisionTreeClassifier(), n_partitions=n_partitions)
    assert_same(clone(classifier).fit(dataset), classifier.fit(X, Y), X)


@pytest.mark.parametrize("size", [1, 7, 64, N_ROWS])
def test_blocks_of_any_size_in_any_order(size, tmp_path):
    dataset = PartitionedDataset.write(tmp_path, blocks(X, Y, None, size, size), 12)
    for classifier in classifiers(DecisionTreeClassifier()):
        assert_same(clone(classifier).fit(dataset), classifier.fit(X, Y), X)


@pytest.mark.parametrize(
    "labels", [Y.astype(str), Y.astype(str).astype(object), Y > 0, Y.astype(np.int8)], ids=type
)
def test_labels_of_any_kind(labels, tmp_path):
    dataset = PartitionedDataset.write(tmp_path, (X, labels), 12)
    for classifier in classifiers(LogisticRegression()):
        assert_same(clone(classifier).fit(dataset), classifier.fit(X, labels), X)


def test_rows_come_and_go(tmp_path, capsys):
    dataset = PartitionedDataset.write(tmp_path / "rows", (X[:100], Y[:100]), 12)
    for classifier in classifiers(DecisionTreeClassifier(), memory=tmp_path / "voters"):
        in_memory = clone(classifier).set_params(memory=None)
        assert_same(classifier.fit(dataset), in_memory.fit(X[:100], Y[:100]), X)
        assert_same(classifier.fit(dataset.append((X[100:], Y[100:]))), in_memory.fit(X, Y), X)
        capsys.readouterr()
        classifier.set_params(verbose=1).fit(dataset.append((X[20:21], Y[20:21])))
        degree = classifier.spread_.shape[1]
        said = f"Voters: {12 - degree} kept in memory, {degree} fitted."
        assert said in capsys.readouterr().out
        dataset.remove((X[100:], Y[100:]))
        dataset.append((X[15:20], Y[15:20]))
        dataset = PartitionedDataset.write(
            tmp_path / "rows", (X[:100], Y[:100]), 12, overwrite=True
        )
    assert classifier.forget_unused() > 0
    assert_same(classifier, classifier, X)


def test_removed_rows_were_never_there(tmp_path):
    dataset = PartitionedDataset.write(tmp_path, (X, Y, GROUPS), 12)
    dataset.remove(groups=GROUPS[:9])
    left = ~np.isin(GROUPS, GROUPS[:9])
    for classifier in classifiers(DecisionTreeClassifier()):
        expected = clone(classifier).fit(X[left], Y[left], GROUPS[left])
        assert_same(classifier.fit(dataset), expected, X)


def test_kept_voters_stay_on_disk(tmp_path):
    dataset = PartitionedDataset.write(tmp_path / "rows", (X, Y), 12)
    forest = DecisionTreeClassifier()
    plain = DPAClassifier(forest, n_partitions=12).fit(dataset)
    keeping = DPAClassifier(forest, n_partitions=12, memory=tmp_path / "voters").fit(dataset)
    assert len(pickle.dumps(keeping)) < len(pickle.dumps(plain)) / 2
    again = pickle.loads(pickle.dumps(keeping))
    assert_same(again, plain, X)
    assert len(again.estimators_) == 12
    assert again.estimators_[-1].tree_ is not again.estimators_[11].tree_  # loaded each time
    assert [type(voter) for voter in again.estimators_[2:4]] == [DecisionTreeClassifier] * 2
    for path in (tmp_path / "voters").rglob("output.pkl"):
        path.unlink()
    with pytest.raises(VoterError, match=r"Voter \d+ is no longer in"):
        again.votes(X)


class Picky(ClassifierMixin, BaseEstimator):
    """Fails on some rows, and says so; kills the process if it is told to."""

    def __init__(self, fails_above=None, kills_at=None, path=None):
        self.fails_above, self.kills_at, self.path = fails_above, kills_at, path

    def fit(self, X, y):
        if self.path is not None:
            with open(self.path, "a") as file:
                file.write("fitted\n")
            if len(Path(self.path).read_text().splitlines()) == self.kills_at:
                os.kill(os.getpid(), 9)
        if self.fails_above is not None and np.max(X) > self.fails_above:
            raise RuntimeError("too large")
        self.classes_, counts = np.unique(y, return_counts=True)
        self.best_ = self.classes_[counts.argmax()]
        return self

    def predict(self, X):
        return np.full(len(X), self.best_)


@pytest.mark.parametrize("memory", [None, "voters"])
def test_voters_that_fail_are_named(memory, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dataset = PartitionedDataset.write("rows", (X, Y), 12)
    picky = DPAClassifier(Picky(fails_above=4.5), n_partitions=12, memory=memory)
    with pytest.raises(VoterError, match="failed to fit voter"):
        picky.fit(dataset)
    assert not hasattr(picky, "classes_")
    picky.set_params(on_voter_error="abstain")
    with pytest.warns(UserWarning, match="voters failed"):
        expected = clone(picky).set_params(memory=None).fit(X, Y)
    with pytest.warns(UserWarning, match="voters failed"):
        picky.fit(dataset)
    assert_same(picky, expected, X)


PROGRAM = """
import sys
import numpy as np
from sklearn_certify import DPAClassifier
from sklearn_certify.partition import PartitionedDataset
from tests.ensemble.test_partitioned_datasets import X, Picky
folder = sys.argv[1]
picky = Picky(kills_at=5, path=folder + "/fits")
classifier = DPAClassifier(picky, n_partitions=12, memory=folder + "/voters", verbose=1)
classifier.fit(PartitionedDataset(folder + "/rows"))
np.save(folder + "/votes.npy", classifier.votes(X))
"""


def test_a_killed_fit_goes_on(tmp_path):
    PartitionedDataset.write(tmp_path / "rows", (X, Y), 12)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    root = Path(__file__).parents[2]
    assert subprocess.run(command, cwd=root).returncode == -9
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert "Voters: 4 kept in memory, 8 fitted." in done.stdout, done.stderr
    expected = DPAClassifier(Picky(), n_partitions=12).fit(X, Y)
    np.testing.assert_array_equal(np.load(tmp_path / "votes.npy"), expected.votes(X))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_rows_that_are_not_there_are_refused(n_jobs, tmp_path):
    dataset = PartitionedDataset.write(tmp_path / "rows", (X[:100], Y[:100]), 12)
    dataset.append((X[100:], Y[100:]))
    classifier = DPAClassifier(GaussianNB(), n_partitions=12, n_jobs=n_jobs)
    path = max(Path(dataset.folder).glob("*.parquet"))
    content = path.read_bytes()
    path.write_bytes(content[:-40])
    with pytest.raises(DatasetError, match="is damaged"):
        classifier.fit(dataset)
    path.unlink()
    with pytest.raises(DatasetError, match="is missing"):
        classifier.fit(dataset)
    path.write_bytes(content)
    classifier.fit(dataset)
    PartitionedDataset.write(dataset.folder, (X, Y), 12, overwrite=True)
    with pytest.raises(DatasetError, match="open it again"):
        classifier.fit(dataset)


def test_settings_that_differ_are_refused(tmp_path):
    dataset = PartitionedDataset.write(tmp_path / "a", (X, Y), 12)
    grouped = PartitionedDataset.write(tmp_path / "b", (X, Y, GROUPS), 12)
    for classifier, rows, said in (
        (DPAClassifier(n_partitions=6), dataset, "n_partitions=12, and DPAClassifier needs"),
        (
            FiniteAggregationClassifier(n_partitions=12, spreading_degree=2),
            dataset,
            "n_partitions=24: write it anew",
        ),
        (DPAClassifier(n_partitions=12, partition_by="sample"), dataset, "partition_by='features'"),
        (DPAClassifier(n_partitions=12, poison_unit="group"), dataset, "poison_unit='group'"),
        (DPAClassifier(n_partitions=12, poison_unit="row"), grouped, "poison_unit='row'"),
        (DPAClassifier(n_partitions=12, classes=[0, 1]), dataset, r"classes lacks: \[2\]"),
        (BaggingCertifiedClassifier(), dataset, "learns from rows in memory"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            classifier.fit(rows)
        assert not hasattr(classifier, "classes_")
    with pytest.raises(InvalidInputError, match=r"call fit\(dataset\) alone"):
        DPAClassifier(n_partitions=12).fit(dataset, Y)
    dataset.remove((X, Y))
    with pytest.raises(InvalidInputError, match="has no rows left"):
        DPAClassifier(n_partitions=12).fit(dataset)


def test_missing_cells_are_refused_as_in_memory(tmp_path):
    rows = X.copy()
    rows[3, 3] = np.nan
    dataset = PartitionedDataset.write(tmp_path, (rows, Y), 12)
    for fit_on in ((rows, Y), (dataset,)):
        with pytest.raises(ValueError, match="NaN"):
            DPAClassifier(LogisticRegression(), n_partitions=12).fit(*fit_on)


def test_a_fit_in_memory_forgets_the_data_set(tmp_path):
    dataset = PartitionedDataset.write(tmp_path, (TABLE, Y), 12)
    classifier = DPAClassifier(ENCODED, n_partitions=12).fit(dataset)
    assert classifier.feature_names_in_.tolist() == list(TABLE.columns)
    classifier.fit(X, Y)
    assert not hasattr(classifier, "feature_names_in_")
    assert len(classifier.partition_) == N_ROWS
    assert not hasattr(classifier.fit(dataset), "partition_")


def test_what_rests_on_a_fit_works(tmp_path):
    dataset = PartitionedDataset.write(tmp_path, (X, Y, GROUPS), 12)
    fitted = DPAClassifier(GaussianNB(), n_partitions=12).fit(dataset)
    expected = DPAClassifier(GaussianNB(), n_partitions=12).fit(X, Y, GROUPS)
    assert str(explain(fitted, X[:1])) == str(explain(expected, X[:1]))
    with pytest.raises(InvalidInputError, match="leave groups out"):
        explain(fitted, X[:1], groups=GROUPS)
    pipeline = make_pipeline(DPAClassifier(GaussianNB(), n_partitions=12)).fit(dataset)
    np.testing.assert_array_equal(certify(pipeline, X, 1), expected.certify(X, 1))
    found = check_soundness(DPAClassifier(GaussianNB(), n_partitions=12).fit(dataset), X, Y)
    assert found.sound
