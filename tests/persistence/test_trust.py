"""A file runs nothing that nobody trusts."""

import importlib
import inspect
import pickle
import pkgutil
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_iris

import sklearn_certify
from sklearn_certify import CertifiedKNN, DPAClassifier
from sklearn_certify.exceptions import InvalidInputError, UntrustedModelError
from sklearn_certify.learners import StackedRadiusNeighborsClassifier
from sklearn_certify.persistence import load, save
from sklearn_certify.persistence._trusted_types import is_trusted

skops = pytest.importorskip("skops.io")
from .forging import node, replaced  # noqa: E402 - needs skops

X, Y = load_iris(return_X_y=True)


class Burglar(ClassifierMixin, BaseEstimator):
    """Leaves a mark wherever it is made, or given a state."""

    mark = "burgled"

    def __new__(cls, *args):
        Path(cls.mark).touch()
        return super().__new__(cls)

    def __getstate__(self):
        return {"a": 1}

    def __setstate__(self, state):
        Path(self.mark).touch()

    def __reduce__(self):
        return Path.touch, (Path(self.mark),)

    def fit(self, X, y):
        return self


@pytest.fixture(autouse=True)
def at_home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def no_mark():
    return not Path(Burglar.mark).exists()


def test_a_type_that_nobody_knows_is_named_and_not_made():
    skops.dump(DPAClassifier(Burglar()), "model.skops")
    Path(Burglar.mark).unlink()
    with pytest.raises(UntrustedModelError, match=r"test_trust\.Burglar.*trusted=\['"):
        load("model.skops")
    assert no_mark()
    load("model.skops", trusted=[Burglar])
    assert not no_mark()


@pytest.mark.parametrize("dump", [pickle.dumps, joblib.dump], ids=["pickle", "joblib"])
def test_a_pickle_is_read_by_those_alone_who_say_so(dump):
    if dump is joblib.dump:
        joblib.dump(Burglar(), "model.pkl")
    else:
        Path("model.pkl").write_bytes(dump(Burglar()))
    Path(Burglar.mark).unlink()
    with pytest.raises(UntrustedModelError, match="trust_pickle=True reads it.*any code"):
        load("model.pkl")
    assert no_mark()
    load("model.pkl", trust_pickle=True)
    assert not no_mark()


TOUCH = "pathlib.Path.touch"
MAIN = "sklearn_certify.cli._main.main"
SAVE = "sklearn_certify.persistence._save.save"
TEXT = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": '"x"'}


def _called_with_a_list(address):
    return node("ListNode", address, [TEXT])


def _made_of(address):
    return node("ConstructorFromReduceNode", address, node("TupleNode", "builtins.tuple", [TEXT]))


def _called_with_a_key(address):
    kinds = node("ListNode", "builtins.list", [node("TypeNode", address, None)])
    return {**node("DictNode", "builtins.dict", {"burgled": TEXT}), "key_types": kinds}


@pytest.mark.parametrize("forge", [_called_with_a_list, _made_of, _called_with_a_key])
@pytest.mark.parametrize(
    "address",
    [
        TOUCH,
        MAIN,
        SAVE,
        "sklearn_certify.__main__.main",
        "sklearn_certify.ensemble._dpa.np",
        "sklearn_certify.ensemble.DPAClassifier",  # its own name is another
        "sklearn_certify.networks._skorch_classifier.NetClassifier",  # torch unpickles its state
        "os.system",
        "builtins.eval",
    ],
)
def test_functions_and_strange_names_are_refused(forge, address, tmp_path):
    path = replaced(tmp_path / "plain.skops", tmp_path / "forged.skops", forge(address))
    with pytest.raises(UntrustedModelError, match=address.replace(".", r"\.")):
        load(path)


def test_no_function_of_the_package_is_trusted():
    seen = 0
    for found in pkgutil.walk_packages(sklearn_certify.__path__, "sklearn_certify."):
        if "networks" in found.name or "__main__" in found.name:
            continue
        module = importlib.import_module(found.name)
        for name, item in vars(module).items():
            if is_trusted(f"{module.__name__}.{name}"):
                assert inspect.isclass(item), name
                seen += 1
    assert seen > 40


def test_labels_beyond_the_classes_are_refused():
    model = CertifiedKNN().fit(X, Y)
    model._training_rows.labels[0] = 2**40
    with pytest.raises(InvalidInputError, match="labels do not fit together"):
        save(model, "model.skops")
    skops.dump(model, "model.skops")
    with pytest.raises(InvalidInputError, match="labels do not fit together"):
        load("model.skops")


def test_counts_beyond_the_classes_are_refused():
    voter = StackedRadiusNeighborsClassifier(radius=9.0).fit(X, Y)
    voter._codes[3] = 2**40
    save(voter, "model.skops")
    with pytest.raises(InvalidInputError, match="not among the classes"):
        load("model.skops").predict(X)


def test_more_neighbours_than_there_are_rows():
    model = CertifiedKNN(n_neighbors=3).fit(X, Y)
    model.n_samples_fit_ = 10**6
    model.set_params(n_neighbors=10**6)
    save(model, "model.skops")
    forged = load("model.skops")
    np.testing.assert_array_equal(forged.vote_counts(X), np.full((150, 3), 50))
