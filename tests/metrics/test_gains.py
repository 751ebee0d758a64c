"""What a certificate gains over another, and how good voters are, against plain definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.certificates import overlap_radius, plurality_radius
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.metrics import certified_radius_gain, mean_voter_accuracy
from sklearn_certify.partition import cyclic_spread

quick = settings(derandomize=True, deadline=None)
label, radius = st.integers(0, 2), st.integers(-1, 6)
rows = st.lists(st.tuples(label, label, radius, label, radius), min_size=1, max_size=12)


@quick
@given(rows)
def test_gain_follows_its_definition(rows):
    y_true, y_pred, radii, other_pred, others = map(list, zip(*rows, strict=True))
    gains = [(r if t == p else -1) - (o if t == q else -1) for t, p, r, q, o in rows]
    rises = [gain for gain in gains if gain > 0]
    share, mean = certified_radius_gain(y_true, y_pred, radii, others, baseline_pred=other_pred)
    assert share == pytest.approx(len(rises) / len(rows))
    assert mean == pytest.approx(sum(rises) / len(rises) if rises else 0)
    assert certified_radius_gain(y_true, y_pred, radii, radii) == (0, 0)


def test_wrong_rows_gain_nothing():
    assert certified_radius_gain(["a", "b"], ["b", "b"], [9, 4], [0, 1]) == (0.5, 3)


def test_one_voter_for_each_partition_gains_nothing_over_plurality():
    votes = np.random.default_rng(0).integers(0, 3, (50, 12))
    y = votes[:, 0]
    predicted, radii = overlap_radius(votes, np.arange(12)[:, np.newaxis], 3)
    assert certified_radius_gain(y, predicted, radii, plurality_radius(votes, 3)[1]) == (0, 0)


def test_theorem_2_never_falls_below_the_radii_of_plurality_on_the_same_votes():
    votes = np.random.default_rng(1).choice(3, (200, 96), p=[0.6, 0.2, 0.2])
    spread = cyclic_spread(96, 8, np.random.RandomState(0))
    predicted, radii = overlap_radius(votes, spread, 3)
    baseline = plurality_radius(votes, 3)[1] // 8
    assert (radii >= baseline).all()
    share, mean = certified_radius_gain(predicted, predicted, radii, baseline)
    assert share > 0 and mean >= 1
    assert certified_radius_gain(predicted, predicted, baseline, radii) == (0, 0)


def test_gain_refuses_radii_that_are_no_whole_numbers():
    with pytest.raises(InvalidInputError, match="integers"):
        certified_radius_gain([0], [0], [1], [0.5])


@quick
@given(st.data(), st.integers(1, 6), st.integers(1, 5))
def test_voter_accuracy_follows_its_definition(data, n_rows, n_voters):
    some = st.integers(-1, 2)
    votes = data.draw(
        st.lists(
            st.lists(some, min_size=n_voters, max_size=n_voters), min_size=n_rows, max_size=n_rows
        )
    )
    truth = data.draw(st.lists(st.integers(0, 3), min_size=n_rows, max_size=n_rows))
    right = [v == t for row, t in zip(votes, truth, strict=True) for v in row]
    expected = pytest.approx(sum(right) / len(right))
    assert mean_voter_accuracy(truth, votes) == expected
    names = np.array(["a", "b", "c"])
    assert mean_voter_accuracy(["abcz"[t] for t in truth], votes, classes=names) == expected


@pytest.mark.parametrize(
    ("votes", "classes", "words"),
    [
        ([[0.0]], None, "class indices"),
        ([[-2]], None, "class indices"),
        ([0], None, "shape"),
        ([[]], None, "shape"),
        ([[2]], [0, 1], "indices into the 2 classes"),
        ([[0]], ["a", "b"], "texts"),
    ],
)
def test_voter_accuracy_refuses_what_is_no_vote(votes, classes, words):
    with pytest.raises(InvalidInputError, match=words):
        mean_voter_accuracy([0], votes, classes=classes)
