"""Radii of infinite aggregation against all attacks, in whole numbers, and against Theorem 3."""

from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_matrix, csr_matrix

from sklearn_certify.certificates import (
    bagging_radius,
    infinite_aggregation,
    infinite_aggregation_radius,
)
from sklearn_certify.certificates._row_losses import RowLosses
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.threat import THREAT_MODELS, find_threat_model

from .bagging_attacks import quick, radius_for_bounds


class Ensemble:
    """All voters of infinite aggregation: one for each subset, and how often it is drawn.

    Rows are drawn with probability 1 / k. Weights are whole numbers with the sum ``k**n``.
    """

    def __init__(self, n, k, votes):
        self.n, self.k, self.votes = n, k, np.asarray(votes)
        self.holds = np.array(list(product([False, True], repeat=n)), dtype=bool).reshape(-1, n)
        self.weights = (k - 1) ** (n - self.holds.sum(axis=1))
        self.total = k**n
        counts = [int(self.weights[self.votes == label].sum()) for label in range(3)]
        self.predicted = int(np.argmax(counts))
        # what each voter does for the prediction against a rival; the last one is invented
        rivals = [label for label in range(4) if label != self.predicted]
        for_class = (self.votes == self.predicted).astype(int)
        self.margins = [for_class - (self.votes == rival) for rival in rivals]
        self.leads = [int(margin @ self.weights) for margin in self.margins]
        self.with_row = (for_class * self.weights) @ self.holds

    def leads_without(self, deleted):
        """What is left of each lead in the samples that hold no deleted row, times the total."""
        intact = ~self.holds[:, deleted].any(axis=1)
        return [int((margin * self.weights)[intact].sum()) for margin in self.margins]

    def radius(self, threat_model):
        """The largest radius that no attack breaks: inserted rows bring the worst votes."""
        if min(self.leads) <= 0:
            return -1
        least = self.n if find_threat_model(threat_model).deletes else self.n + 1
        if threat_model == "insert":
            return fewest_insertions(min(self.leads), 0, self.n, self.k) - 1
        for deleted in product([False, True], repeat=self.n):
            lead, j = min(self.leads_without(np.array(deleted))), sum(deleted)
            i = fewest_insertions(lead, j, self.n, self.k)
            units = {
                "delete": j if i == 0 else self.n,
                "insert_delete": i + j,
                "modify": max(i, j),
                "label_flip": j if i <= j else self.n + 1,
            }[threat_model]
            least = min(least, units)
        return least - 1

    def theorem_3(self, threat_model):
        """The paper's radius: damages add up row by row, for each rival."""
        radii = []
        for margin, lead in zip(self.margins, self.leads, strict=True):
            of_rows = np.sort(((1 + margin) * self.weights) @ self.holds)[::-1]
            of_new = (self.total + lead) / self.k
            for r in range(self.n + 1):
                j = 0 if threat_model == "insert" else r + 1
                i = 0 if threat_model == "delete" else r + 1
                if threat_model == "insert_delete":
                    damages = np.sort([*of_rows, *[of_new] * i])[::-1][: r + 1].sum()
                else:
                    damages = of_rows[:j].sum() + i * of_new
                if damages >= lead:
                    radii.append(r if lead > 0 else -1)
                    break
            else:
                radii.append(self.n)
        return min(radii)

    def found(self, threat_model):
        losses = RowLosses(self.n, 1 / self.k)
        leads = np.array([min(self.leads) / self.total])
        model = find_threat_model(threat_model)
        return int(losses.largest_radii(leads, self.with_row[None] / self.total, model)[0])


@cache
def fewest_insertions(lead, j, n, k):
    """The smallest i for which the lead u^i (lead u^-j + 1) - 1 is not positive."""
    if lead <= 0:
        return 0
    i, scale = 0, k**n * (k - 1) ** j
    whole = lead * k**j + scale
    while whole * (k - 1) ** i > scale * k**i:
        i += 1
    return i


def random_ensemble(rng):
    n, k = int(rng.integers(1, 5)), int(rng.integers(2, 6))
    votes = rng.choice([-1, 0, 1, 2], size=2**n, p=rng.dirichlet([0.3, 1, 0.5, 0.3]))
    return Ensemble(n, k, votes)


