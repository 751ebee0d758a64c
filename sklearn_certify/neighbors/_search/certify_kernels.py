"""Kernels that certify a vote of the nearest rows: from labels in order, or by counting them.

What `certificates._rank_search` asks for is the votes of the first so many rows, at a few ranks.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from ..._compute.sorting import n_at_most
from ...certificates._neighbor_kernels import largest_budget_to_try
from ...certificates._rank_search import (
    close_interval,
    halve_interval,
    new_search,
    next_interval,
    note_gap,
    safe_budget,
    smallest_gap,
    start_search,
)
from .filter_kernels import keep_nearest, list_between, measure_codes
from .selection import N_COUNTERS, kth_smallest, sort_columns

__all__ = ["Vote", "certify_nearest"]

_STRIDE = 64  # after so many columns, or as many as there are classes, labels are counted anew
_SHORT = 128  # ranks, at all of which votes are counted
_VAGUE = 8  # where one column in so many may lie before or behind a rank, codes are of no use


class Vote(NamedTuple):
    """A vote of the nearest rows, and who attacks it."""

    n_neighbors: int
    n_ranked: int  # rows that may be looked at, nearest first
    n_classes: int
    inserts: bool
    deletes: bool
    phantom: bool


class Ranking(NamedTuple):
    """The nearest columns of a query in the order of their codes, and room for counts."""

    columns: np.ndarray  # int64 (n_listed,)
    codes: np.ndarray  # int32 (n_listed,), sorted
    distances: np.ndarray  # float64 (n_listed,): exact ones, -1 where they are unknown
    stride: int
    counts: np.ndarray  # int64 (n_strides, n_classes): labels before each stride
    margin: int
    step: float


@njit(nogil=True, cache=True)
def certify_nearest(columns, table, margins, steps, queries, vote, predicted, radii):
    """Write the class that the nearest rows elect and its radius, by a table of codes."""
    n_rows, n_classes = len(columns.positions), vote.n_classes
    limit = largest_budget_to_try(
        vote.n_neighbors, n_rows, vote.n_ranked, vote.inserts, vote.deletes
    )
    members, counters = np.empty(n_rows, np.int32), np.empty(N_COUNTERS, np.int64)
    listed, other = np.empty(n_rows + 1, np.int64), np.empty(n_rows, np.int64)
    sorted_codes, distances = np.empty(n_rows, np.int32), np.empty(n_rows)
    stride = max(_STRIDE, n_classes)
    counts = np.empty((n_rows // stride + 1, n_classes), np.int64)
    votes = np.empty(n_classes, np.int64)
    search = new_search()
    for sample in range(len(queries)):
        codes, query = table[sample, :n_rows], queries[sample]
        last = np.int64(kth_smallest(codes, vote.n_ranked, members, counters))
        n_listed = list_between(codes, np.int64(0), last + margins[sample], listed)
        order = sort_columns(listed[:n_listed], codes, other[:n_listed], counters)
        for i in range(n_listed):
            sorted_codes[i] = codes[order[i]]
        ranking = Ranking(
            order,
            sorted_codes[:n_listed],
            distances[:n_listed],
            stride,
            counts,
            margins[sample],
            steps[sample],
        )
        ranking.distances[:] = -1.0
        n_first = min(vote.n_neighbors, n_rows)
        start, stop = _window(ranking, n_first)
        if (stop - start) * _VAGUE > n_listed:
            ranking = _rank_all(columns, codes, ranking, query)
        _count_strides(columns, ranking, votes)
        _count_first(columns, codes, ranking, query, n_first, votes)
        winner = np.argmax(votes)
        gap = smallest_gap(votes, winner, vote.phantom)
        start_search(search, gap, vote.n_neighbors, limit, vote.inserts, vote.deletes)
        first, last = next_interval(search)
        while last > 0:
            if last - first <= _SHORT:
                _note_between(
                    columns, codes, ranking, query, first, last, winner, vote.phantom, votes, search
                )
                close_interval(search)
            else:
                rank = (first + last) // 2
                _count_first(columns, codes, ranking, query, min(rank, n_rows), votes)
                halve_interval(search, rank, smallest_gap(votes, winner, vote.phantom))
            first, last = next_interval(search)
        predicted[sample] = winner
        radii[sample] = safe_budget(search)


@njit(nogil=True, cache=True)
def _rank_all(columns, codes, ranking, query):
    """Put all listed columns in the order of their exact distances: ranks become their codes."""
    _measure_missing(columns, codes, ranking, query, ranking.columns, ranking.distances)
    keep_nearest(columns, ranking.columns, ranking.distances, len(ranking.columns))
    for i in range(len(ranking.columns)):
        ranking.codes[i] = ranking.distances[i] = i
    return Ranking(
        ranking.columns,
        ranking.codes,
        ranking.distances,
        ranking.stride,
        ranking.counts,
        0,
        ranking.step,
    )


@njit(nogil=True, cache=True)
def _count_strides(columns, ranking, votes):
    """Write how many columns of each label come before every stride."""
    votes[:] = 0
    for i in range(len(ranking.columns)):
        if i % ranking.stride == 0:
            ranking.counts[i // ranking.stride] = votes
        votes[columns.labels[ranking.columns[i]]] += 1


@njit(nogil=True, cache=True)
def _count_columns(columns, ranking, n_columns, votes):
    """Write the labels of the first columns in the order of their codes."""
    if n_columns == 0:
        votes[:] = 0
        return
    stride = (n_columns - 1) // ranking.stride
    votes[:] = ranking.counts[stride]
    for i in range(stride * ranking.stride, n_columns):
        votes[columns.labels[ranking.columns[i]]] += 1


@njit(nogil=True, cache=True)
def _window(ranking, n_first):
    """Return from where on columns may lie behind the first so many, and up to where before."""
    if n_first == 0:
        return 0, 0
    n_listed = len(ranking.codes)
    last = np.int64(ranking.codes[n_first - 1])
    start = n_at_most(ranking.codes, 0, n_first, last - ranking.margin - 1)
    return start, n_first + n_at_most(ranking.codes, n_first, n_listed, last + ranking.margin)


@njit(nogil=True, cache=True)
def _count_first(columns, codes, ranking, query, n_first, votes):
    """Write the votes of the first rows: only those with codes near the last one's are measured."""
    start, stop = _window(ranking, n_first)
    _count_columns(columns, ranking, start, votes)
    unsure = ranking.columns[start:stop].copy()
    if n_first < stop:
        distances = ranking.distances[start:stop]
        _measure_missing(columns, codes, ranking, query, unsure, distances)
        keep_nearest(columns, unsure, distances, n_first - start)
    for i in range(n_first - start):
        votes[columns.labels[unsure[i]]] += 1


