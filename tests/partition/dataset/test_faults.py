"""Killed, out of disk, damaged, or at work beside another: the old state or the new one."""

import json
import os
import pickle
import subprocess
import sys
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.exceptions import CertifyWarning, DatasetError, InvalidInputError
from sklearn_certify.partition import PartitionedDataset
from sklearn_certify.partition.dataset import _changes, _layout, _partitioned_dataset, _row_files
from sklearn_certify.partition.dataset._folders import LocalFolder

RNG = np.random.default_rng(2)
X = RNG.integers(0, 5, size=(400, 3)).astype(np.float32)
Y = RNG.integers(0, 3, 400)
N_PARTITIONS = 6


def rows_of(dataset):
    """Return all rows with their labels as a sorted list, after a look at every partition."""
    X_read, y_read, _ = dataset.read(range(dataset.n_partitions))
    assert len(y_read) == dataset.n_rows
    return sorted(map(tuple, np.column_stack([X_read, y_read]).tolist()))


def as_rows(X, y):
    return sorted(map(tuple, np.column_stack([X, y]).tolist()))


def is_tidy(folder):
    """Say whether a folder holds the files of one manifest, and nothing else."""
    names = set(os.listdir(folder))
    manifests = [name for name in names if name.startswith("manifest")]
    content = json.loads(Path(folder, manifests[0]).read_text())["content"]
    return len(manifests) == 1 and names == {*manifests, *content["files"]}


@pytest.fixture
def dataset(tmp_path):
    return PartitionedDataset.write(tmp_path / "set", (X[:300], Y[:300]), N_PARTITIONS)


CHANGES = {
    "write": "PartitionedDataset.write(folder, blocks, 6, overwrite=True)",
    "append": "PartitionedDataset(folder).append(blocks)",
    "remove": "PartitionedDataset(folder).remove((X[:50], Y[:50]))",
}
PROGRAM = """
import os, shutil, sys
from tests.partition.dataset.test_faults import X, Y
from sklearn_certify.partition import PartitionedDataset
from sklearn_certify.partition.dataset import _layout, _row_files
_layout._HELD_BYTES = 500
n_steps = 0
def step():
    global n_steps
    n_steps += 1
    if n_steps == last:
        os.kill(os.getpid(), 9)
def audit(event, arguments):
    if event in ("open", "os.link", "os.remove", "os.listdir") and folder in str(arguments[0]):
        step()
write_table = _row_files.pq.ParquetWriter.write_table
def write(self, *args, **kwargs):
    step()
    return write_table(self, *args, **kwargs)
_row_files.pq.ParquetWriter.write_table = write
def stream():
    for start in range(300, 400, 20):
        step()
        yield X[start : start + 20], Y[start : start + 20]
blocks = stream()
for last in range(1, 80):
    folder = f"{{sys.argv[1]}}-{{last}}"
    shutil.copytree(sys.argv[1], folder)
    child = os.fork()
    if not child:
        sys.addaudithook(audit)
        {change}
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="has no fork")
@pytest.mark.parametrize("name", CHANGES)
def test_a_killed_change_leaves_the_old_state_or_the_new(name, dataset):
    folder = dataset.folder
    old = rows_of(dataset)
    new = {
        "write": as_rows(X[300:], Y[300:]),
        "append": as_rows(X, Y),
        "remove": [row for row in old if row not in set(as_rows(X[:50], Y[:50]))],
    }[name]
    subprocess.run(
        [sys.executable, "-c", PROGRAM.format(change=CHANGES[name]), folder],
        check=True,
        cwd=Path(__file__).parents[3],
    )
    killed = sorted(Path(folder).parent.glob("set-*"), key=lambda path: int(path.name[4:]))
    states = []
    for path in killed:
        found = PartitionedDataset(path)
        states.append(rows_of(found))
        assert states[-1] in (old, new)
        # the next change that goes through sweeps what the killed one has left
        found.append((X[:1], Y[:1]))
        assert is_tidy(path)
        assert rows_of(found) == sorted([*states[-1], *as_rows(X[:1], Y[:1])])
    n_old = states.index(new)
    assert len(states) > n_old > 10
    assert states == [old] * n_old + [new] * (len(states) - n_old)


def full_disk(monkeypatch, after):
    """Let the disk be full after some bytes of rows, or files of them."""
    write_table, n_left = _row_files.pq.ParquetWriter.write_table, count(after, -1)

    def write(self, *args, **kwargs):
        if next(n_left) <= 0:
            raise OSError(28, "No space left on device")
        return write_table(self, *args, **kwargs)

    monkeypatch.setattr(_row_files.pq.ParquetWriter, "write_table", write)


@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize("change", ["append", "remove"])
def test_a_full_disk_changes_nothing(change, after, dataset, monkeypatch):
    old = rows_of(dataset)
    with monkeypatch.context() as patch:
        full_disk(patch, after)
        with pytest.raises(DatasetError, match=r"No space left on device.*as it was before"):
            getattr(dataset, change)((X[:50], Y[:50]))
    assert is_tidy(dataset.folder)
    assert rows_of(dataset) == rows_of(PartitionedDataset(dataset.folder)) == old
    dataset.append((X[300:], Y[300:]))
    assert rows_of(dataset) == as_rows(X, Y)


def test_a_full_disk_has_no_room_for_a_manifest(dataset, monkeypatch):
    old = rows_of(dataset)

    def create(self, name, content):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(LocalFolder, "create", create)
        with pytest.raises(DatasetError, match="as it was before"):
            dataset.append((X[300:], Y[300:]))
    assert is_tidy(dataset.folder)
    assert rows_of(dataset) == old


LIMITED = """
import resource, signal, sys
import numpy as np
from tests.partition.dataset.test_faults import X, Y
from sklearn_certify.exceptions import DatasetError
from sklearn_certify.partition import PartitionedDataset
from sklearn_certify.partition.dataset import _layout
_layout._HELD_BYTES = int(sys.argv[2])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    wide = np.random.default_rng(0).random((20_000, 3), dtype=np.float32)
    PartitionedDataset(sys.argv[1]).append((wide, Y.repeat(50)))
