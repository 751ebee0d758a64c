"""Data sets anywhere that fsspec reaches."""

import pickle
import subprocess
import sys
from uuid import uuid4

import numpy as np
import pytest

from sklearn_certify import DPAClassifier
from sklearn_certify.exceptions import DatasetError
from sklearn_certify.partition import PartitionedDataset
from sklearn_certify.partition.dataset import _layout
from sklearn_certify.partition.dataset._folders import RemoteFolder

fsspec = pytest.importorskip("fsspec")
RNG = np.random.default_rng(4)
X, Y = RNG.normal(size=(200, 3)), RNG.integers(0, 2, 200)


@pytest.fixture
def url():
    url = f"memory://{uuid4().hex}/rows"
    yield url
    system, root = fsspec.core.url_to_fs(url)
    system.rm(root, recursive=True)


def names_in(url):
    system, root = fsspec.core.url_to_fs(url)
    return sorted(path.rsplit("/", 1)[-1] for path in system.ls(root, detail=False))


def test_a_folder_elsewhere_is_like_one_here(url, tmp_path, monkeypatch):
    monkeypatch.setattr(_layout, "_HELD_BYTES", 1000)
    here = PartitionedDataset.write(tmp_path, (X[:150], Y[:150]), 7)
    there = PartitionedDataset.write(url, (X[:150], Y[:150]), 7)
    for dataset in (here, there):
        dataset.append((X[150:], Y[150:])).remove((X[:20], Y[:20]))
    there = pickle.loads(pickle.dumps(PartitionedDataset(url)))
    for number in range(7):
        for one, other in zip(here.read(number), there.read(number), strict=True):
            np.testing.assert_array_equal(one, other)
    suffixes = [name.rsplit(".", 1)[-1] for name in names_in(url)]
    assert suffixes == [path.name.rsplit(".", 1)[-1] for path in sorted(tmp_path.iterdir())]
    votes = [DPAClassifier(n_partitions=7).fit(rows).votes(X) for rows in (here, there)]
    np.testing.assert_array_equal(*votes)


def test_a_file_url_is_a_path(tmp_path):
    PartitionedDataset.write(f"file://{tmp_path}", (X, Y), 3)
    assert PartitionedDataset(tmp_path).n_rows == 200
    assert PartitionedDataset(tmp_path).folder == str(tmp_path)


def test_of_two_writers_elsewhere_one_is_first(url):
    dataset = PartitionedDataset.write(url, (X[:100], Y[:100]), 7)
    other = PartitionedDataset(url)
    dataset.append((X[100:], Y[100:]))
    before = names_in(url)
    with pytest.raises(DatasetError, match="Another process changed"):
        other.append((X[:10], Y[:10]))
    assert names_in(url) == before
    with pytest.raises(DatasetError, match="There is no data set"):
        PartitionedDataset(url + "/none")


class Overtaken:
    """Lets another process be first, after all looks at what is there."""

    def __init__(self, pipe_file, change):
        self.pipe_file, self.change = pipe_file, change

    def __call__(self, path, value, mode="overwrite"):
        change, self.change = self.change, None
        if change is not None and "manifest" in path:
            change()
        self.pipe_file(path, value, mode=mode)


def test_a_writer_elsewhere_that_is_overtaken_at_the_last_moment_has_lost(url, monkeypatch):
    dataset = PartitionedDataset.write(url, (X[:100], Y[:100]), 7)
    system, other = fsspec.core.url_to_fs(url)[0], PartitionedDataset(url)
    late = Overtaken(system.pipe_file, lambda: other.append((X[100:], Y[100:])))
    monkeypatch.setattr(system, "pipe_file", late)
    with pytest.raises(DatasetError, match="Another process changed"):
        dataset.append((X[:10], Y[:10]))
    assert late.change is None and PartitionedDataset(url).n_rows == 200
    assert len(names_in(url)) == 3  # a manifest and its two files


def test_systems_that_create_files_in_older_ways_still_tell_of_files_that_are_there(
    url, monkeypatch
):
    folder = RemoteFolder(url)
    system = fsspec.core.url_to_fs(url)[0]
    pipe_file = system.pipe_file
    monkeypatch.setattr(system, "pipe_file", lambda path, value: pipe_file(path, value))
    folder.make()
    folder.create("manifest-000001.json", b"one")
    with pytest.raises(FileExistsError):
        folder.create("manifest-000001.json", b"other")
    assert folder.read("manifest-000001.json") == b"one"


@pytest.mark.parametrize("there", [b"own", b"other", None])
def test_a_request_that_fails_is_looked_into(there, url, monkeypatch):
    folder = RemoteFolder(url)
    system = fsspec.core.url_to_fs(url)[0]
    pipe_file = system.pipe_file

    def failing(path, value, mode):
        if there is not None:
            pipe_file(path, there)
        raise ValueError("precondition failed")  # of a second request, after a first one

    monkeypatch.setattr(system, "pipe_file", failing)
    folder.make()
    if there == b"own":
        folder.create("manifest-000001.json", b"own")
        return
    with pytest.raises(ValueError if there is None else FileExistsError):
        folder.create("manifest-000001.json", b"own")


def test_a_missing_file_elsewhere_is_noticed(url):
    dataset = PartitionedDataset.write(url, (X, Y), 7)
    system, root = fsspec.core.url_to_fs(url)
    (name,) = (name for name in names_in(url) if name.endswith(".parquet"))
    content = system.cat_file(f"{root}/{name}")
    system.pipe_file(f"{root}/{name}", content[:-30])
    with pytest.raises(DatasetError, match="is damaged"):
        dataset.read(0)
    system.rm_file(f"{root}/{name}")
    with pytest.raises(DatasetError, match="is missing"):
        dataset.read(0)


def test_pyarrow_is_named_where_it_is_missing():
    code = """
import sys
sys.modules["pyarrow"] = None
import sklearn_certify.partition
from sklearn_certify.exceptions import MissingExtraError
try:
    sklearn_certify.partition.PartitionedDataset
except MissingExtraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pip install "sklearn-certify[table]"' in done.stdout
