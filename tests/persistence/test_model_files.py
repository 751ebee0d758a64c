"""Files that are cut off, of something else, of other versions, or cannot be written."""

import json
import os
import stat
import sys
import warnings
import zipfile
from functools import partial

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.linear_model import LogisticRegression

from sklearn_certify import DPAClassifier
from sklearn_certify.exceptions import (
    InvalidInputError,
    MissingExtraError,
    ModelVersionWarning,
    UntrustedModelError,
)
from sklearn_certify.persistence import load, save
from sklearn_certify.persistence._model_file import read_model, write_model

skops = pytest.importorskip("skops.io")

X, Y = load_iris(return_X_y=True)
HEADER = "sklearn-certify.json"


@pytest.fixture
def model():
    return DPAClassifier(LogisticRegression(), n_partitions=3).fit(X, Y)


@pytest.fixture
def path(model, tmp_path):
    save(model, tmp_path / "model.skops")
    return tmp_path / "model.skops"


def with_header(path, header):
    changed = path.with_name("changed.skops")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == HEADER:
                content = header if isinstance(header, str) else json.dumps(header)
            new.writestr(name, content)
    return changed


def header_of(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(HEADER))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_file_that_is_cut_off(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InvalidInputError, match="it is cut off or damaged") as told:
        load(path)
    assert "\n" not in str(told.value)


def test_a_file_with_wrong_bytes(path):
    content = bytearray(path.read_bytes())
    for start in range(200, len(content) - 200, 97):
        content[start] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(InvalidInputError, match=r"Cannot read .*model\.skops"):
        load(path)


@pytest.mark.parametrize("content", [b"", b"PK", b"hello", b"\x80\x04N."])
def test_a_file_of_something_else(content, tmp_path):
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(UntrustedModelError, match="was not written by skops"):
        load(tmp_path / "other")


@pytest.mark.parametrize("content", [b"", b"PK", b"hello", b"\x80\x04cab\nc\n."])
def test_no_pickle(content, tmp_path):
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(InvalidInputError, match="it is no pickle, a damaged one, or needs"):
        load(tmp_path / "other", trust_pickle=True)


def test_a_zip_file_of_something_else(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(InvalidInputError, match="a zip file of something else"):
        load(tmp_path / "t.zip")


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "absent.skops")


def test_files_that_skops_alone_has_written(model, tmp_path):
    skops.dump(model, tmp_path / "plain.skops")
    again = load(tmp_path / "plain.skops")
    np.testing.assert_array_equal(again.votes(X), model.votes(X))


def test_skops_alone_reads_the_files(path):
    named = skops.get_untrusted_types(file=path)
    assert skops.load(path, trusted=named).n_voters_ == 3


@pytest.mark.parametrize("name", ["sklearn-certify", "scikit-learn", "numpy"])
def test_other_versions_are_told_once(path, name):
    header = header_of(path)
    header["versions"][name] = "0.0.7"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        load(with_header(path, header))
    [warning] = caught
    assert warning.category is ModelVersionWarning
    assert f"{name} 0.0.7 (here" in str(warning.message)
    assert warning.filename == __file__


def test_other_versions_of_scikit_learn_inside(path, monkeypatch):
    monkeypatch.setattr("sklearn.base.__version__", "99.0")
    with pytest.warns(InconsistentVersionWarning):
        load(path)
    header = header_of(path)
    header["versions"]["scikit-learn"] = "0.0.7"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        load(with_header(path, header))
    assert [warning.category for warning in caught] == [ModelVersionWarning]


