"""Bars of votes: as long as the votes, the prediction and its rivals told apart."""

import pytest
from sklearn.datasets import load_iris

from sklearn_certify import CertifiedKNN, explain
from sklearn_certify.plotting import VoteCountDisplay

pytest.importorskip("matplotlib").use("Agg")


def test_bars_are_votes():
    votes = {"stayed": 42, "churned": 8, "moved": 0}
    display = VoteCountDisplay(votes, prediction="stayed", rivals=["churned"]).plot()
    assert [bar.get_width() for bar in display.bars_] == [42, 8, 0]
    labels = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert labels == list(votes)
    colors = [bar.get_facecolor() for bar in display.bars_]
    assert colors[0] != colors[1]


def test_an_explanation_is_drawn():
    X, y = load_iris(return_X_y=True)
    knn = CertifiedKNN(n_neighbors=30).fit(X, y)
    widths = [bar.get_width() for bar in explain(knn, X[120]).plot().bars_]
    assert sorted(widths) == sorted(knn.vote_counts(X[[120]])[0])


def test_a_target_is_told_apart():
    votes = dict.fromkeys(range(20), 1) | {3: 9}
    display = VoteCountDisplay(votes, prediction=3, target=19).plot()
    labels = [text.get_text() for text in display.ax_.get_yticklabels()]
    assert labels[0] == "3"
    assert labels[-2:] == ["19", "7 others"]
    assert any(text.get_text() == "1 (target)" for text in display.ax_.texts)