except DatasetError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits on files")
@pytest.mark.parametrize("held", [1000, 2**30], ids=["segments", "rows"])
def test_files_that_may_not_grow(held, dataset):
    old = rows_of(dataset)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, dataset.folder, str(held)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert "as it was before" in done.stdout, done.stderr
    assert is_tidy(dataset.folder)
    assert rows_of(PartitionedDataset(dataset.folder)) == old


def test_a_source_that_fails_changes_nothing(dataset):
    def blocks(error):
        yield X[300:350], Y[300:350]
        raise error("no more")

    for error in (RuntimeError, FileNotFoundError):  # the second is not one of the folder
        with pytest.raises(error, match="no more"):
            dataset.append(blocks(error))
    with pytest.raises(InvalidInputError, match="After 50 rows"):
        dataset.append([(X[:50], Y[:50]), (X[:50, :2], Y[:50])])
    assert is_tidy(dataset.folder)
    assert rows_of(dataset) == as_rows(X[:300], Y[:300])


def files_of_rows(dataset):
    return sorted(Path(dataset.folder).glob("*.parquet"))


def test_a_truncated_file_is_noticed(dataset):
    (path,) = files_of_rows(dataset)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DatasetError, match=f"{path.name} .* is damaged"):
        dataset.read(0)


def test_a_flipped_bit_is_noticed(dataset):
    (path,) = files_of_rows(dataset)
    content, expected = path.read_bytes(), rows_of(dataset)
    places = range(4, len(content), 97)
    n_noticed = 0
    for place in places:
        path.write_bytes(content[:place] + bytes([content[place] ^ 16]) + content[place + 1 :])
        try:
            assert rows_of(dataset) == expected  # of what no row depends on
        except DatasetError as error:
            assert "damaged" in str(error)
            n_noticed += 1
    assert n_noticed > len(places) / 2


def test_a_missing_file_is_noticed(dataset):
    (path,) = files_of_rows(dataset)
    path.unlink()
    with pytest.raises(DatasetError, match=f"{path.name} is missing"):
        dataset.read(0)


def test_files_of_another_data_set_are_noticed(dataset, tmp_path):
    (path,) = files_of_rows(dataset)
    for other in ((X[:300], (Y[:300] + 1) % 3), (X[:299], Y[:299])):
        wrong = PartitionedDataset.write(tmp_path / "other", other, N_PARTITIONS, overwrite=True)
        path.write_bytes(files_of_rows(wrong)[0].read_bytes())
        with pytest.raises(DatasetError, match=r"Partition \d+ .* the data set is damaged"):
            dataset.read(range(N_PARTITIONS))


def test_a_damaged_manifest_is_noticed(dataset):
    (path,) = Path(dataset.folder).glob("manifest*")
    content = path.read_text()
    for damaged in (content[:-50], "", "[]", content.replace('"number": 1', '"number": 2')):
        path.write_text(damaged)
        with pytest.raises(DatasetError, match="is damaged"):
            PartitionedDataset(dataset.folder)
    path.write_text(content.replace('{"format": 1', '{"format": 2', 1))
    with pytest.raises(DatasetError, match="data set of version 2"):
        PartitionedDataset(dataset.folder)


