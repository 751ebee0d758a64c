"""Voters whose rows are read where they are fitted, so that nobody ever holds all rows."""

from functools import partial
from itertools import chain
from typing import NamedTuple

import numpy as np

from .._compute.progress import progress_of
from ._fitting import (
    FittedVoters,
    Voter,
    count_fitted,
    fit_in_tasks,
    fit_task,
    is_failure,
)
from ._kept import InMemory
from ._one_by_one import learn_labels

__all__ = ["fit_with_reading_workers"]


def fit_with_reading_workers(
    learn, estimator, source, parts_of_voters, seeds, *, memory, n_jobs, verbose, on_voter_error
):
    """Fit one clone of the estimator per voter, in parallel, on rows that workers read.

    Parameters
    ----------
    learn : callable
        `learn_labels` or `learn_numbers`, by what y holds.
    estimator : estimator
        The base estimator, left as it is.
    source : object
        ``source.rows_of(parts)`` returns rows and y of some parts, in canonical order, and
        what is to be remembered of them, or None; ``source.n_rows[part]`` says how many rows a
        part has; ``source.room`` how many rows the voters of a task may have together. It goes to
        the workers; what is remembered of all voters' rows comes back to ``source.warn``.
    parts_of_voters : sequence of sequence of int
        The parts that each voter learns from.
    seeds : sequence of int
        The seed of each.
    memory, n_jobs, verbose, on_voter_error
        As for `fit_with_workers`. With a memory, voters stay there.

    Returns
    -------
    fitted : FittedVoters
        With `InMemory` in the place of a voter that is in the memory.
    labels : list of ndarray, or None
        The labels that each voter's rows have; None where y holds numbers.

    Raises
    ------
    VoterError
        If a voter cannot be fitted and `on_voter_error` is "raise".
    """
    voters = (
        _Unread(number, seed, parts, int(source.n_rows[parts].sum()))
        for number, (seed, parts) in enumerate(zip(seeds, parts_of_voters, strict=True))
    )
    done = fit_in_tasks(
        partial(_read_and_fit, learn, source, memory=memory, on_voter_error=on_voter_error),
        estimator,
        voters,
        len(seeds),
        source.room,
        n_jobs=n_jobs,
        progress=progress_of(verbose),
        count=lambda outcome: count_fitted(outcome.results, outcome.n_kept),
    )
    results, keys, labels = {}, {}, {}
    for outcome in done:
        results.update(outcome.results)
        keys.update(outcome.keys)
        labels.update(outcome.labels)
    in_order = sorted(done, key=lambda outcome: min(outcome.results))
    source.warn(chain.from_iterable(outcome.notes for outcome in in_order))
    numbers = range(len(seeds))
    n_kept = sum(outcome.n_kept for outcome in done)
    problems = chain.from_iterable(outcome.problems for outcome in done)
    fitted = FittedVoters.of(numbers, results, keys, n_kept, problems)
    return fitted, [labels[number] for number in numbers] if labels else None


class _Unread(NamedTuple):
    """A voter whose rows are still where they are kept."""

    number: int
    seed: int
    parts: np.ndarray
    n_rows: int


class _Outcome(NamedTuple):
    """What became of the voters of a task."""

    results: dict  # by the voter's number
    keys: dict
    labels: dict  # empty where y holds numbers
    n_kept: int
    problems: list
    notes: list  # what is to be remembered of their rows


def _read_and_fit(learn, source, clones, task, memory, on_voter_error):
    voters, labels, keys, kept, notes = [], {}, {}, {}, []
    for number, seed, parts, _ in task:
        *rows, noted = source.rows_of(parts)
        voter = Voter(number, seed, *rows)
        notes += [] if noted is None else [noted]
        if learn is learn_labels:
            labels[number] = np.unique(voter.y)
        if memory is not None and len(voter.y):
            voter = voter._replace(key=memory.key(seed, voter.X, voter.y))
            keys[number] = voter.key
            if voter.key is not None and memory.load(voter.key) is not None:
                kept[number] = InMemory(voter.key)
                continue
        voters.append(voter)
    results, problems, unsaved = fit_task(learn, clones, voters, memory, on_voter_error)
    for number, key in keys.items():
        saved = key is not None and number not in kept and number not in unsaved
        if saved and not is_failure(results[number]):
            results[number] = InMemory(key)
    return _Outcome(results | kept, keys, labels, len(kept), problems, notes)
