"""Voters that stay in the memory's folder until one of them is asked for."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..exceptions import VoterError

__all__ = ["InMemory", "KeptVoters", "count_voters", "voters_of"]


class InMemory(NamedTuple):
    """Stands for a voter that is in the memory.

    Attributes
    ----------
    key : str
        Its name there.
    """

    key: str


class KeptVoters(Sequence):
    """Fitted voters, of which most are on disk: each is loaded whenever it is asked for.

    Parameters
    ----------
    entries : list of InMemory, fitted estimator or None
        One for each voter.
    memory : VoterMemory
        Where those are that are in no process.
    """

    def __init__(self, entries, memory):
        self.entries = entries
        self.memory = memory

    def __len__(self):
        return len(self.entries)

    def __getitem__(self, which):
        if isinstance(which, slice):
            return [self[number] for number in range(len(self))[which]]
        entry = self.entries[which]
        if not isinstance(entry, InMemory):
            return entry
        voter = self.memory.load(entry.key)
        if voter is None:
            raise VoterError(
                f"Voter {range(len(self))[which]} is no longer in {self.memory.folder}, or its "
                "file is damaged; fit again, and only such voters are fitted."
            )
        return voter


class _Some(Mapping):
    """Some of the voters by their numbers, each loaded whenever it is asked for."""

    def __init__(self, voters, numbers):
        self.voters, self.numbers = voters, numbers

    def __len__(self):
        return len(self.numbers)

    def __iter__(self):
        return iter(self.numbers)

    def __getitem__(self, number):
        if number not in self.numbers:
            raise KeyError(number)
        return self.voters[number]


def voters_of(estimators, numbers):
    """Return some voters by their numbers, as a mapping; those on disk are not loaded.

    Parameters
    ----------
    estimators : list or KeptVoters
        All voters.
    numbers : ndarray of int
        Consecutive numbers.

    Returns
    -------
    mapping of fitted estimator or None by int
    """
    numbers = range(int(numbers[0]), int(numbers[-1]) + 1)
    if isinstance(estimators, KeptVoters):
        entries = [None] * numbers.start + estimators.entries[numbers.start : numbers.stop]
        return _Some(KeptVoters(entries, estimators.memory), numbers)
    return {number: estimators[number] for number in numbers}


def count_voters(estimators):
    """Return how many voters there are that could vote, without loading any.

    Parameters
    ----------
    estimators : list or KeptVoters
        All voters.

    Returns
    -------
    int
    """
    entries = estimators.entries if isinstance(estimators, KeptVoters) else estimators
    return sum(entry is not None for entry in entries)
