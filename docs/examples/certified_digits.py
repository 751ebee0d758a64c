"""
==============================================================
How much poison do the readings of handwritten digits survive?
==============================================================

Fits the same voters on disjoint parts of the digits, on overlapping parts and on random subsamples,
lets neighbours vote without any voters, and draws certified accuracy by poison size.
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
from sklearn_certify.plotting import CertifiedAccuracyDisplay, CertifiedRadiusDisplay

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)
nearest = KNeighborsClassifier(n_neighbors=1)

classifiers = {
    "disjoint parts": DPAClassifier(nearest, n_partitions=50),
    "overlapping parts": FiniteAggregationClassifier(nearest, n_partitions=50),
    "overlapping, tightened": FiniteAggregationClassifier(nearest, n_partitions=50, tighten=True),
    "overlapping, run-off": FiniteAggregationClassifier(
        nearest, n_partitions=50, aggregation="runoff"
    ),
    "random subsamples": BaggingCertifiedClassifier(
        nearest, n_estimators=400, max_samples=30, random_state=0
    ),
    "33 neighbours": CertifiedKNN(n_neighbors=33),
    "neighbours within 130": CertifiedRNN(radius=130, outlier_label=-1),
}
figure, (curves, radii) = plt.subplots(1, 2, figsize=(12, 4.5), layout="constrained")
for name, classifier in classifiers.items():
    classifier.fit(X, y)
    CertifiedAccuracyDisplay.from_estimator(classifier, X_test, y_test, name=name, ax=curves)
CertifiedRadiusDisplay.from_estimator(
    classifiers["overlapping, tightened"], X_test, y_test, ax=radii
)
plt.show()
