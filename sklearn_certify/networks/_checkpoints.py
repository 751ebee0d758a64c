"""Training that goes on after it was interrupted."""

import os
from pathlib import Path
from time import monotonic, time
from uuid import uuid4

import joblib
import numpy as np

from ..exceptions import InvalidInputError

__all__ = ["Checkpoints"]

_STEP, _LOSS = " step", " loss"  # no weights are named so
_PART = ".part"  # ends the names of files that are being written
_SECONDS_TO_WRITE = 3600  # at most; an older part was left by a process that was killed


class Checkpoints:
    """Voters in a folder, one file each, half-trained or done.

    A file is named by all that a voter follows from, so that none is taken for another: its rows,
    labels and seed, its first weights, and the settings. It is written beside its place and then
    moved there, so that there is no half of a file; what was left beside by a kill goes away with
    a later fit. Of a voter that is done there are its weights alone. These stay: only whoever fits
    an ensemble knows when its last voter was trained.

    Parameters
    ----------
    folder : path-like or None
        None: nothing is kept.
    interval : float
        Seconds between two times at which voters in training are saved.
    identity : object
        The settings; whatever joblib can hash.
    """

    def __init__(self, folder, interval, identity):
        self._folder = None if folder is None else Path(folder)
        self._interval = interval
        self._identity = identity
        self._last = monotonic()
        self._names = {}
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._remove_old_parts()

    def _remove_old_parts(self):
        for part in self._folder.glob(f".*{_PART}"):
            try:
                if time() - part.stat().st_mtime > _SECONDS_TO_WRITE:
                    part.unlink()
            except OSError:  # it was moved, or is another user's
                continue

    def _path(self, trainee):
        if id(trainee) not in self._names:
            module = trainee.module
            structure = (type(module).__qualname__, repr(module), trainee.first_state())
            parts = (self._identity, structure, trainee.inputs, trainee.codes, trainee.seed)
            try:
                self._names[id(trainee)] = joblib.hash(parts, hash_name="sha1")
            except Exception as error:
                raise InvalidInputError(
                    "Checkpoints need settings that can be pickled, such as an augmentation that "
                    f"is defined in a module ({type(error).__name__}: {error})."
                ) from error
        return self._folder / f"{self._names[id(trainee)]}.npz"

    def load(self, trainee):
        """Bring a voter to where its training was, and say whether it was done."""
        if self._folder is None or not self._path(trainee).exists():
            return False
        try:
            with np.load(self._path(trainee), allow_pickle=False) as file:
                state = dict(file)
            step, loss = int(state.pop(_STEP)), float(state.pop(_LOSS))
            is_whole = _forms(state) == self._forms_at(trainee, step)
        except Exception:  # whatever a damaged file leads to
            is_whole = False
        if not is_whole:  # it is trained anew
            return False
        trainee.step, trainee.loss, trainee.state = step, loss, state
        trainee.is_done = step == trainee.n_steps
        return trainee.is_done

    def _forms_at(self, trainee, step):
        """Return the forms of all that is saved of a voter at a step."""
        if not 0 < step <= trainee.n_steps:
            return None
        state = trainee.first_state()
        if step < trainee.n_steps:
            state.update(trainee.first_memories())
        return _forms(state)

    def rewind(self, trainee):
        """Bring a voter back to where it can start from."""
        trainee.step, trainee.state = 0, None
        self.load(trainee)

    def is_due(self):
        """Say whether it is time to save voters in training."""
        return self._folder is not None and monotonic() - self._last >= self._interval

    def save_running(self, stack):
        """Save all voters in training."""
        for place, trainee in enumerate(stack.voters):
            if trainee is not None:
                self._write(trainee, stack.state_at(place))
        self._last = monotonic()

    def save(self, trainee):
        """Save a voter that is done."""
        if self._folder is not None:
            self._write(trainee, trainee.state)

    def _write(self, trainee, state):
        path = self._path(trainee)
        beside = path.with_name(f".{path.stem}-{uuid4().hex}{_PART}")
        try:
            with open(beside, "wb") as file:
                np.savez(file, **{**state, _STEP: trainee.step, _LOSS: trainee.loss})
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)


def _forms(state):
    return {name: (array.shape, array.dtype.str) for name, array in state.items()}
