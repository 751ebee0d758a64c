"""
How much poison do five kinds of classifiers bear?
==================================================

The readings of handwritten digits, by voters on disjoint parts of the training rows, on overlapping
parts and on random subsamples, and by neighbours, who need no voters. The curves show which share
of the test rows is read rightly whatever an attacker does with so many training rows.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.plotting import CertifiedAccuracyDisplay

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)
nearest = KNeighborsClassifier(n_neighbors=1)

classifiers = {
    "disjoint parts": DPAClassifier(nearest, n_partitions=50),
    "overlapping parts": FiniteAggregationClassifier(nearest, n_partitions=50, tighten=True),
    "random subsamples": BaggingCertifiedClassifier(
        nearest, n_estimators=400, max_samples=30, random_state=0
    ),
    "33 neighbours": CertifiedKNN(n_neighbors=33),
    "neighbours within 130": CertifiedRNN(radius=130, outlier_label=-1),
}

# %%
figure, ax = plt.subplots(figsize=(7, 4.4), layout="constrained")
for name, classifier in classifiers.items():
    classifier.fit(X, y)
    CertifiedAccuracyDisplay.from_estimator(classifier, X_test, y_test, name=name, ax=ax)
plt.show()

# %%
# Neighbours do well where a good distance is known, as between images of digits: a poisoned row is
# one vote, where among voters it is a whole voter. With another distance, or on tables of unlike
# columns, it may be the other way round.
#
# **To take home:** curves cross. Say first how much poison you fear, then compare at that size,
# with parameters that were chosen for it: 33 neighbours bear no more than 16 rows, 100 bear more.
