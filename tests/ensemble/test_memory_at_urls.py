"""Voters that are kept anywhere that fsspec reaches."""

import pickle
import sys
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import DPAClassifier, DPARegressor, FiniteAggregationClassifier
from sklearn_certify.exceptions import (
    InvalidInputError,
    MissingExtraError,
    VoterError,
)

fsspec = pytest.importorskip("fsspec")

X, Y = make_classification(120, 6, n_informative=4, random_state=0)


@pytest.fixture
def url():
    url = f"memory://{uuid4().hex}/voters"
    yield url
    system, root = fsspec.core.url_to_fs(url)
    system.rm(root.rsplit("/", 1)[0], recursive=True)


def files_at(url):
    system, root = fsspec.core.url_to_fs(url)
    return sorted(name for name in system.find(root) if name.endswith("output.pkl"))


def trees(memory, **parameters):
    tree = DecisionTreeClassifier()
    return DPAClassifier(tree, n_partitions=8, memory=memory, classes=[0, 1], **parameters)


def told(ensemble, capsys, *rows):
    ensemble.set_params(verbose=1).fit(*rows)
    return capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize("ensemble", [DPAClassifier, FiniteAggregationClassifier, DPARegressor])
def test_voters_are_kept_and_found_again(url, capsys, ensemble):
    expected = ensemble(n_partitions=6).fit(X, Y)
    kept = ensemble(n_partitions=6, memory=url)
    assert " 0 kept in memory" in told(kept, capsys, X, Y)
    n_voters = len(kept.estimators_)
    assert len(files_at(url)) == n_voters
    again = clone(kept)
    assert f" {n_voters} kept in memory, 0 fitted" in told(again, capsys, X, Y)
    for fitted in (kept, again):
        np.testing.assert_array_equal(fitted.predict(X), expected.predict(X))


def test_one_more_row_costs_one_voter_and_the_old_one_is_forgotten(url, capsys):
    classifier = trees(url).fit(X[1:], Y[1:])
    assert " 7 kept in memory, 1 fitted" in told(classifier, capsys, X, Y)
    assert len(files_at(url)) == 9
    assert classifier.forget_unused() == 1
    assert len(files_at(url)) == 8
    assert " 8 kept in memory, 0 fitted" in told(classifier, capsys, X, Y)


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: b""])
def test_what_is_damaged_is_not_used(url, capsys, damage):
    expected = trees(url).fit(X, Y).votes(X)
    system, root = fsspec.core.url_to_fs(url)
    [first, *_] = files_at(url)
    system.pipe_file(first, damage(system.cat_file(first)))
    again = trees(url)
    assert " 7 kept in memory, 1 fitted" in told(again, capsys, X, Y)
    np.testing.assert_array_equal(again.votes(X), expected)


def test_voters_of_a_data_set_stay_there(url):
    dataset_of = pytest.importorskip("sklearn_certify.partition").PartitionedDataset
    dataset = dataset_of.write(f"{url}/rows", (X, Y), 8, classes=[0, 1])
    classifier = trees(url).fit(dataset)
    assert len(files_at(url)) == 8
    np.testing.assert_array_equal(classifier.votes(X), trees(None).fit(X, Y).votes(X))
    assert len(pickle.dumps(classifier.estimators_.entries)) < 2000  # names, no trees
    system, _ = fsspec.core.url_to_fs(url)
    system.rm(files_at(url)[0])
    with pytest.raises(VoterError, match=r"is no longer in memory://.*fit again"):
        classifier.votes(X)


def test_processes_share_what_is_at_a_url(tmp_path, capsys):
    url = f"local://{tmp_path}/voters"  # the same files, through fsspec
    classifier = trees(url, n_jobs=2)
    assert " 0 kept in memory, 8 fitted" in told(classifier, capsys, X, Y)
    assert " 8 kept in memory, 0 fitted" in told(classifier, capsys, X, Y)
    assert len(list(tmp_path.rglob("output.pkl"))) == 8
    np.testing.assert_array_equal(classifier.votes(X), trees(None).fit(X, Y).votes(X))


def test_a_file_url_is_a_folder_of_this_machine(tmp_path, capsys):
    trees(f"file://{tmp_path}/voters").fit(X, Y)
    assert " 8 kept in memory, 0 fitted" in told(trees(tmp_path / "voters"), capsys, X, Y)


@pytest.mark.filterwarnings("ignore:X is a collection of Dask")
def test_collections_of_dask_are_beside_the_voters_for_a_while(url):
    da = pytest.importorskip("dask.array")
    pytest.importorskip("pyarrow")
    classifier = trees(url).fit(da.from_array(X, chunks=(50, 6)), da.from_array(Y, chunks=50))
    np.testing.assert_array_equal(classifier.votes(X), trees(None).fit(X, Y).votes(X))
    system, root = fsspec.core.url_to_fs(url)
    assert [Path(name).name for name in system.ls(root, detail=False)] == ["sklearn_certify-voters"]


def test_what_cannot_be_written_is_told_once(url, monkeypatch):
    system, _ = fsspec.core.url_to_fs(url)
    trees(url).fit(X, Y)

    def refuse(*_, **__):
        raise OSError("the store is read-only")

    monkeypatch.setattr(type(system), "pipe_file", refuse)
    with pytest.warns(UserWarning, match="could not be kept in memory.*the store is read-only"):
        classifier = trees(url).fit(X[:101], Y[:101])
    np.testing.assert_array_equal(classifier.votes(X), trees(None).fit(X[:101], Y[:101]).votes(X))


def test_what_is_missing_is_told_before_the_fit(monkeypatch):
    with pytest.raises(InvalidInputError, match="is in no place that fsspec knows"):
        trees("nowhere://voters").fit(X, Y)
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtraError, match="memory://voters needs fsspec"):
        trees("memory://voters").fit(X, Y)