def compare(n_cases, seed):
    """Compare with the truth; return how many radii there are, are exact, and beat others."""
    rng = np.random.default_rng(seed)
    n_radii = n_exact = above_theorem = above_bagging = 0
    for _ in range(n_cases):
        ensemble = random_ensemble(rng)
        lead, total = min(ensemble.leads), ensemble.total
        for threat_model in ("delete", "modify", "label_flip"):
            found, truth = ensemble.found(threat_model), ensemble.radius(threat_model)
            assert found <= truth, (ensemble.votes, ensemble.k, threat_model)
            assert (found == -1) == (lead <= 0)
            if lead <= 0:
                continue
            of_shares = radius_for_bounds(
                lead / total, 0, ensemble.n, 1 / ensemble.k, threat_model, "bernoulli"
            )
            of_theorem = min(
                ensemble.theorem_3(threat_model),
                ensemble.n - (threat_model != "label_flip"),
            )
            assert found >= max(of_shares, of_theorem)
            n_radii += 1
            n_exact += found == truth
            above_theorem += found > of_theorem
            above_bagging += found > of_shares
    return n_radii, n_exact, above_theorem, above_bagging


def test_no_attack_within_the_radius_which_is_never_below_theorem_3_or_bagging():
    n_radii, n_exact, above_theorem, above_bagging = compare(4000, seed=0)
    assert n_radii > 5000
    assert n_exact > n_radii / 2
    assert min(above_theorem, above_bagging) > n_radii / 50


@pytest.mark.parametrize("threat_model", ["insert", "insert_delete"])
def test_insertions_are_counted_by_bagging_alone_and_deletions_add_nothing(threat_model):
    rng = np.random.default_rng(1)
    for _ in range(300):
        ensemble = random_ensemble(rng)
        lead = min(ensemble.leads) / ensemble.total
        if lead > 0:
            args = lead, 0, ensemble.n, 1 / ensemble.k, threat_model, "bernoulli"
            assert radius_for_bounds(*args) <= ensemble.radius(threat_model)
            assert ensemble.found(threat_model) == radius_for_bounds(*args)
            most = ensemble.n - (threat_model == "insert_delete")
            assert ensemble.found(threat_model) >= min(ensemble.theorem_3(threat_model), most)


def test_a_radius_that_counts_only_the_rows_that_bagging_cannot_see():
    # two of three rows are drawn by no voter for the class: deleting them is harmless
    votes = [0, -1, -1, -1, 0, -1, -1, -1]  # by first, second, third row
    ensemble = Ensemble(3, 2, votes)
    assert ensemble.with_row.tolist() == [1, 0, 0]
    assert ensemble.radius("delete") == ensemble.found("delete") == 2
    assert radius_for_bounds(2 / 8, 0, 3, 0.5, "delete", "bernoulli") == 0


@quick
@given(st.integers(1, 40), st.floats(0.01, 0.6), st.floats(0.001, 1), st.integers(0, 10**6))
def test_radii_grow_with_the_lead_and_shrink_with_the_shares_of_rows(n, q, lead, seed):
    rng = np.random.default_rng(seed)
    losses = RowLosses(n, q)
    with_row = q * rng.random((3, n))
    for threat_model in map(find_threat_model, THREAT_MODELS):
        radius = losses.largest_radii(np.full(3, lead), with_row, threat_model)
        assert (
            losses.largest_radii(np.full(3, lead * 0.7), with_row, threat_model) <= radius
        ).all()
        more = np.minimum(with_row * 1.3, q)
        assert (losses.largest_radii(np.full(3, lead), more, threat_model) <= radius).all()
    by_model = {
        name: losses.largest_radii(np.full(3, lead), with_row, find_threat_model(name))
        for name in THREAT_MODELS
    }
    assert (by_model["modify"] <= by_model["label_flip"]).all()
    assert (by_model["modify"] <= np.minimum(by_model["delete"], by_model["insert"])).all()


def draw(rng, ensemble, n_voters):
    """Draw voters; return who drew what, and their votes."""
    which = rng.choice(len(ensemble.weights), n_voters, p=ensemble.weights / ensemble.total)
    return ensemble.holds[which], ensemble.votes[which]


@pytest.mark.parametrize("threat_model", ["delete", "modify", "label_flip"])
def test_wrong_certificates_are_rare(threat_model):
    rng = np.random.default_rng(2)
    n_wrong = n_certified = n_exact = 0
    for _ in range(60):
        ensemble = random_ensemble(rng)
        truth = ensemble.radius(threat_model)
        for _ in range(5):
            drawn, votes = draw(rng, ensemble, 400)
            [label], [radius] = infinite_aggregation_radius(
                votes[None], drawn, 3, 1 / ensemble.k, alpha=0.5, threat_model=threat_model
            )
            if radius >= 0:
                n_certified += 1
                n_wrong += label != ensemble.predicted or radius > truth
                n_exact += radius == truth
    assert n_certified > 200
    assert n_exact > 0.5 * n_certified
    assert n_wrong <= 0.05 * n_certified  # bounds err together far less often than their sum says


def test_many_voters_find_the_radius_of_the_true_shares():
    rng = np.random.default_rng(3)
    for _ in range(20):
        ensemble = random_ensemble(rng)
        if min(ensemble.leads) < 0.1 * ensemble.total:
            continue
        drawn, votes = draw(rng, ensemble, 200_000)
        [radius] = infinite_aggregation_radius(votes[None], drawn, 3, 1 / ensemble.k)[1]
        assert ensemble.found("modify") - 1 <= radius <= ensemble.found("modify")


