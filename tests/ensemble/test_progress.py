"""What a fit and its queries tell while they go on, and scikit-learn's callbacks hear."""

import importlib
import pickle
import sys
import threading

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import clone, is_regressor
from sklearn.datasets import load_iris
from sklearn.preprocessing import FunctionTransformer, Normalizer
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    DPARegressor,
    FiniteAggregationClassifier,
    _compat,
)
from sklearn_certify._compute import progress as progress_module
from sklearn_certify.ensemble import _base_ensemble
from sklearn_certify.exceptions import VoterError
from sklearn_certify.partition import PartitionedDataset

X, Y = load_iris(return_X_y=True)
TREE = DecisionTreeClassifier(random_state=0)
ENSEMBLES = [
    DPAClassifier(TREE, 12),
    FiniteAggregationClassifier(TREE, 6, 2),
    BaggingCertifiedClassifier(TREE, 12, 20, random_state=0),
]
all_ensembles = pytest.mark.parametrize("ensemble", ENSEMBLES, ids=lambda e: type(e).__name__)


class PickyTree(DecisionTreeClassifier):
    """Does not learn from an odd number of rows."""

    def fit(self, X, y):
        if len(y) % 2:
            raise ValueError("odd")
        return super().fit(X, y)


@pytest.fixture(autouse=True)
def slow_clock(monkeypatch):
    """A second passes whenever somebody looks at the clock."""
    seconds = iter(range(10**6))
    monkeypatch.setattr(progress_module, "monotonic", lambda: float(next(seconds)))


def counts(lines, doing):
    """Return the numbers that were done, as the lines tell them."""
    return [int(line.split()[1].replace(",", "")) for line in lines if f" {doing}" in line]


@all_ensembles
@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_long_work_tells_how_much_is_done(ensemble, backend, n_jobs, capsys):
    quiet = clone(ensemble).fit(X, Y)
    expected = quiet.votes(X)
    assert capsys.readouterr().out == ""
    loud = clone(ensemble).set_params(verbose=10, n_jobs=n_jobs)
    with parallel_config(backend):
        loud.fit(X, Y)
        lines = capsys.readouterr().out.splitlines()
        np.testing.assert_array_equal(loud.votes(X), expected)
    fitted = counts(lines[:-1], "fitted")
    assert fitted == sorted(fitted) and fitted[-1] == 12 and len(fitted) > 2
    assert all(line.startswith("Voters: ") for line in lines)
    assert lines[-1] == "Voters: 12 fitted."
    lines = capsys.readouterr().out.splitlines()
    cast = counts(lines, "cast")
    assert cast[-1] == 12 * len(X) and all(line.startswith("Votes: ") for line in lines)


def test_verbose_1_says_little(capsys):
    DPAClassifier(n_partitions=50, verbose=1).fit(X, Y).predict(X)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 6  # not one for each of fifty voters
    assert "Voters: 48 fitted." in lines  # two have no rows


def test_votes_on_many_queries_are_one_piece_of_work(monkeypatch, capsys):
    monkeypatch.setattr(_base_ensemble, "_CHUNK_BYTES", 1)  # 16 queries at a time
    model = DPAClassifier(TREE, 12, verbose=10).fit(X, Y)
    capsys.readouterr()
    model.predict(X)
    lines = capsys.readouterr().out.splitlines()
    assert all(" of 1,800 cast" in line for line in lines)
    assert counts(lines, "cast")[-1] == 1800


def test_rows_of_a_transformer_are_told_of(capsys):
    rows = np.tile(X, (10, 1)) + np.arange(1500)[:, np.newaxis] / 1e4
    DPAClassifier(TREE, 3, transformer=Normalizer(), verbose=10).fit(rows, np.tile(Y, 10))
    lines = capsys.readouterr().out.splitlines()
    transformed = counts(lines, "transformed")
    assert len(transformed) == 7 and transformed[-1] == 1500


def test_voters_that_are_kept_or_fail_are_counted(tmp_path, capsys):
    ensemble = DPAClassifier(
        PickyTree(random_state=0), 12, on_voter_error="abstain", memory=tmp_path, verbose=10
    )
    with pytest.warns(UserWarning, match="voters"):
        n_failed = sum(fitted is None for fitted in ensemble.fit(X, Y).estimators_)
    assert 0 < n_failed < 12
    *lines, last = capsys.readouterr().out.splitlines()
    assert f"{n_failed} failed" in lines[-1]
    assert last == f"Voters: 0 kept in memory, {12 - n_failed} fitted, {n_failed} failed."
    with pytest.warns(UserWarning, match="voters"):
        ensemble.fit(X, Y)
    *lines, last = capsys.readouterr().out.splitlines()
    assert f"{12 - n_failed} of them kept in memory, {n_failed} failed" in lines[-1]
    assert last == f"Voters: {12 - n_failed} kept in memory, 0 fitted, {n_failed} failed."


