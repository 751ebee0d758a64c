"""Trainings that are interrupted, or are watched."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

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


def kept_in(folder):
    return StackedNetClassifier(
        MultilayerPerceptron,
        module_params={"dropout": 0.2},
        n_epochs=6,
        n_stacked=3,
        checkpoint_folder=folder,
        checkpoint_interval=0,
    )


@pytest.fixture
def kept(tmp_path):
    return kept_in(tmp_path / "kept")


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


def test_a_file_with_any_wrong_byte_is_not_believed(kept, tmp_path, monkeypatch):
    X, y, seed = samples_of(9, 1)[0]
    kept.set_params(module__hidden_layer_sizes=(2,), n_epochs=1)
    expected = kept.fit_stack([(X[:, :5], y, seed)])[0]
    (file,) = (tmp_path / "kept").iterdir()
    whole = file.read_bytes()
    taken = count_steps(monkeypatch)
    rng = np.random.default_rng(0)
    for place in rng.permutation(len(whole))[:60]:
        broken = bytearray(whole)
        broken[place] ^= 1 << rng.integers(8)
        file.write_bytes(broken)
        # what does not matter in the file may be wrong; else it is trained anew
        assert_same(kept.fit_stack([(X[:, :5], y, seed)])[0], expected)
    assert len(taken) > 30


@pytest.mark.parametrize(
    "change", ["a weight less", "another shape", "a step too far", "too early"]
)
def test_a_file_of_another_form_is_not_believed(kept, tmp_path, change):
    samples = samples_of(9, 1)
    expected = kept.fit_stack(samples)[0]
    (file,) = (tmp_path / "kept").iterdir()
    with np.load(file) as arrays:
        state = dict(arrays)
    name = next(iter(state))
    if change == "a weight less":
        del state[name]
    elif change == "another shape":
        state[name] = state[name][..., :-1]
    else:
        state[" step"] += 1 if change == "a step too far" else -1
    np.savez(file, **state)
    assert_same(kept.fit_stack(samples)[0], expected)


def test_a_voter_that_is_done_takes_no_more_room_than_its_weights(kept, tmp_path):
    voter = kept.fit_stack(samples_of(9, 1))[0]
    (file,) = (tmp_path / "kept").iterdir()
    n_arrays = len(list(voter.module_.parameters())) + 2
    assert file.stat().st_size < sum(w.nbytes for w in voter.module_.parameters()) + 600 * n_arrays


KILLED = """
import io, os, signal, sys
import numpy as np
from sklearn_certify.networks import StackedNetClassifier, _checkpoints
from tests.networks.test_stack_training import kept_in, samples_of

n_files, plain = [], np.savez

def killed_at_last(file, **arrays):
    n_files.append(0)
    whole = io.BytesIO()
    plain(whole, **arrays)
    if len(n_files) == 20:
        file.write(whole.getvalue()[:900])
        file.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    file.write(whole.getvalue())

_checkpoints.np.savez = killed_at_last
kept_in(sys.argv[1]).fit_stack(samples_of(8, 4))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no process can be killed so")
def test_a_killed_process_loses_one_interval_and_leaves_nothing_that_misleads(
    tmp_path, monkeypatch
):
    folder, samples = tmp_path / "kept", samples_of(8, 4)
    expected = clone(kept_in(folder)).set_params(checkpoint_folder=None).fit_stack(samples)
    process = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder)], cwd=Path(__file__).parents[2]
    )
    assert process.returncode == -signal.SIGKILL
    (part,) = folder.glob(".*.part")
    # three voters at a time are saved in each step: in the seventh, the second was being written
    steps = sorted(int(np.load(file)[" step"]) for file in folder.glob("*.npz"))
    assert steps == [6, 6, 7]
    taken = count_steps(monkeypatch)
    os.utime(part, (time.time() - 7200,) * 2)
    for voter, other in zip(kept_in(folder).fit_stack(samples), expected, strict=True):
        assert_same(voter, other)
    assert sum(taken) == sum(-(-6 * len(y) // 16) for _, y, _ in samples) - 19
    assert not part.exists() and len(list(folder.iterdir())) == 4


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
