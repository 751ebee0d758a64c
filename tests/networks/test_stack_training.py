"""Trainings that are interrupted, or are watched."""

import re

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits

from sklearn_certify import DPAClassifier
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.networks import (
    MultilayerPerceptron,
    StackedNetClassifier,
    _checkpoints,
    _stack,
)

from .test_company import assert_same, samples_of

DIGITS, LABELS = load_digits(return_X_y=True)
DIGITS = DIGITS.astype(np.float32)


class Interrupted(BaseException):
    """As if the process had been killed."""


@pytest.fixture
def kept(tmp_path):
    return StackedNetClassifier(
        MultilayerPerceptron,
        module_params={"dropout": 0.2},
        n_epochs=6,
        n_stacked=3,
        checkpoint_folder=tmp_path / "kept",
        checkpoint_interval=0,
    )


def count_steps(monkeypatch, stop_after=np.inf):
    """Count the steps of stacks; after so many raise."""
    plain, taken = _stack.Stack.step, []

    def step(self):
        if len(taken) == stop_after:
            raise Interrupted
        taken.append(sum(voter is not None for voter in self.voters))
        return plain(self)

    monkeypatch.setattr(_stack.Stack, "step", step)
    return taken


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_an_interrupted_training_goes_on_where_it_was(kept, optimizer, monkeypatch):
    kept.set_params(optimizer=optimizer, learning_rate=0.01)
    samples = samples_of(8, 7)
    expected = clone(kept).set_params(checkpoint_folder=None).fit_stack(samples)
    with monkeypatch.context() as patch, pytest.raises(Interrupted):
        count_steps(patch, stop_after=13)
        kept.fit_stack(samples)
    with monkeypatch.context() as patch:
        first = count_steps(patch)
        # in another order, so that they have other company
        found = kept.fit_stack(samples[::-1])[::-1]
    with monkeypatch.context() as patch:
        second = count_steps(patch)
        again = kept.fit_stack(samples)
    for voters in (found, again):
        for voter, other in zip(voters, expected, strict=True):
            assert_same(voter, other)
    n_steps = sum(-(-6 * len(y) // 16) for _, y, _ in samples)
    # it has lost the step that it was at
    assert sum(first) == n_steps - 13 * 3
    assert second == []


def test_other_settings_rows_labels_and_seeds_begin_anew(kept, monkeypatch):
    X, y, seed = samples_of(9, 1)[0]
    kept.fit_stack([(X, y, seed)])
    taken = count_steps(monkeypatch)
    kept.fit_stack([(X, y, seed)])
    assert taken == []
    others = [
        (kept, X, y, seed + 1),
        (kept, np.concatenate([X[:-1], X[:1]]), y, seed),
        (kept, X, np.roll(y, 1), seed),
        (clone(kept).set_params(learning_rate=0.001), X, y, seed),
        (clone(kept).set_params(module__dropout=0.3), X, y, seed),
        (clone(kept).set_params(n_stacked=4), X, y, seed),
    ]
    for net, *sample in others:
        taken.clear()
        net.fit_stack([tuple(sample)])
        assert len(taken) >= -(-6 * len(y) // 16)


def test_damaged_files_are_not_believed(kept, tmp_path, monkeypatch):
    samples = samples_of(9, 2)
    expected = kept.fit_stack(samples)
    files = sorted((tmp_path / "kept").iterdir())
    assert [file.suffix for file in files] == [".npz", ".npz"]
    files[0].write_bytes(files[0].read_bytes()[:700])
    files[1].write_bytes(b"")
    for voter, other in zip(kept.fit_stack(samples), expected, strict=True):
        assert_same(voter, other)


def test_a_kill_while_a_file_is_written_leaves_the_one_before(kept, tmp_path, monkeypatch):
    samples = samples_of(9, 1)
    kept.fit_stack(samples)
    before = {file: file.read_bytes() for file in (tmp_path / "kept").iterdir()}

    def half_written(file, **arrays):
        file.write(b"half")
        raise Interrupted

    monkeypatch.setattr(_checkpoints.np, "savez", half_written)
    with pytest.raises(Interrupted):
        clone(kept).set_params(learning_rate=0.1).fit_stack(samples)
    assert {file: file.read_bytes() for file in (tmp_path / "kept").iterdir()} == before


def test_settings_that_cannot_be_named_are_told(kept):
    kept.set_params(augmentation=lambda images: images)
    with pytest.raises(InvalidInputError, match="Checkpoints need settings that can be pickled"):
        kept.fit(DIGITS[:20], LABELS[:20])


# ---- progress


def test_progress_is_told(monkeypatch, capsys):
    monkeypatch.setattr("sklearn_certify.networks._progress._SECONDS", 0)
    net = StackedNetClassifier(n_epochs=3, n_stacked=4, verbose=2)
    DPAClassifier(net, n_partitions=6).fit(DIGITS[:200], LABELS[:200])
    lines = capsys.readouterr().out.splitlines()
    pattern = r"\[networks\] \d of 6 voters trained, loss \d\.\d{4}, \d+ seconds left"
    assert re.fullmatch(pattern, lines[0])
    assert sum("voter trained in" in line for line in lines) == 6
    clone(net).set_params(verbose=0).fit(DIGITS[:50], LABELS[:50])
    assert capsys.readouterr().out == ""
