"""Self-training: which labels are likely enough."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.sanitize._self_training import likely_enough


@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 2)), min_size=1, max_size=40),
    st.floats(0.01, 0.99),
    st.floats(0, 4),
)
def test_likely_enough_keeps_half_of_each_class_and_is_monotone(rows, threshold, n_deviations):
    own, labels = np.array([share for share, _ in rows]), [label for _, label in rows]
    y = np.unique(labels, return_inverse=True)[1]
    enough = likely_enough(own, y, threshold, n_deviations)
    for label in range(y.max() + 1):
        of_class = y == label
        assert enough[of_class].mean() >= 0.5
        median = np.median(np.clip(own[of_class], 1e-4, 1 - 1e-4))
        assert enough[of_class & (own >= median)].all()
        if not enough[of_class].all():
            assert own[of_class & ~enough].max() <= own[of_class & enough].min()
    assert (enough <= likely_enough(own, y, threshold, n_deviations + 1)).all()
    assert (enough <= likely_enough(own, y, threshold / 2, n_deviations)).all()


def test_likely_enough_where_classes_are_apart_and_where_they_overlap():
    apart = np.array([0.99] * 50 + [0.999] * 50 + [0.3, 0.2])
    enough = likely_enough(apart, np.zeros(102, dtype=int), 0.25, 1.5)
    assert enough.tolist() == [True] * 101 + [False]
    overlapping = np.array([0.02, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9])
    enough = likely_enough(overlapping, np.zeros(7, dtype=int), 0.9, 1.5)
    assert enough.tolist() == [False] + [True] * 6
    enough = likely_enough(overlapping, np.zeros(7, dtype=int), 0.9, 0.0)
    assert enough.tolist() == [False] * 3 + [True] * 4
