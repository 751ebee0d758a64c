"""
Networks as voters
==================

Fifty small convolutional networks, each on 27 images of digits, fitted together by torch in
seconds. Each is a function of its own images and its seed, so that a poisoned image changes one
network and leaves the bits of the others as they were. This example needs the extra ``torch``.
"""

import matplotlib.pyplot as plt
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from sklearn_certify import DPAClassifier
from sklearn_certify.networks import StackedNetClassifier
from sklearn_certify.plotting import CertifiedAccuracyDisplay

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X / 16, y, random_state=0, stratify=y)

# %%
classifiers = {
    "logistic regression": DPAClassifier(LogisticRegression(max_iter=1000), n_partitions=50),
    "convolutional network": DPAClassifier(
        StackedNetClassifier(image_shape=(8, 8), n_epochs=30), n_partitions=50
    ),
}
figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for name, classifier in classifiers.items():
    classifier.fit(X, y)
    CertifiedAccuracyDisplay.from_estimator(classifier, X_test, y_test, name=name, ax=ax)
plt.show()

# %%
# Nothing but the network's own rows decides what it says: with 5 rows fewer, only the voters whose
# rows they were may vote otherwise.

networks = classifiers["convolutional network"]
others = clone(networks).fit(X[5:], y[5:])
reached = set(networks.partition_[:5].tolist())
changed = set((networks.votes(X_test) != others.votes(X_test)).any(axis=0).nonzero()[0].tolist())
print(f"voters that lost a row: {sorted(reached)}, voters that changed: {sorted(changed)}")

# %%
# **To take home:** pass a network like any other estimator. ``StackedNetClassifier`` trains many of
# them at once; ``NetClassifier`` takes modules of any kind, one voter at a time.