@njit(nogil=True, cache=True)
def _note_between(columns, codes, ranking, query, first, last, winner, phantom, votes, search):
    """Note the gaps at all ranks between two: rows that may lie there are put in order once."""
    n_rows = len(columns.positions)
    start, _ = _window(ranking, min(max(first + 1, 0), n_rows))
    _, stop = _window(ranking, min(last - 1, n_rows))
    _count_columns(columns, ranking, start, votes)
    unsure = ranking.columns[start:stop].copy()
    _measure_missing(columns, codes, ranking, query, unsure, ranking.distances[start:stop])
    keep_nearest(columns, unsure, ranking.distances[start:stop], len(unsure))
    n_counted = start
    for rank in range(max(first + 1, 0), last):
        while n_counted < min(rank, n_rows):
            votes[columns.labels[unsure[n_counted - start]]] += 1
            n_counted += 1
        note_gap(search, rank, smallest_gap(votes, winner, phantom))


@njit(nogil=True, cache=True)
def _measure_missing(columns, codes, ranking, query, listed, distances):
    """Write the exact distances of listed columns where there are none yet."""
    missing, n_missing = np.empty(len(listed) + 1, np.int64), 0
    for i in range(len(listed)):
        missing[n_missing] = i
        n_missing += distances[i] < 0
    missing = missing[:n_missing]
    measured = np.empty(n_missing)
    measure_codes(columns, codes, listed[missing], ranking.margin, ranking.step, query, measured)
    for i in range(n_missing):
        distances[missing[i]] = measured[i]
