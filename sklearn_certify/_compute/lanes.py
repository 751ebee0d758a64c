"""Rows in lanes: the order in which the quick kernels read training rows.

Rows as they come lie one after the other, (n_rows, n_features): right for one pair. Lanes lie the
other way round, in blocks: (n_blocks, n_features, n_lanes), where one vector of the processor
holds the same feature of many rows, so that distances to many rows add up side by side.
"""

import numpy as np

__all__ = ["aligned_zeros", "lane_blocks"]

_CACHE_LINE = 64  # bytes


def lane_blocks(rows, n_lanes):
    """Store rows in blocks of lanes, feature by feature.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features)
        Rows, of any type.
    n_lanes : int
        Rows of a block.

    Returns
    -------
    ndarray of shape (n_blocks, n_features, n_lanes)
        The same numbers; the last block is filled up with zeros.
    """
    n_rows, n_features = rows.shape
    n_blocks = -(-n_rows // n_lanes)
    blocks = aligned_zeros((n_blocks, n_features, n_lanes), rows.dtype)
    for number in range(n_blocks):
        block = rows[number * n_lanes : (number + 1) * n_lanes]
        blocks[number, :, : len(block)] = block.T
    return blocks


def aligned_zeros(shape, dtype):
    """Return zeros that start at a cache line, so that no vector lies across two."""
    n_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    room = np.zeros(n_bytes + _CACHE_LINE, dtype=np.uint8)
    start = -room.ctypes.data % _CACHE_LINE
    return room[start : start + n_bytes].view(dtype).reshape(shape)
