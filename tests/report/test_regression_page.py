"""The page of regressors: its least robust rows, and the contributors who matter most."""

from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.base import clone

from sklearn_certify.certificates import lower_median
from sklearn_certify.report import certification_report
from sklearn_certify.report._html_page._contributors import find_influence, most_influential
from sklearn_certify.report._html_page._least_robust import least_robust_rows
from sklearn_certify.report._regression._contributors import Within

from .pages import parsed

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

TOLERANCE = 5
SETTINGS = {"tolerance": TOLERANCE, "n_partitions": 9, "spreading_degree": 3}


@pytest.fixture(scope="module")
def crowd():
    rng = np.random.RandomState(0)
    X = rng.normal(size=(240, 3))
    y = X[:, 0] * 10 + rng.normal(scale=3, size=240)
    who = np.array([f"worker {int(24 * share**2)}" for share in rng.rand(240)], dtype=object)
    y[who == "worker 0"] += 20
    return certification_report(["dpa", "fa"], X, y, groups=who, **SETTINGS)


def near(result, predictions):
    return np.abs(predictions - result.y_true) <= TOLERANCE


def test_contributors_are_told_exactly_or_bounded(crowd, tmp_path):
    split = crowd.material.split
    for name, result in crowd.results.items():
        influence = find_influence(crowd, name, Within)
        before = result.regressor.predict(split.X_test)
        for contributor in influence.told:
            kept = split.groups_train != contributor.name
            again = clone(result.regressor)
            again.fit(split.X_train[kept], split.y_train[kept], groups=split.groups_train[kept])
            after = again.predict(split.X_test)
            changed = near(result, before) != near(result, after)
            assert changed.sum() <= contributor.most
            partition = result.regressor.partition_
            [theirs] = np.unique(partition[~kept])
            assert contributor.share == (~kept).sum() / (partition == theirs).sum()
            if contributor.changed is not None:
                assert contributor.changed == changed.sum()
                assert contributor.mended == (changed & near(result, after)).sum()
                assert contributor.broken == (changed & near(result, before)).sum()
                assert contributor.farthest == np.abs(after - before).max()
        assert influence.n_tried > 0 and influence.told[0].changed > 0
    page, _ = parsed(crowd, tmp_path)
    assert "Test predictions that come into the tolerance, or leave it, without a contributor" in (
        page.texts
    )
    assert find_influence(crowd, "dpa", Within).told[0].name in page.texts


@pytest.mark.parametrize("degree", [1, 2])
def test_bounds_are_those_of_all_answers_that_a_partition_can_give(degree):
    """10,800 rows, each with all answers of the voters of each partition."""
    rng = np.random.RandomState(degree)
    n_rows, n_cases = 60, 90
    answers = [-np.inf, 0.0, np.inf, np.nan]
    report = SimpleNamespace(facts={"tolerance": 1.0})
    n_changes = 0
    for _ in range(n_cases):
        n_voters = rng.randint(degree, 7)
        spread = np.array(
            [rng.permutation(n_voters)[:degree] for _ in range(rng.randint(1, n_voters + 1))]
        )
        values = rng.randint(-2, 3, size=(n_rows, n_voters)) * rng.choice([0.5, 1.0])
        values[rng.rand(n_rows, n_voters) < 0.2] = np.nan
        result = SimpleNamespace(y_true=np.zeros(n_rows), radii=np.zeros(n_rows, dtype=np.int64))
        judge = Within(report, result)
        before = judge.states(lower_median(values))
        expected = []
        for voters in spread:
            changes = np.zeros(n_rows, dtype=bool)
            for given in product(answers, repeat=degree):
                attacked = values.copy()
                attacked[:, voters] = given
                changes |= judge.states(lower_median(attacked)) != before
            expected.append(changes.sum())
        regressor = SimpleNamespace(values=lambda _, found=values: found, spread_=spread)
        assert judge.most_changes(regressor, None).tolist() == expected
        n_changes += sum(expected)
    assert n_changes > n_cases


def test_rows_that_bear_a_unit_are_at_no_risk(crowd):
    for result in crowd.results.values():
        X_test = crowd.material.split.X_test
        for_all = SimpleNamespace(y_true=result.y_true, radii=np.full(len(result.radii), -1))
        alone = Within(crowd, result).most_changes(result.regressor, X_test)
        assert (
            alone.tolist() == Within(crowd, for_all).most_changes(result.regressor, X_test).tolist()
        )


def test_the_least_robust_rows_are_within_the_tolerance_and_come_first(crowd, tmp_path):
    result = crowd.results["dpa"]
    errors = np.abs(result.y_pred - result.y_true)
    rows = least_robust_rows(crowd, "dpa", first=-errors)
    places = [result.row_numbers.tolist().index(row.number) for row in rows]
    keys = [(result.radii[place], -errors[place]) for place in places]
    left_out = np.setdiff1d(np.flatnonzero(result.radii >= 0), places)
    assert keys == sorted(keys) and keys[0][0] >= 0
    assert all((result.radii[place], -errors[place]) >= keys[-1] for place in left_out)
    page, _ = parsed(crowd, tmp_path)
    assert any("with the smallest radii" in text for text in page.texts)
    assert "prediction" in page.texts and "target" in page.texts
    links = [link["href"] for link in page.of("a")]
    assert links[3:5] == ["#rows", "#contributors"]


def test_without_contributors_nobody_is_told_of(crowd, tmp_path):
    split = crowd.material.split
    report = certification_report(["dpa", "knn"], split.X_train, split.y_train, tolerance=TOLERANCE)
    assert most_influential(report, "dpa", Within) is None
    page, _ = parsed(report, tmp_path)
    links = [link["href"] for link in page.of("a")]
    assert "#rows" in links and "#contributors" not in links


def test_images_have_words(tmp_path):
    images = np.random.RandomState(0).rand(80, 20)
    report = certification_report("dpa", images, images.sum(axis=1), tolerance=2, n_partitions=5)
    report.material.dataset.__dict__["image_shape"] = (5, 4)
    page, _ = parsed(report, tmp_path)
    assert page.of("img")
    assert all(", of target " in image["alt"] for image in page.of("img"))