def test_rows_gain_over_bagging_where_few_voters_are_for_the_class():
    rng = np.random.default_rng(4)
    drawn = rng.random((20_000, 60)) < 0.1
    votes = np.where(rng.random((1, 20_000)) < 0.4, 0, rng.integers(1, 20, (1, 20_000)))
    counts = [np.bincount(votes[0])]
    [fine] = infinite_aggregation_radius(votes, drawn, 20, 0.1, threat_model="delete")[1]
    [plain] = bagging_radius(counts, 60, 0.1, sampling="bernoulli", threat_model="delete")[1]
    assert fine > plain


def test_queries_go_alone_but_for_alpha_and_in_any_form():
    rng = np.random.default_rng(5)
    drawn = rng.random((500, 30)) < 0.2
    votes = rng.choice(4, (7, 500), p=[0.7, 0.1, 0.1, 0.1])
    predicted, radius = infinite_aggregation_radius(votes, drawn, 4, 0.2, alpha=0.07)
    assert predicted.dtype == radius.dtype == np.int64
    for form in (csr_matrix, coo_matrix, np.asfortranarray, np.ndarray.tolist):
        again = infinite_aggregation_radius(votes, form(drawn), 4, 0.2, alpha=0.07)
        np.testing.assert_array_equal(again, (predicted, radius))
    for row, (label, found) in zip(votes, zip(predicted, radius, strict=True), strict=True):
        assert infinite_aggregation_radius([row], drawn, 4, 0.2, alpha=0.01) == (label, found)
    assert infinite_aggregation_radius(np.empty((0, 500), int), drawn, 4, 0.2)[1].shape == (0,)


def test_all_bounds_of_a_call_err_together_as_seldom_as_alpha_says(monkeypatch):
    spent = {"lower_probability_bounds": set(), "upper_probability_bounds": set()}
    for name, errors in spent.items():
        bounds = getattr(infinite_aggregation, name)

        def noted(counts, n_voters, error, errors=errors, bounds=bounds):
            errors.add((n_voters == n_all, error))
            return bounds(counts, n_voters, error)

        monkeypatch.setattr(infinite_aggregation, name, noted)
    rng = np.random.default_rng(7)
    n_queries, n_all, n_rows, n_classes = 5, 400, 12, 3
    votes, drawn = rng.choice(2, (n_queries, n_all)), rng.random((n_all, n_rows)) < 0.3
    infinite_aggregation_radius(votes, drawn, n_classes, 0.3, alpha=0.06)
    [(_, below)] = spent["lower_probability_bounds"]
    [(_, of_rows), (_, above)] = sorted(spent["upper_probability_bounds"])
    # whichever class it is, of each query, and for it every row
    assert n_queries * n_classes * (below + above + n_rows * of_rows) <= 0.06 * (1 + 1e-9)
    assert min(below, above, n_rows * of_rows) > 0.06 / n_queries / n_classes / 5


def test_against_insertions_it_is_bagging():
    rng = np.random.default_rng(6)
    drawn = rng.random((500, 30)) < 0.2
    votes = rng.choice([-1, 0, 1], (9, 500), p=[0.1, 0.7, 0.2])
    counts = np.stack([(votes == label).sum(axis=1) for label in range(2)], axis=1)
    for threat_model in ("insert", "insert_delete"):
        options = {"threat_model": threat_model, "alpha": 0.01}
        np.testing.assert_array_equal(
            infinite_aggregation_radius(votes, drawn, 2, 0.2, **options),
            bagging_radius(counts, 30, 0.2, sampling="bernoulli", n_voters=500, **options),
        )


@pytest.mark.parametrize(
    ("drawn", "inclusion", "alpha", "words"),
    [
        (np.ones((3, 4), dtype=bool), 0.5, 0.1, "the 2 voters"),
        (np.ones((2, 0), dtype=bool), 0.5, 0.1, "at least one row"),
        (np.ones(2, dtype=bool), 0.5, 0.1, "shape"),
        (np.ones((2, 4), dtype=int), 0.5, 0.1, "True or False"),
        (np.ones((2, 4), dtype=bool), 1, 0.1, "inclusion_probability must lie"),
        (np.ones((2, 4), dtype=bool), "a", 0.1, "inclusion_probability must lie"),
        (np.ones((2, 4), dtype=bool), 0.5, 1.0, "alpha must lie"),
    ],
)
def test_wrong_input(drawn, inclusion, alpha, words):
    with pytest.raises(InvalidInputError, match=words):
        infinite_aggregation_radius([[0, 1]], drawn, 2, inclusion, alpha=alpha)
