"""From hashes to partitions, and from partitions to the voters that use them."""

import numpy as np

__all__ = ["canonical_order", "cyclic_spread", "partitions_of_voters", "rows_of_voters", "split"]


def split(hashes, n_partitions):
    """Return the partition of each row: the remainder of its hash.

    Parameters
    ----------
    hashes : ndarray of non-negative integers, of shape (n_rows,)
        The rows' hashes.
    n_partitions : int
        Number of partitions.

    Returns
    -------
    ndarray of int64, of shape (n_rows,)
        Numbers from 0 to ``n_partitions - 1``.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.partition import split
    >>> split(np.array([7, 8, 23]), 5)
    array([2, 3, 3])
    """
    return (hashes.astype(np.uint64) % np.uint64(n_partitions)).astype(np.int64)


def cyclic_spread(n_partitions, spreading_degree, random_state):
    """Return the voters that use each partition: those at fixed offsets from it.

    Partition j goes to the voters ``(j + r) mod n_partitions`` for `spreading_degree` offsets r,
    drawn once, so that every voter uses as many partitions as every partition has voters.

    Parameters
    ----------
    n_partitions : int
        Number of partitions, and of voters.
    spreading_degree : int
        Voters per partition.
    random_state : RandomState
        Draws the offsets.

    Returns
    -------
    ndarray of int64, of shape (n_partitions, spreading_degree)
        Voter numbers; no row repeats one.

    References
    ----------
    Wang, Levine, Feizi: "Improved Certified Defenses against Data Poisoning with (Deterministic)
    Finite Aggregation", ICML 2022, Section 3.4.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.partition import cyclic_spread
    >>> spread = cyclic_spread(6, 2, np.random.RandomState(0))
    >>> spread.shape
    (6, 2)
    >>> (np.bincount(spread.ravel()) == 2).all()
    np.True_
    """
    offsets = np.sort(random_state.permutation(n_partitions)[:spreading_degree])
    return (np.arange(n_partitions)[:, np.newaxis] + offsets) % n_partitions


def canonical_order(row_hashes, label_hashes, content=None):
    """Return the order of rows by content: by hash, then by the label's hash.

    Rows that are equal in both may still differ in what no hash sees. With `content` they are
    ordered by it; without, they keep the order in which they came.

    Parameters
    ----------
    row_hashes, label_hashes : ndarray of uint64, of shape (n_rows,)
        Content hashes.
    content : ExactContent, default=None
        What the rows are to the last bit. Only rows with equal hashes are looked at.

    Returns
    -------
    ndarray of int64, of shape (n_rows,)
        Row numbers in canonical order.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.partition import ExactContent, canonical_order, hash_labels, hash_rows
    >>> canonical_order(np.array([9, 4, 4], np.uint64), np.array([1, 7, 2], np.uint64))
    array([2, 1, 0])
    >>> X, y = np.array([[-0.0], [0.0], [-0.0]]), np.array([1, 1, 1])
    >>> hashes = hash_rows(X), hash_labels(y)
    >>> X[canonical_order(*hashes, ExactContent(X, y))].ravel()
    array([-0., -0.,  0.])
    """
    order = np.lexsort((label_hashes, row_hashes))
    if content is None or len(order) < 2:
        return order
    starts = np.r_[True, _differ_from_next(row_hashes[order])]
    starts[1:] |= _differ_from_next(label_hashes[order])
    tied = np.flatnonzero(~starts | np.r_[~starts[1:], False])
    if not len(tied):
        return order
    ties = np.cumsum(starts[tied]) - 1  # the number of the tie that each of these rows is in
    firsts = order[tied[starts[tied]]][ties]
    unequal = np.zeros(ties[-1] + 1, dtype=bool)
    unequal[ties[~content.are_equal(order[tied], firsts)]] = True
    tied, ties = tied[unequal[ties]], ties[unequal[ties]]
    if len(tied):
        keys = content.keys(order[tied])
        order[tied] = order[tied][np.lexsort((keys[:, 1], keys[:, 0], ties))]
    return order


def _differ_from_next(values):
    return values[1:] != values[:-1]


def rows_of_voters(partition, spread, n_voters, order):
    """Return the rows that each voter learns from, in canonical order.

    Parameters
    ----------
    partition : ndarray of int64, of shape (n_rows,)
        The partition of each row.
    spread : ndarray of int64, of shape (n_partitions, spreading_degree)
        The voters that use each partition.
    n_voters : int
        Number of voters.
    order : ndarray of int64, of shape (n_rows,)
        Row numbers in canonical order.

    Returns
    -------
    list of ndarray of int64
        Row numbers for each voter.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.partition import rows_of_voters
    >>> spread = np.array([[0, 1], [1, 2], [2, 0]])
    >>> rows_of_voters(np.array([0, 2, 0]), spread, 3, np.array([2, 0, 1]))
    [array([2, 0, 1]), array([2, 0]), array([1])]
    """
    # positions in canonical order, grouped by partition; the sort is stable, so each group ascends
    positions = np.argsort(partition[order], kind="stable")
    ends = np.cumsum(np.bincount(partition, minlength=len(spread)))
    positions_of_partition = np.split(positions, ends[:-1])

    return [
        order[np.sort(np.concatenate([positions_of_partition[j] for j in partitions]))]
        for partitions in partitions_of_voters(spread, n_voters)
    ]


def partitions_of_voters(spread, n_voters):
    """Return the partitions that each voter uses: the spread turned round.

    Parameters
    ----------
    spread : ndarray of int64, of shape (n_partitions, spreading_degree)
        The voters that use each partition.
    n_voters : int
        Number of voters.

    Returns
    -------
    list of ndarray of int64
        Numbers of partitions for each voter.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.partition import partitions_of_voters
    >>> partitions_of_voters(np.array([[0, 1], [1, 2], [2, 0]]), 3)
    [array([0, 2]), array([0, 1]), array([1, 2])]
    """
    by_voter = np.argsort(spread.ravel(), kind="stable")
    voter_ends = np.cumsum(np.bincount(spread.ravel(), minlength=n_voters))
    return np.split(by_voter // spread.shape[1], voter_ends[:-1])
