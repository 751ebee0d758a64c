"""Voters that are kept from one fit to the next."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import make_classification
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier

import sklearn_certify
from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.exceptions import InvalidInputError, VoterError
from sklearn_certify.voters import _origin
from sklearn_certify.voters._memory import VoterMemory

X, Y = make_classification(120, 6, n_informative=4, random_state=0)
WORDS = np.array(["red", "green", "blue", "small", "large"])
TEXTS = np.array([" ".join(WORDS[row[:5] > 0]) or "none" for row in X], dtype=object)
TABLE = pd.DataFrame(
    {"size": X[:, 0], "color": pd.Categorical(WORDS[(X[:, 1] > 0).astype(int)]), "text": TEXTS}
)
TABLE.loc[::7, "text"] = None
ENCODED = make_pipeline(
    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-1),
    DecisionTreeClassifier(),
)


def flat(images):
    return images.reshape(len(images), -1)


ROWS = {
    "numbers": (X, DecisionTreeClassifier()),
    "stacked": (X, None),
    "images": (X.reshape(-1, 2, 3), make_pipeline(FunctionTransformer(flat), GaussianNB())),
    "sparse": (csr_array(np.maximum(X, 0)), MultinomialNB()),
    "texts": (TEXTS, make_pipeline(CountVectorizer(), MultinomialNB())),
    "table": (TABLE, ENCODED),
}


class Counted(ClassifierMixin, BaseEstimator):
    """Writes a line into a file whenever it is fitted, and votes for the mean label."""

    def __init__(self, path, shift=0.0, kills_itself_at=None, random_state=None):
        self.path = path
        self.shift = shift
        self.kills_itself_at = kills_itself_at
        self.random_state = random_state

    def fit(self, X, y):
        with open(self.path, "a") as file:
            file.write("fitted\n")
            file.flush()
            number = file.tell() // len("fitted\n")  # of this line, also if others write
        if number == self.kills_itself_at:
            os.kill(os.getpid(), 9)
        self.classes_ = np.unique(y)
        self.threshold_ = float(np.mean(X)) + self.shift
        return self

    def predict(self, X):
        above = np.asarray(X).mean(axis=1) > self.threshold_
        return self.classes_[np.where(above, len(self.classes_) - 1, 0)]


def n_fitted(path):
    return len(Path(path).read_text().splitlines()) if Path(path).exists() else 0


@pytest.fixture
def counted(tmp_path):
    """Return a classifier whose voters are counted, and a function that counts them."""
    path = tmp_path / "fits"
    classifier = DPAClassifier(
        Counted(str(path)), n_partitions=8, memory=tmp_path / "voters", classes=[0, 1]
    )
    n_before = 0

    def n_new():
        nonlocal n_before
        n_before, n_old = n_fitted(path), n_before
        return n_before - n_old

    return classifier, n_new


def files_in(folder):
    return sorted(Path(folder).rglob("output.pkl"))


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("kind", ROWS)
def test_kept_voters_vote_as_fitted_ones(kind, n_jobs, tmp_path, capsys):
    rows, estimator = ROWS[kind]
    plain = DPAClassifier(estimator, n_partitions=8).fit(rows, Y)
    n_voters = sum(voter is not None for voter in plain.estimators_)
    keeping = DPAClassifier(estimator, n_partitions=8, memory=tmp_path, n_jobs=n_jobs, verbose=1)
    for n_kept in (0, n_voters):
        votes = keeping.fit(rows, Y).votes(rows)
        said = f"Voters: {n_kept} kept in memory, {n_voters - n_kept} fitted."
        assert said in capsys.readouterr().out
        np.testing.assert_array_equal(votes, plain.votes(rows))
        assert len(files_in(tmp_path)) == n_voters


def test_a_new_row_or_label_changes_one_voter(counted):
    classifier, n_new = counted
    classifier.fit(X, Y)
    assert n_new() == 8
    with_one = np.vstack([X, X[:1] + 1]), np.append(Y, 0)
    flipped = np.where(np.arange(len(Y)) == 5, 1 - Y, Y)
    for rows, labels in (with_one, (X, flipped), (X[3:], Y[3:])):
        votes = classifier.fit(rows, labels).votes(X)
        assert 1 <= n_new() <= 3
        np.testing.assert_array_equal(
            votes, clone(classifier).set_params(memory=None).fit(rows, labels).votes(X)
        )
        n_new()
    order = np.random.default_rng(0).permutation(len(Y))
    classifier.fit(X[order], Y[order])
    assert n_new() == 0


def test_a_new_row_changes_as_many_voters_as_use_its_partition(tmp_path):
    path = tmp_path / "fits"
    classifier = FiniteAggregationClassifier(
        Counted(str(path)), n_partitions=6, spreading_degree=3, memory=str(tmp_path), classes=[0, 1]
    )
    classifier.fit(X, Y)
    before = n_fitted(path)
    classifier.fit(np.vstack([X, X[:1] + 1]), np.append(Y, 0))
    assert n_fitted(path) - before == 3


def test_bagging_keeps_voters_of_the_same_draws(tmp_path):
    path = tmp_path / "fits"
    classifier = BaggingCertifiedClassifier(
        Counted(str(path)),
        n_estimators=12,
        max_samples=20,
        random_state=0,
        memory=tmp_path / "kept",
    )
    votes = classifier.fit(X, Y).votes(X)
    np.testing.assert_array_equal(classifier.fit(X, Y).votes(X), votes)
    assert n_fitted(path) == 12


CHANGES = {
    "one bit": lambda rows, labels: (rows + np.spacing(rows) * (np.arange(6) == 2), labels),
    "type": lambda rows, labels: (rows.astype(np.float32), labels),
    "type of labels": lambda rows, labels: (rows, labels.astype(np.int32)),
    "table": lambda rows, labels: (pd.DataFrame(rows).set_axis(list("abcdef"), axis=1), labels),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_voters_could_see_makes_others(change, counted):
    classifier, n_new = counted
    classifier.fit(X, Y)
    n_new()
    rows, labels = CHANGES[change](X, Y)
    classifier.fit(rows, labels)  # partitions may be others too
    n_counted = sum(isinstance(voter, Counted) for voter in classifier.estimators_)
    assert n_new() == n_counted > 5
    classifier.fit(rows, labels)
    assert n_new() == 0


def test_a_zero_has_a_sign(counted):
    classifier, n_new = counted
    rows = np.where(np.arange(6) == 2, 0.0, X)
    classifier.fit(rows, Y)
    n_new()
    classifier.fit(np.where(np.arange(6) == 2, -0.0, X), Y)
    assert n_new() == 8


def test_other_parameters_seeds_and_partitions_make_other_voters(counted):
    classifier, n_new = counted
    classifier.fit(X, Y)
    n_new()
    for settings in ({"estimator__shift": 0.5}, {"random_state": 1}):
        clone(classifier).set_params(**settings).fit(X, Y)
        assert n_new() == 8, settings
    clone(classifier).set_params(estimator__random_state=7).fit(X, Y)
    assert n_new() == 0  # every voter has its own


@pytest.mark.parametrize("package", [np, sklearn_certify, joblib])
def test_other_versions_make_other_voters(package, counted, monkeypatch):
    classifier, n_new = counted
    classifier.fit(X, Y)
    monkeypatch.setattr(package, "__version__", "0.0")
    _origin._environment.cache_clear()
    _origin._version_of.cache_clear()
    n_new()
    classifier.fit(X, Y)
    assert n_new() == (0 if package is joblib else 8)
    monkeypatch.undo()
    _origin._environment.cache_clear()
    _origin._version_of.cache_clear()


def test_other_code_makes_other_voters(tmp_path):
    module = tmp_path / "own_estimator.py"
    script = (
        "import numpy as np, own_estimator\n"
        "from sklearn_certify import DPAClassifier\n"
        "X = np.arange(40.0).reshape(20, 2)\n"
        "classifier = DPAClassifier(own_estimator.Own(), 3, memory='kept', verbose=1)\n"
        "classifier.fit(X, np.arange(20) % 2)\n"
    )
    code = (
        "from sklearn.tree import DecisionTreeClassifier\n"
        "DEPTH = 1\n"
        "def fit(self, X, y):\n"
        "    return DecisionTreeClassifier.fit(self.set_params(max_depth=DEPTH), X, y)\n"
        "class Own(DecisionTreeClassifier):\n"
        "    fit = fit\n"
    )
    root = str(Path(sklearn_certify.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{tmp_path}"}

    def run():
        done = subprocess.run(
            [sys.executable, "-B", "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    module.write_text(code)
    assert "Voters: 0 kept in memory, 3 fitted." in run()
    assert "Voters: 3 kept in memory, 0 fitted." in run()
    module.write_text(code.replace("DEPTH = 1", "DEPTH = 2"))
    assert "Voters: 0 kept in memory, 3 fitted." in run()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_fit_that_was_killed_goes_on(n_jobs, tmp_path):
    path, folder = tmp_path / "fits", tmp_path / "kept"
    script = (
        f"from {Counted.__module__} import Counted, DPAClassifier, X, Y\n"
        f"DPAClassifier(Counted({str(path)!r}, kills_itself_at=20), n_partitions=30,"
        f" memory={str(folder)!r}, classes=[0, 1], n_jobs={n_jobs}).fit(X, Y)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True)
    assert done.returncode != 0
    n_kept, n_before = len(files_in(folder)), n_fitted(path)
    alone = DPAClassifier(Counted(str(path)), n_partitions=30, classes=[0, 1]).fit(X, Y)
    n_voters = sum(voter is not None for voter in alone.estimators_)
    assert n_before - n_jobs <= n_kept < n_voters
    n_before = n_fitted(path)  # and so nobody is killed any more
    classifier = DPAClassifier(
        Counted(str(path), kills_itself_at=20), n_partitions=30, memory=folder, classes=[0, 1]
    ).fit(X, Y)
    assert n_fitted(path) - n_before <= n_voters - n_kept
    assert len(files_in(folder)) == n_voters
    np.testing.assert_array_equal(classifier.votes(X), alone.votes(X))


DAMAGES = {
    "empty": lambda content: b"",
    "cut": lambda content: content[:-1],
    "cut in the beginning": lambda content: content[:10],
    "longer": lambda content: content + b"x",
    "another bit": lambda content: content[:-20] + bytes([content[-20] ^ 1]) + content[-19:],
    "another form": lambda content: pickle.dumps(DecisionTreeClassifier()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_are_never_used(damage, counted):
    classifier, n_new = counted
    votes = classifier.fit(X, Y).votes(X)
    files = files_in(classifier.memory)
    for file in files[:3]:
        file.write_bytes(DAMAGES[damage](file.read_bytes()))
    files[3].unlink()
    (files[4].parent / "0123.part").write_bytes(b"half of a voter")
    n_new()
    np.testing.assert_array_equal(classifier.fit(X, Y).votes(X), votes)
    assert n_new() == 4
    classifier.fit(X, Y)
    assert n_new() == 0


def test_unlearned_rows_leave_no_voter_behind(counted):
    classifier, n_new = counted
    classifier.fit(X, Y)
    everything = files_in(classifier.memory)
    contributor = np.arange(len(Y)) % 40 == 3
    classifier.fit(X[~contributor], Y[~contributor])
    n_anew = n_new() - 8
    assert 1 <= n_anew <= 3
    assert len(files_in(classifier.memory)) == 8 + n_anew
    assert classifier.forget_unused() == n_anew
    assert len(files_in(classifier.memory)) == 8
    assert len(set(everything) - set(files_in(classifier.memory))) == n_anew
    assert classifier.forget_unused() == 0
    classifier.fit(X[~contributor], Y[~contributor])
    assert n_new() == 0


def test_voters_are_forgotten_where_they_were_kept(counted, tmp_path):
    classifier, _ = counted
    classifier.fit(X, Y)
    other = tmp_path / "elsewhere"
    clone(classifier).set_params(memory=other).fit(X[:60], Y[:60])
    classifier.set_params(memory=other)
    assert classifier.predict(X[:2]).shape == (2,)
    assert classifier.forget_unused() == 0
    assert len(files_in(other)) == 8


def test_without_memory_there_is_nothing_to_forget():
    with pytest.raises(InvalidInputError, match="memory=None"):
        DPAClassifier(n_partitions=3).fit(X, Y).forget_unused()


def test_a_file_does_not_say_where_voters_are_deleted(tmp_path):
    classifier = DPAClassifier(n_partitions=3, memory=tmp_path).fit(X, Y)
    again = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(again.votes(X), classifier.votes(X))
    with pytest.raises(InvalidInputError, match="comes from a file"):
        again.forget_unused()
    assert len(files_in(tmp_path)) == 3


def test_memory_of_joblib_is_taken_and_can_be_reduced(counted, tmp_path):
    classifier, n_new = counted
    memory = joblib.Memory(tmp_path / "cache", verbose=0)
    classifier.set_params(memory=memory).fit(X, Y)
    assert n_new() == 8
    classifier.fit(X, Y)
    assert n_new() == 0
    memory.reduce_size(items_limit=5)
    classifier.fit(X, Y)
    assert n_new() == 3
    memory.clear(warn=False)
    classifier.fit(X, Y)
    assert n_new() == 8
    classifier.set_params(memory=joblib.Memory(None)).fit(X, Y)
    assert n_new() == 8


class Elsewhere:
    """A cache that is in no folder."""

    def cache(self, function):
        return function


def test_memory_without_a_folder_is_refused(counted):
    classifier, _ = counted
    with pytest.raises(InvalidInputError, match="keeps nothing in a folder"):
        classifier.set_params(memory=Elsewhere()).fit(X, Y)


def test_an_estimator_that_has_no_name_is_refused(tmp_path):
    estimator = make_pipeline(FunctionTransformer(lambda rows: rows), DecisionTreeClassifier())
    with pytest.raises(InvalidInputError, match="can be pickled"):
        DPAClassifier(estimator, n_partitions=3, memory=tmp_path).fit(X, Y)


class Unspeakable(DecisionTreeClassifier):
    """Can be pickled until it is fitted."""

    def __getstate__(self):
        if hasattr(self, "tree_"):
            raise TypeError("no words for it")
        return super().__getstate__()


def test_voters_that_cannot_be_kept_are_fitted_all_the_same(tmp_path):
    classifier = DPAClassifier(Unspeakable(), n_partitions=5, memory=tmp_path)
    with pytest.warns(UserWarning, match="5 voters could not be kept .*no words for it") as caught:
        votes = classifier.fit(X, Y).votes(X)
    assert len(caught) == 1
    plain = DPAClassifier(DecisionTreeClassifier(), n_partitions=5).fit(X, Y)
    np.testing.assert_array_equal(votes, plain.votes(X))
    assert files_in(tmp_path) == [] and list(tmp_path.rglob("*.part")) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "joblib").mkdir()
    (tmp_path / "joblib" / "sklearn_certify-voters").write_text("in the place of the folder")
    classifier = DPAClassifier(n_partitions=5, memory=str(tmp_path))
    with pytest.warns(UserWarning, match="5 voters could not be kept"):
        classifier.fit(X, Y)


def test_failures_are_not_kept(tmp_path):
    estimator = LogisticRegression(C=np.nan)
    classifier = DPAClassifier(
        estimator, n_partitions=5, memory=tmp_path, on_voter_error="abstain", classes=[0, 1]
    )
    with pytest.raises(VoterError, match="All 5 voters failed"):
        classifier.fit(X, Y)
    assert files_in(tmp_path) == []


def test_rows_that_cannot_be_told_apart_have_no_key():
    class Odd:
        def __reduce__(self):
            raise TypeError("not this one")

        def __repr__(self):
            raise RuntimeError("nor in words")

    cells = np.array([[Odd()]], dtype=object)
    assert VoterMemory("nowhere", "origin").key(0, cells, np.array([1])) is None
