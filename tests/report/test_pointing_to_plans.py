"""A report says how its settings could be chosen for an amount of poison, in words that run."""

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import CertifiedKNN
from sklearn_certify.report import certification_report, plan
from sklearn_certify.report._words import amount, how_to_plan


def call_in(report):
    """Return what the report says to run, of which all forms tell."""
    what, call = how_to_plan(report)
    assert what.startswith("To choose a classifier and its settings")
    assert call.splitlines()[-1] in str(report)
    assert "let a plan compare them" in report._repr_html_()
    return call


def test_the_call_runs_with_what_is_settled(iris, capsys):
    X, y = iris
    report = certification_report(
        ["knn", ("mine", CertifiedKNN(3, threat_model="modify"))],
        *iris,
        n_neighbors=9,
        metric="euclidean",
        random_state=3,
        threat_model="modify",
        poison_sizes=[2],
    )
    call = call_in(report)
    assert call.splitlines()[-1] == (
        "print(plan(X, y, poison_size=2, estimators=['knn'], threat_model='modify', "
        "random_state=3, metric='euclidean'))"
    )
    assert "for 2 rows changed, inserted or deleted" in how_to_plan(report)[0]
    exec(call, {"X": X, "y": y})
    assert (
        "To bear 2 rows changed, inserted or deleted, take knn (n_neighbors="
        in capsys.readouterr().out
    )


def test_contributors_and_test_rows_go_by_name(iris):
    X, y = iris
    report = certification_report(
        None,
        X[::2],
        y[::2],
        groups=np.arange(75),
        X_test=X[1::2],
        y_test=y[1::2],
        base_estimator="ridge",
        n_partitions=5,
        spreading_degree=2,
        n_estimators=9,
        poison_sizes=[1],
    )
    line = call_in(report).splitlines()[-1]
    assert line == (
        "print(plan(X, y, poison_size=1, groups=groups, X_test=X_test, y_test=y_test, "
        "base_estimator='ridge'))"
    )
    assert "for one contributor added or removed" in how_to_plan(report)[0]


@pytest.mark.parametrize("kind", ["estimators alone", "regressors", "a plan"])
def test_where_there_is_nothing_to_choose_there_is_no_such_word(iris, kind):
    X, y = iris
    report = {
        "estimators alone": lambda: certification_report(CertifiedKNN(9), X, y),
        "regressors": lambda: certification_report("knn", X[:, :3], X[:, 3], tolerance=1),
        "a plan": lambda: plan(X, y, poison_size=2, estimators="knn").report,
    }[kind]()
    assert how_to_plan(report) == []
    assert "let a plan compare" not in str(report) + report._repr_html_()


def test_on_the_page_it_is_below_the_table(iris, tmp_path):
    pytest.importorskip("jinja2")
    base = DecisionTreeClassifier(max_depth=2)
    report = certification_report("dpa", *iris, base_estimator=base, poison_sizes=[1, 2])
    report.save(tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    accuracy = page[page.index('<h2 id="accuracy">') : page.index('<h2 id="radii">')]
    assert "base_estimator=DecisionTreeClassifier(max_depth=2)" in accuracy


def test_amounts_in_words(iris):
    report = certification_report("knn", *iris, poison_sizes=[1])
    assert amount(report, 1) == "one row inserted or deleted"
    assert amount(report, 7) == "7 rows inserted or deleted"
    sentence = plan(*iris, poison_size=1, estimators="knn").sentence()
    assert sentence.startswith("To bear one row inserted or deleted, take knn (")
