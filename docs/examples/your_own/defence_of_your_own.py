"""
A defence of your own, in thirty lines
======================================

What if eleven of fifteen voters have to agree, or else a default is the answer? A filter of mail
should discard only what it is sure of. The certificate of such a vote is a few lines of arithmetic,
and a mixin makes a classifier of it that displays, searches and attacks know.
"""

from numbers import Integral
from typing import ClassVar

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify.base import CertifiedClassifierMixin
from sklearn_certify.partition import ExactContent, canonical_order, hash_labels, hash_rows, split
from sklearn_certify.plotting import CertifiedAccuracyDisplay
from sklearn_certify.testing import check_soundness

# %%
# A row's part follows from its content, and rows reach a voter in an order that follows from their
# content. So one row added or removed changes one voter. Label 1 needs ``quorum`` votes, and label
# 0 is the default: 1 stands while it has votes to spare, and 0 while 1 lacks one.


class QuorumClassifier(CertifiedClassifierMixin, ClassifierMixin, BaseEstimator):
    threat_model = "insert_delete"
    _parameter_constraints: ClassVar[dict] = {"n_partitions": [Integral], "quorum": [Integral]}

    def __init__(self, n_partitions=15, quorum=11):
        self.n_partitions = n_partitions
        self.quorum = quorum

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])  # fixed, whatever labels there are
        X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.int64)
        hashes = hash_rows(X)
        order = canonical_order(hashes, hash_labels(y), ExactContent(X, y))
        part = split(hashes[order], self.n_partitions)
        rows_of_voters = [order[part == number] for number in range(self.n_partitions)]
        self.voters_ = [
            DecisionTreeClassifier(random_state=0).fit(X[rows], y[rows])
            for rows in rows_of_voters
            if len(rows)  # who has no rows does not vote
        ]
        self._keep_parameters()
        return self

    def _predict_certified(self, X):
        self._check_parameters()  # a quorum that was changed after fit is refused
        X = np.asarray(X, dtype=np.float64)
        votes = np.sum([voter.predict(X) == 1 for voter in self.voters_], axis=0)
        agreed = votes >= self.quorum
        return agreed.astype(int), np.where(agreed, votes - self.quorum, self.quorum - 1 - votes)

    def predict(self, X):
        return self.predict_certified(X)[0]


# %%
# Attack it before you believe it. And attack one that claims a row too much, to see that the
# attacks are strong enough to tell.


class Boastful(QuorumClassifier):
    def _predict_certified(self, X):
        predicted, radii = super()._predict_certified(X)
        return predicted, radii + 1


X, y = load_breast_cancer(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)
for classifier in (QuorumClassifier(), Boastful()):
    report = check_soundness(classifier, X[:200], y[:200], n_attacks=30)
    print(f"{type(classifier).__name__}: {'nothing found' if report.sound else 'broken'}")

# %%
# Tumours are called benign only by so many voters; which share of either kind is certainly called
# right?

figure, axes = plt.subplots(1, 2, figsize=(8.4, 3.8), layout="constrained", sharey=True)
for ax, label, name in zip(axes, (0, 1), ("malignant", "benign"), strict=True):
    for quorum, style in {8: ":", 11: "--", 14: "-"}.items():
        classifier = QuorumClassifier(quorum=quorum).fit(X, y)
        CertifiedAccuracyDisplay.from_estimator(
            classifier,
            X_test[y_test == label],
            y_test[y_test == label],
            name=f"quorum {quorum}",
            ax=ax,
            curve_kwargs={"linestyle": style},
        )
    ax.set_title(f"{name} tumours")
axes[1].set_ylabel("")
plt.show()

# %%
# **To take home:** state what one unit of poison can do to the votes, let the content of a row
# choose its voter, and attack the result. The contributing guide has this defence in full, for
# labels and rows of every kind.