def test_equal_versions_warn_of_nothing(path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(path)


@pytest.mark.parametrize(
    "header", ["{", "[]", "7", '{"format": 1}', '{"format": 1, "versions": 3, "notes": null}']
)
def test_a_damaged_header(path, header):
    with pytest.raises(InvalidInputError, match="what it says of itself is damaged"):
        load(with_header(path, header))


def test_a_later_format(path):
    header = {**header_of(path), "format": 2}
    with pytest.raises(InvalidInputError, match="it was written by a later version"):
        load(with_header(path, header))


def test_pickles_hold_the_same(model, tmp_path):
    write_model(tmp_path / "model.pkl", model, {"a": [1, None, "é"]})
    again = read_model(tmp_path / "model.pkl", trust_pickle=True)
    assert again.notes == {"a": [1, None, "é"]}
    np.testing.assert_array_equal(again.estimator.votes(X), model.votes(X))


def test_notes_are_kept(model, tmp_path):
    write_model(tmp_path / "model.skops", model, {"a": [1, None, "é"]})
    assert read_model(tmp_path / "model.skops").notes == {"a": [1, None, "é"]}


@pytest.mark.parametrize("name", ["model", "model.joblib", "model.zip"])
def test_other_suffixes(model, tmp_path, name):
    with pytest.raises(InvalidInputError, match="must end in .skops, or in .pkl"):
        save(model, tmp_path / name)


def test_what_skops_cannot_hold(tmp_path):
    torch_free = DPAClassifier(n_partitions=3, hash_function=lambda X: np.arange(len(X)))
    path = tmp_path / "model.skops"
    path.write_text("as it was")
    with pytest.raises(InvalidInputError, match="skops cannot hold this DPAClassifier.*pkl"):
        save(torch_free, path)
    assert path.read_text() == "as it was"
    assert os.listdir(tmp_path) == ["model.skops"]


def test_networks(tmp_path):
    torch = pytest.importorskip("torch")
    networks = pytest.importorskip("sklearn_certify.networks")
    base = networks.StackedNetClassifier(n_epochs=1)
    model = DPAClassifier(base, n_partitions=3).fit(X.astype(np.float32), Y)
    with pytest.raises(InvalidInputError, match=r"networks of torch.*\.pkl"):
        save(model, tmp_path / "model.skops")
    save(model, tmp_path / "model.pkl")
    again = load(tmp_path / "model.pkl", trust_pickle=True)
    queries = torch.tensor(X, dtype=torch.float32).numpy()
    np.testing.assert_array_equal(again.votes(queries), model.votes(queries))


def test_keys_that_would_become_others(tmp_path):
    base = LogisticRegression(class_weight={False: 1.0, True: 2.0})
    with pytest.raises(InvalidInputError, match="keys of type bool in a dict"):
        save(DPAClassifier(base), tmp_path / "model.skops")


def test_what_cannot_be_pickled(tmp_path):
    with pytest.raises(InvalidInputError, match="cannot be pickled"):
        save(DPAClassifier(hash_function=lambda X: X), tmp_path / "model.pkl")


def test_a_folder_that_is_not_there(model, tmp_path):
    with pytest.raises(FileNotFoundError):
        save(model, tmp_path / "nowhere" / "model.skops")


def test_nothing_is_left_of_a_file_that_failed(model, path, monkeypatch):
    before = path.read_bytes()
    monkeypatch.setattr(os, "replace", partial(_fail, "no"))
    with pytest.raises(OSError, match="no"):
        save(model, path)
    assert os.listdir(path.parent) == [path.name]
    assert path.read_bytes() == before


def _fail(why, *args):
    raise OSError(why)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_others_may_read_the_file_as_the_umask_says(model, tmp_path):
    before = os.umask(0o027)
    try:
        save(model, tmp_path / "model.skops")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "model.skops").stat().st_mode) == 0o640


def test_skops_is_an_extra(model, path, monkeypatch):
    monkeypatch.setitem(sys.modules, "skops", None)
    monkeypatch.setitem(sys.modules, "skops.io", None)
    with pytest.raises(MissingExtraError, match=r"sklearn-certify\[skops\]"):
        save(model, path)
    with pytest.raises(MissingExtraError, match=r"sklearn-certify\[skops\]"):
        load(path)
    save(model, path.with_suffix(".pkl"))
    assert load(path.with_suffix(".pkl"), trust_pickle=True).n_voters_ == 3
