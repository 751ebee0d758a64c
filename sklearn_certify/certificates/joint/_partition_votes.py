"""The test rows that one attack on a partition ensemble can flip."""

from __future__ import annotations

from typing import NamedTuple

from .._arrays import Int64s, Integers

__all__ = ["PartitionVotes"]


class PartitionVotes(NamedTuple):
    """Votes for test rows that are predicted correctly, and the partitions behind the votes.

    Attributes
    ----------
    votes : ndarray of int of shape (n_rows, n_voters)
        As `check_votes` returns them.
    predicted : ndarray of int64 of shape (n_rows,)
        The class with most votes.
    gaps : ndarray of int64 of shape (n_rows, n_rivals)
        From `rival_gaps`; an invented label, if there is one, is the last rival.
    spread : ndarray of int64 of shape (n_partitions, spreading_degree)
        The voters that use each partition.
    """

    votes: Integers
    predicted: Int64s
    gaps: Int64s
    spread: Int64s

    def take(self, rows: slice | Int64s) -> PartitionVotes:
        """Keep some rows."""
        return self._replace(
            votes=self.votes[rows], predicted=self.predicted[rows], gaps=self.gaps[rows]
        )