@pytest.mark.parametrize("memory", [False, True])
@pytest.mark.parametrize(
    "ensemble_class, estimator", [(DPAClassifier, TREE), (DPARegressor, DecisionTreeRegressor())]
)
def test_fits_on_data_sets_on_disk_tell_too(ensemble_class, estimator, memory, tmp_path, capsys):
    pytest.importorskip("pyarrow")
    ensemble = ensemble_class(estimator, 12, memory=tmp_path / "voters" if memory else None)
    target_type = "numbers" if is_regressor(ensemble) else "labels"
    dataset = PartitionedDataset.write(
        tmp_path / "rows", [(X, Y)], n_partitions=12, target_type=target_type
    )
    ensemble.set_params(verbose=10, n_jobs=2)
    with parallel_config("threading"):
        ensemble.fit(dataset)
        lines = capsys.readouterr().out.splitlines()
        assert counts(lines[:-1], "fitted")[-1] == 12
        ensemble.fit(dataset)
    *lines, last = capsys.readouterr().out.splitlines()
    assert ("12 of them kept in memory" in lines[-1]) is memory
    assert last == f"Voters: {'12 kept in memory, 0' if memory else '12'} fitted."


# ---- scikit-learn's callbacks


class Recorder:
    """Writes down what it hears."""

    def __init__(self):
        self.heard = []

    def setup(self, estimator, context):
        self.heard.append("setup")

    def teardown(self, estimator, context):
        self.heard.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.heard.append(("begin", context.task_name, context.task_id, context.max_subtasks))

    def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
        self.heard.append(("end", context.task_name, context.task_id))
        if context.task_name == "fit":
            self.votes = fitted_estimator.votes(X)


with_callbacks = pytest.mark.skipif(
    not hasattr(DPAClassifier, "set_callbacks"), reason="scikit-learn before 1.9"
)


@with_callbacks
@all_ensembles
def test_callbacks_hear_of_each_voter(ensemble, capsys):
    recorder = Recorder()
    watched = clone(ensemble).set_callbacks(recorder).set_params(n_jobs=2).fit(X, Y)
    heard = recorder.heard
    assert heard[:3] == ["setup", ("begin", "fit", 0, 1), ("begin", "voters", 0, 12)]
    assert heard[-3:] == [("end", "voters", 0), ("end", "fit", 0), "teardown"]
    for event in (("begin", 0), ("end",)):
        voters = [h[2] for h in heard if h[:2] == (event[0], "voter")]
        assert sorted(voters) == list(range(12))
    expected = clone(ensemble).fit(X, Y).votes(X)
    np.testing.assert_array_equal(watched.votes(X), expected)
    np.testing.assert_array_equal(recorder.votes, expected)
    assert capsys.readouterr().out == ""


@with_callbacks
def test_callbacks_hear_of_voters_that_are_kept_and_are_torn_down_after_errors(tmp_path):
    recorder = Recorder()
    model = DPAClassifier(TREE, 12, memory=tmp_path).fit(X, Y).set_callbacks(recorder)
    model.fit(X, Y)
    assert sum(h[:2] == ("end", "voter") for h in recorder.heard) == 12
    recorder.heard.clear()
    with pytest.raises(VoterError):
        model.set_params(estimator=PickyTree()).fit(X, Y)
    assert recorder.heard[0] == "setup" and recorder.heard[-1] == "teardown"
    assert "_callback_fit_ctx" not in vars(model)


@with_callbacks
def test_callbacks_stay_at_home_when_voters_are_fitted_on_a_data_set(tmp_path):
    pytest.importorskip("pyarrow")
    recorder = Recorder()
    recorder.lock = threading.Lock()  # which no worker can be sent
    dataset = PartitionedDataset.write(tmp_path / "rows", [(X, Y)], n_partitions=12)
    with parallel_config("loky"):
        DPAClassifier(TREE, 12, n_jobs=2).set_callbacks(recorder).fit(dataset)
    assert sum(h[:2] == ("end", "voter") for h in recorder.heard) == 12


@with_callbacks
def test_callbacks_do_not_stop_a_model_from_being_kept():
    model = DPAClassifier(TREE, 12).set_callbacks(Recorder()).fit(X, Y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.votes(X), model.votes(X))


@with_callbacks
def test_the_progress_bar_of_scikit_learn(capsys):
    pytest.importorskip("rich")
    from sklearn.callback import ProgressBar

    model = DPAClassifier(TREE, 12).set_callbacks(ProgressBar()).fit(X, Y)
    assert "DPAClassifier - voters" in capsys.readouterr().out
    assert len(model.estimators_) == 12


def test_releases_of_scikit_learn_without_callbacks(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.callback", None)
    spec = importlib.util.find_spec("sklearn_certify._compat")
    old = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(old)
    assert not hasattr(old.CallbackSupportMixin, "set_callbacks")
    with old.callbacks_of_fit(FunctionTransformer(), X, Y):
        assert old.callback_context(FunctionTransformer()) is None
    assert old.CallbackSupportMixin is not getattr(_compat, "CallbackSupportMixin", None) or (
        not hasattr(DPAClassifier, "set_callbacks")
    )
