"""Bagging's radius as users meet it: settings, shapes, limits, order of attackers, wrong input."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_certify.certificates import _label_probabilities as bounds
from sklearn_certify.certificates.resampling import bagging_radius
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.threat import THREAT_MODELS

from .bagging_attacks import SAMPLINGS, exact_margin, quick, radius_for_bounds, reachable


def test_paper_setting():
    # MNIST's 60,000 rows, k = 100, N = 1,000, ten classes, 10,000 queries
    votes = np.zeros((10_000, 10), dtype=np.int64)
    votes[:, 3], votes[:, 5] = 900, 100
    predicted, radius = bagging_radius(votes, 60_000, 100, threat_model="modify")
    assert (predicted == 3).all()
    assert len(np.unique(radius)) == 1
    lower = bounds.lower_probability_bounds(np.array([900]), 1000, 0.001 / 10**5)[0]
    upper = bounds.upper_probability_bounds(np.array([100]), 1000, 0.001 / 10**5)[0]
    assert radius[0] == np.ceil(60_000 * (1 - (1 - (lower - upper) / 2) ** 0.01)) - 1
    assert (bagging_radius(votes[:1], 60_000, 100, threat_model="modify")[1] >= radius[0]).all()


def test_ties_abstain_and_go_to_the_first_class():
    predicted, radius = bagging_radius([[5, 90, 90, 15]], 100, 3)
    assert predicted[0] == 1
    assert radius[0] == -1


def test_unanimous_votes_and_a_single_voter():
    assert bagging_radius([[1, 0]], 100, 1)[1][0] == -1
    # lower bound a = 0.45, upper bound of the rival 0.55: still no proof
    assert bagging_radius([[1, 0]], 100, 1, alpha=0.9)[1][0] == -1
    predicted, radius = bagging_radius([[0, 1000, 0]], 500, 1)
    assert predicted[0] == 1
    assert 400 < radius[0] < 500


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_one_class_has_no_rival(sampling):
    # p_l = a^(1/N), p_s = 0: an invented label starts from nothing
    lower = Fraction(bounds.lower_probability_bounds(np.array([100]), 100, 0.001)[0])
    predicted, radius = bagging_radius([[100]], 50, 1, threat_model="insert", sampling=sampling)
    assert predicted[0] == 0
    assert radius[0] == radius_for_bounds(
        exact_margin(lower, 0, 50, 1, sampling), 0, 50, 1, "insert", sampling
    )
    assert radius[0] > 10
    assert bagging_radius([[0]], 50, 1, n_voters=10)[1][0] == -1


def test_abstaining_voters_count_among_the_trials():
    few = bagging_radius([[90, 10]], 1000, 5, n_voters=200)[1][0]
    many = bagging_radius([[90, 10]], 1000, 5)[1][0]
    assert -1 <= few < many
    assert bagging_radius([[600, 10]], 1000, 5, n_voters=1000)[1][0] > 0


def test_input_types_and_empty_input():
    votes = np.array([[99, 1], [60, 40]])
    expected = bagging_radius(votes, 1000, 5)
    for given_votes in (votes.astype(np.uint8), votes.tolist(), np.asfortranarray(votes)):
        found = bagging_radius(given_votes, np.int32(1000), np.uint8(5))
        for a, b in zip(found, expected, strict=True):
            assert a.dtype == np.int64
            np.testing.assert_array_equal(a, b)
    predicted, radius = bagging_radius(np.empty((0, 3), dtype=int), 10, 2)
    assert predicted.shape == radius.shape == (0,)
    assert predicted.dtype == radius.dtype == np.int64


def test_label_flips_end_at_all_labels():
    # nearly all samples are empty: no amount of flipping matters
    flips = bagging_radius([[999, 1]], 7, 1e-6, threat_model="label_flip", sampling="bernoulli")
    assert flips[1][0] == 7
    deletions = bagging_radius([[999, 1]], 7, 1e-6, threat_model="delete", sampling="bernoulli")
    assert deletions[1][0] == 6


@pytest.mark.parametrize("inclusion", [1e-9, 1e-300, 5e-324])
def test_insertions_may_outnumber_the_rows(inclusion):
    radius = bagging_radius(
        [[999, 1]], 7, inclusion, threat_model="insert", sampling="bernoulli"
    )[1][0]  # fmt: skip
    assert radius == 2**62 if inclusion < 1e-200 else 10**8 < radius < 10**9


@pytest.mark.parametrize("sampling", SAMPLINGS[1:])
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_samples_of_all_rows_certify_nothing(threat_model, sampling):
    radius = bagging_radius([[999, 1]], 50, 50, threat_model=threat_model, sampling=sampling)[1][0]
    assert radius == 0


@pytest.mark.parametrize("sampling", SAMPLINGS[:2])
@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_a_share_of_the_rows_keeps_its_sample_size(threat_model, sampling):
    for n, share in product((1, 2, 9, 40, 57), (0.01, 0.1, 1 / 3, 0.29, 1.0)):
        k = max(1, int(share * n))
        common = {"threat_model": threat_model, "sampling": sampling}
        radius = bagging_radius([[999, 1]], n, share, **common)[1][0]
        with_int = bagging_radius([[999, 1]], n, k, **common)[1][0]

        def same(r, n=n, share=share, k=k):
            sizes = {n - removed + added for removed, added in reachable(n, r, threat_model)}
            return all(size > 0 and max(1, int(share * size)) == k for size in sizes)

        expected = max(r for r in range(with_int + 1) if r == 0 or same(r))
        assert radius == min(with_int, expected)


counts = st.integers(0, 400)


@quick
@given(
    counts, counts, st.sampled_from(SAMPLINGS), st.sampled_from(THREAT_MODELS), st.integers(1, 300)
)
def test_monotone_in_votes_alpha_and_sample_size(top, second, sampling, threat_model, k):
    top, second = max(top, second, 1), min(top, second)

    def radius(top, second, alpha=0.01, k=k):
        return bagging_radius(
            [[top, second]], 300, k, alpha=alpha, threat_model=threat_model, sampling=sampling,
            n_voters=1000,
        )[1][0]  # fmt: skip

    here = radius(top, second)
    assert radius(top + 1, second) >= here
    assert radius(top, max(second - 1, 0)) >= here
    assert radius(top, second, alpha=0.1) >= here
    assert radius(top, second, k=max(k - 1, 1)) >= here


@quick
@given(
    st.integers(501, 1000),
    st.integers(1, 3000),
    st.sampled_from(SAMPLINGS),
    st.one_of(st.integers(1, 3000), st.floats(1e-4, 1)),
)
def test_stronger_attackers_leave_smaller_radii(top, n, sampling, draws):
    if sampling == "without_replacement" and draws > n:
        return
    radius = {
        threat_model: bagging_radius(
            [[top, 1000 - top]], n, draws, threat_model=threat_model, sampling=sampling
        )[1][0]
        for threat_model in THREAT_MODELS
    }
    assert radius["label_flip"] >= radius["modify"]
    assert radius["insert"] >= radius["insert_delete"]
    assert radius["delete"] >= radius["insert_delete"] >= radius["modify"]


def test_rows_are_certified_together():
    votes = [[80, 20], [99, 1], [60, 40]]
    together = bagging_radius(votes, 1000, 10, alpha=0.03)[1]
    alone = [bagging_radius([v], 1000, 10, alpha=0.01)[1][0] for v in votes]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vote_counts": [1, 2]}, "shape"),
        ({"vote_counts": np.empty((2, 0), dtype=int)}, "at least one class"),
        ({"vote_counts": [[1.0, 2.0]]}, "integers"),
        ({"vote_counts": [[-1, 2]]}, "from 0 up"),
        ({"vote_counts": [[1, 2], [3, 4]]}, "pass n_voters"),
        ({"vote_counts": [[0, 0]]}, "number of votes"),
        ({"n_voters": 9}, "more than"),
        ({"n_voters": 0}, "n_voters must be"),
        ({"n_rows": 0}, "n_rows must be"),
        ({"n_rows": 10.0}, "n_rows must be"),
        ({"n_rows": 2**53 + 1}, "n_rows must be"),
        ({"max_samples": 0}, "max_samples must be"),
        ({"max_samples": True}, "max_samples must be"),
        ({"max_samples": 1.5}, "max_samples must be"),
        ({"max_samples": float("nan")}, "max_samples must be"),
        ({"max_samples": "all"}, "max_samples must be"),
        ({"max_samples": 51, "sampling": "without_replacement"}, "Lower max_samples"),
        ({"alpha": 0}, "alpha must"),
        ({"alpha": 1.0}, "alpha must"),
        ({"alpha": float("nan")}, "alpha must"),
        ({"alpha": "0.1"}, "alpha must"),
        ({"threat_model": "bribe"}, "threat_model must"),
        ({"sampling": "poisson"}, "sampling must"),
    ],
)
def test_invalid_input(change, message):
    arguments = {"vote_counts": [[9, 1], [8, 2]], "n_rows": 50, "max_samples": 5} | change
    with pytest.raises(InvalidInputError, match=message):
        bagging_radius(**arguments)