def test_a_folder_without_a_data_set(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(DatasetError, match="There is no data set in"):
            PartitionedDataset(folder)


def test_rows_that_are_lost_on_the_way_are_noticed(dataset, monkeypatch):
    tables = _layout.Layout.tables

    def lossy(self):
        for table, numbers in tables(self):
            yield table.slice(1), numbers[1:]

    def double(self):
        for table, numbers in tables(self):
            order = [0, 0, *range(2, len(numbers))]  # the count is right
            yield table.take(order), numbers[order]

    for wrong in (lossy, double):
        with monkeypatch.context() as patch:
            patch.setattr(_layout.Layout, "tables", wrong)
            with pytest.raises(DatasetError, match="nothing was changed"):
                dataset.append((X[300:], Y[300:]))
    assert is_tidy(dataset.folder)
    assert rows_of(dataset) == as_rows(X[:300], Y[:300])


@pytest.mark.parametrize("second", ["append", "remove"])
@pytest.mark.parametrize("first", ["append", "remove"])
def test_of_two_writers_one_is_first(first, second, dataset):
    other = PartitionedDataset(dataset.folder)
    getattr(dataset, first)((X[:5], Y[:5]))
    after = rows_of(dataset)
    with pytest.raises(DatasetError, match="Open the data set again|open it again"):
        getattr(other, second)((X[:9], Y[:9]))
    assert is_tidy(dataset.folder)
    assert rows_of(PartitionedDataset(dataset.folder)) == after
    with pytest.raises(DatasetError, match="open it again"):
        if first == "remove":  # appended rows leave the old files where they are
            other.read(range(N_PARTITIONS))
        pickle.loads(pickle.dumps(other))


def test_writers_that_overlap_leave_one_state(dataset):
    other = PartitionedDataset(dataset.folder)

    def blocks():
        yield X[300:350], Y[300:350]
        other.append((X[350:], Y[350:]))  # while this one is at work
        yield X[300:350], Y[300:350]

    with pytest.raises(DatasetError, match="Another process changed"):
        dataset.append(blocks())
    assert is_tidy(dataset.folder)
    keep = np.r_[:300, 350:400]
    assert rows_of(PartitionedDataset(dataset.folder)) == as_rows(X[keep], Y[keep])


def test_a_writer_that_sleeps_through_two_changes_has_lost(dataset, monkeypatch):
    """Its number is free again, because the state after it has swept it away."""
    other = PartitionedDataset(dataset.folder)
    create = LocalFolder.create

    def late(self, name, content):
        monkeypatch.setattr(LocalFolder, "create", create)
        dataset.append((X[300:350], Y[300:350]))
        dataset.append((X[350:], Y[350:]))
        create(self, name, content)

    monkeypatch.setattr(LocalFolder, "create", late)
    with pytest.raises(DatasetError, match="Another process changed"):
        other.append((X[:9], Y[:9]))
    assert is_tidy(dataset.folder)
    assert rows_of(PartitionedDataset(dataset.folder)) == as_rows(X, Y)


def test_a_pickle_is_of_one_state(dataset):
    content = pickle.dumps(dataset)
    assert len(content) < 1000
    assert rows_of(pickle.loads(content)) == rows_of(dataset)
    PartitionedDataset.write(dataset.folder, (X, Y), N_PARTITIONS, overwrite=True)
    _partitioned_dataset._manifest_of.cache_clear()
    with pytest.raises(DatasetError, match="open it again"):
        pickle.loads(content)


@settings(deadline=None, max_examples=20)
@given(
    changes=st.lists(
        st.tuples(st.sampled_from(["append", "remove"]), st.integers(0, 399), st.integers(1, 90)),
        max_size=6,
    ),
    held=st.sampled_from([200, 2000, 2**28]),
    partitions_of_file=st.sampled_from([1, 2, 256]),
)
def test_any_changes_come_to_the_rows_that_are_left(
    changes, held, partitions_of_file, tmp_path_factory
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_layout, "_HELD_BYTES", held)
        patch.setattr(_row_files, "_MOST_PARTITIONS", partitions_of_file)
        dataset = PartitionedDataset.write(
            tmp_path_factory.mktemp("set"), (X[:100], Y[:100]), N_PARTITIONS
        )
        expected = as_rows(X[:100], Y[:100])
        for change, start, n_rows in changes:
            rows = slice(start, start + n_rows)
            given_rows = as_rows(X[rows], Y[rows])
            if change == "append":
                dataset.append((X[rows], Y[rows]))
                expected = sorted(expected + given_rows)
            elif set(given_rows) <= set(expected):
                dataset.remove((X[rows], Y[rows]))
                expected = [row for row in expected if row not in set(given_rows)]
            else:
                with pytest.raises(InvalidInputError, match="nothing was removed"):
                    dataset.remove((X[rows], Y[rows]))
            assert rows_of(dataset) == rows_of(PartitionedDataset(dataset.folder)) == expected
            assert is_tidy(dataset.folder)
            assert dataset.labels.tolist() == sorted({int(row[-1]) for row in expected})


def test_contributors_are_removed(tmp_path):
    groups = np.array([f"who {row % 7}" for row in range(400)])
    dataset = PartitionedDataset.write(tmp_path, (X, Y, groups), N_PARTITIONS)
    dataset.remove(groups=["who 3", "who 5"])
    kept = ~np.isin(groups, ["who 3", "who 5"])
    assert rows_of(dataset) == as_rows(X[kept], Y[kept])
    for path in files_of_rows(dataset):
        assert b"who 3" not in path.read_bytes()
    with pytest.raises(InvalidInputError, match="1 of the contributors"):
        dataset.remove(groups=["who 3", "who 4"])
    with pytest.raises(InvalidInputError, match="need groups"):
        dataset.remove((X[:1], Y[:1]))
    dataset.remove((X[:1], Y[:1], groups[:1]))
    first = (groups == groups[0]) & (X[0] == X).all(axis=1) & (Y[0] == Y)
    assert rows_of(dataset) == as_rows(X[kept & ~first], Y[kept & ~first])
    with pytest.raises(InvalidInputError, match="either rows or groups"):
        dataset.remove()


def test_rows_without_groups_have_no_contributors(dataset):
    with pytest.raises(InvalidInputError, match="no groups"):
        dataset.remove(groups=["who"])


def first_cell(X, y):
    return np.asarray(X)[:, 0].astype(np.int64)


class FirstCell:
    def __call__(self, X, y):
        return first_cell(X, y)


def test_a_hash_function_is_needed_to_change(tmp_path):
    dataset = PartitionedDataset.write(tmp_path, (X, Y), N_PARTITIONS, hash_function=first_cell)
    assert (
        dataset.rows_per_partition.tolist()
        == np.bincount(X[:, 0].astype(int), minlength=6).tolist()
    )
    dataset.append((X[:1], Y[:1]))
    opened = PartitionedDataset(tmp_path)
    for change in (opened.append, opened.remove):
        with pytest.raises(InvalidInputError, match="first_cell; open it with"):
            change((X[:1], Y[:1]))
    PartitionedDataset(tmp_path, hash_function=first_cell).append((X[:1], Y[:1]))
    for nameless in (lambda X, y: first_cell(X, y), partial(first_cell), FirstCell()):
        with pytest.raises(InvalidInputError, match="define it with def"):
            PartitionedDataset.write(tmp_path / "none", (X, Y), 6, hash_function=nameless)


def test_many_partitions_lie_in_few_files(tmp_path):
    dataset = PartitionedDataset.write(tmp_path, (RNG.normal(size=(9000, 2)), np.ones(9000)), 3000)
    assert len(files_of_rows(dataset)) <= 13
    assert (dataset.rows_per_partition > 0).sum() > 2000
    assert _changes.stem_of(1) == "rows-000001"


def test_many_rows_need_one_file_more_until_they_are_sorted(tmp_path, monkeypatch):
    monkeypatch.setattr(_layout, "_HELD_BYTES", 1)
    n_beside = []

    def blocks():
        for start in range(0, 400, 10):
            n_beside.append(len(os.listdir(tmp_path)) if start else 0)
            yield X[start : start + 10], Y[start : start + 10]

    dataset = PartitionedDataset.write(tmp_path, blocks(), N_PARTITIONS)
    assert max(n_beside) == 1  # a process may not have any number of files open
    assert rows_of(dataset) == as_rows(X, Y) and is_tidy(tmp_path)


def test_files_that_cannot_be_deleted_are_named(dataset, monkeypatch):
    (path,) = files_of_rows(dataset)

    def delete(self, name):
        raise PermissionError("is open elsewhere")

    with monkeypatch.context() as patch:
        patch.setattr(LocalFolder, "delete", delete)
        with pytest.warns(CertifyWarning, match=f"{path.name} .is open elsewhere.*Delete them"):
            dataset.remove((X[:5], Y[:5]))
    assert path.exists()
    gone = set(as_rows(X[:5], Y[:5]))
    expected = [row for row in as_rows(X[:300], Y[:300]) if row not in gone]
    assert rows_of(dataset) == rows_of(PartitionedDataset(dataset.folder)) == expected
    dataset.append((X[:1], Y[:1]))
    assert is_tidy(dataset.folder)
