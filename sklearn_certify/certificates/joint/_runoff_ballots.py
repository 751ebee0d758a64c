"""What joint certificates of a run-off election need of the voters' scores, in few bytes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..._compute.blocks import run_on_blocks
from .._arrays import Floats, Int64s, Integers
from .._runoff_election import cast_votes
from ..runoff import to_kernel

__all__ = ["RunoffBallots", "runoff_ballots", "write_backing"]

_STEPS_PER_BLOCK = 1 << 18  # fewer take less time than starting a thread


class RunoffBallots(NamedTuple):
    """Votes of both rounds for some rows, the winners, and what each row survives by itself.

    Attributes
    ----------
    votes : ndarray of int of shape (n_rows, n_voters)
        Votes of round one, -1 for a voter that abstains. The type holds ``n_classes``, which
        stands for an invented label.
    backers : ndarray of uint8 of shape (n_rows, n_classes // 8 + 1, n_voters)
        Which rivals each voter sets behind the winner in round two: of rival b, bit b % 8 of byte
        b // 8.
    predicted : ndarray of int64 of shape (n_rows,)
        The class that wins.
    radius : ndarray of int64 of shape (n_rows,)
        The partitions that provably let no other class win.
    """

    votes: Integers
    backers: NDArray[np.uint8]
    predicted: Int64s
    radius: Int64s

    def take(self, rows: slice | Int64s) -> RunoffBallots:
        """Keep some rows."""
        return RunoffBallots(
            self.votes[rows], self.backers[rows], self.predicted[rows], self.radius[rows]
        )


def runoff_ballots(
    scores: Floats, predicted: Int64s, radius: Int64s, rows: Int64s
) -> RunoffBallots:
    """Keep of scores what a joint certificate needs: a byte for a voter, and a bit for each score.

    Parameters
    ----------
    scores : ndarray of float of shape (n_samples, n_voters, n_classes)
        As `runoff_radius` has taken them.
    predicted, radius : ndarray of int64 of shape (n_samples,)
        As it has returned them, with a cost of one.
    rows : ndarray of int64 of shape (n_rows,)
        The samples to keep.

    Returns
    -------
    RunoffBallots
    """
    n_rows, (n_voters, n_classes) = len(rows), scores.shape[1:]
    predicted = predicted[rows]
    # one type for all but the most classes, so that kernels are compiled once
    vote_type = np.promote_types(np.min_scalar_type(-n_classes - 1), np.int16)
    votes = np.empty((n_rows, n_voters), vote_type)
    backers = np.empty((n_rows, n_classes // 8 + 1, n_voters), np.uint8)
    scores = to_kernel(scores)
    run_on_blocks(
        lambda start, stop: _fill_ballots(
            scores,
            rows[start:stop],
            predicted[start:stop],
            votes[start:stop],
            backers[start:stop],
        ),
        n_rows,
        min_block=_STEPS_PER_BLOCK // (n_voters * n_classes) + 1,
    )
    return RunoffBallots(votes, backers, predicted, radius[rows])


@njit(nogil=True, cache=True)
def _fill_ballots(
    scores: Floats, rows: Int64s, predicted: Int64s, votes: Integers, backers: NDArray[np.uint8]
) -> None:
    _, n_voters, n_classes = scores.shape
    for i in range(len(rows)):
        row, winner = scores[rows[i]], predicted[i]
        cast_votes(row, votes[i])
        for voter in range(n_voters):
            score = row[voter, winner]
            for byte in range(backers.shape[1]):
                bits = 0
                for rival in range(8 * byte, min(8 * byte + 8, n_classes)):
                    other = row[voter, rival]
                    bits |= ((score > other) | ((score == other) & (winner < rival))) << (rival & 7)
                backers[i, byte, voter] = bits
            # who never saw the winner's class may set an invented label before it
            backers[i, n_classes >> 3, voter] |= (score > -np.inf) << (n_classes & 7)


@njit(nogil=True, cache=True)
def write_backing(backers: NDArray[np.uint8], rival: int, weight: int, weights: Integers) -> None:
    """Write `weight` for each voter that sets the winner before `rival`, else 0.

    `backers` are those of one row.
    """
    bits = backers[rival >> 3]
    mask = np.uint8(1 << (rival & 7))
    for voter in range(len(bits)):
        weights[voter] = weight * ((bits[voter] & mask) != 0)
