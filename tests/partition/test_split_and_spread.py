"""From hashes to partitions to the rows of voters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.partition import canonical_order, cyclic_spread, rows_of_voters, split


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.uint64])
def test_split_is_the_remainder(dtype):
    hashes = np.array([0, 7, 99, 127], dtype=dtype)
    for n_partitions in (1, 5, 300):
        partition = split(hashes, n_partitions)
        assert partition.dtype == np.int64
        assert partition.tolist() == [h % n_partitions for h in hashes.tolist()]
    assert split(np.array([2**64 - 1], dtype=np.uint64), 10).tolist() == [5]


@settings(derandomize=True, deadline=None)
@given(st.integers(1, 40), st.data())
def test_every_voter_has_as_many_partitions_as_a_partition_has_voters(n_partitions, data):
    degree = data.draw(st.integers(1, n_partitions))
    spread = cyclic_spread(
        n_partitions, degree, np.random.RandomState(data.draw(st.integers(0, 9)))
    )
    assert spread.shape == (n_partitions, degree)
    assert all(len(set(row)) == degree for row in spread.tolist())
    assert np.bincount(spread.ravel(), minlength=n_partitions).tolist() == [degree] * n_partitions
    offsets = (spread - np.arange(n_partitions)[:, None]) % n_partitions
    assert (np.sort(offsets, axis=1) == np.sort(offsets[0])).all()


def test_offsets_are_drawn():
    # neighbours would share most of their partitions, and certify less
    drawn = {tuple(cyclic_spread(100, 4, np.random.RandomState(s))[0].tolist()) for s in range(20)}
    assert len(drawn) == 20
    assert max(offset for offsets in drawn for offset in offsets) > 80


@settings(derandomize=True, deadline=None)
@given(st.data())
def test_voters_learn_from_the_rows_of_their_partitions_in_order(data):
    n_rows, n_partitions = data.draw(st.integers(0, 30)), data.draw(st.integers(1, 8))
    degree = data.draw(st.integers(1, n_partitions))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    partition = rng.integers(0, n_partitions, size=n_rows)
    spread = cyclic_spread(n_partitions, degree, np.random.RandomState(0))
    order = rng.permutation(n_rows)
    place = np.argsort(order)
    rows = rows_of_voters(partition, spread, n_partitions, order)
    assert len(rows) == n_partitions
    for voter, own in enumerate(rows):
        partitions = [j for j in range(n_partitions) if voter in spread[j]]
        assert sorted(own.tolist()) == [i for i in range(n_rows) if partition[i] in partitions]
        assert (np.diff(place[own]) > 0).all()


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12), st.randoms())
def test_canonical_order_sees_content_alone(pairs, random):
    shuffled = random.sample(pairs, len(pairs))

    def in_order(pairs):
        hashes = np.array(pairs, dtype=np.uint64).reshape(-1, 2)
        return hashes[canonical_order(hashes[:, 0], hashes[:, 1])].tolist()

    assert in_order(pairs) == in_order(shuffled)
