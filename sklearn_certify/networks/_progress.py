"""What is told of a training while it runs."""

from time import monotonic

import numpy as np

__all__ = ["Progress"]

_SECONDS = 5.0  # between two lines


class Progress:
    """Lines with the number of voters that are done, their loss and the seconds left.

    Parameters
    ----------
    verbose : int
        0: nothing is printed. 1: a line every few seconds. 2: a line for each voter as well.
    """

    def __init__(self, verbose):
        self._verbose = verbose
        self._begin = self._last = monotonic()
        self._n_voters = self._n_done = self._n_steps = self._n_left = 0
        self._loss = np.nan

    def start(self, trainees, left):
        """Note what is to be done."""
        self._begin = monotonic()
        self._n_voters, self._n_done = len(trainees), len(trainees) - len(left)
        self._n_left = sum(trainee.n_steps - trainee.step for trainee in left)
        self._n_steps = 0
        if self._verbose and self._n_done:
            print(f"[networks] {self._n_done} of {self._n_voters} voters were trained before")

    def count(self, trainee):
        """Note that a voter is done."""
        self._n_done += 1
        self._loss = trainee.loss
        if self._verbose > 1:
            print(f"[networks] voter trained in {trainee.n_steps} steps, loss {trainee.loss:.4f}")

    def tell(self, stack):
        """Print a line if it is time to."""
        if not self._verbose:
            return
        self._n_steps += sum(voter is not None for voter in stack.voters)
        now = monotonic()
        if now - self._last < _SECONDS:
            return
        self._last = now
        there = [place for place, voter in enumerate(stack.voters) if voter is not None]
        loss = float(np.mean(stack.losses.cpu().numpy()[there])) if there else self._loss
        seconds = (now - self._begin) / self._n_steps * max(self._n_left - self._n_steps, 0)
        print(
            f"[networks] {self._n_done} of {self._n_voters} voters trained, loss {loss:.4f}, "
            f"{seconds:.0f} seconds left"
        )
