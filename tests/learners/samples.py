"""What voters learn from, in tests of stacked learners."""

import numpy as np

__all__ = ["samples_of"]


def samples_of(seed, n_voters=5, dtype=np.float32, n_features=64):
    """Rows and labels of voters: some few, some many, some of two classes."""
    rng = np.random.default_rng(seed)
    samples = []
    for number in range(n_voters):
        n_rows = int(rng.integers(4, 90))
        y = rng.integers(0, rng.integers(2, 9), size=n_rows)
        y[:2] = 0, 1
        X = rng.normal(size=(n_rows, n_features)).astype(dtype)
        X[:, 0] += y
        samples.append((X, y, number))
    return samples
