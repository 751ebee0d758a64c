"""
Networks as voters
==================

Fifty small convolutional networks, each on 27 images of digits, fitted together by torch in seconds. Each is a function of
its own images and its seed, so that a poisoned image changes one network and leaves the bits of the others as
they were. This example needs the extra ``torch``.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from sklearn_certify import DPAClassifier
from sklearn_certify.networks import StackedNetClassifier
from sklearn_certify.plotting import CertifiedAccuracyDisplay

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X / 16, y, random_state=0, stratify=y)

# %%
network = StackedNetClassifier(image_shape=(8, 8), n_epochs=30)
voters = {
    "logistic regression": LogisticRegression(max_iter=1000),
    "convolutional network": network,
}
figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for name, voter in voters.items():
    classifier = DPAClassifier(voter, n_partitions=50).fit(X, y)
    CertifiedAccuracyDisplay.from_estimator(classifier, X_test, y_test, name=name, ax=ax)
plt.show()

# %%
# Nothing but the network's own rows decides what it says: 20 rows fewer, and only the voters whose rows they
# were may vote otherwise.

before = DPAClassifier(network, n_partitions=50).fit(X, y)
after = DPAClassifier(network, n_partitions=50).fit(X[20:], y[20:])
reached = set(before.partition_[:20].tolist())
changed = (before.votes(X_test) != after.votes(X_test)).any(axis=0).nonzero()[0]
print(f"{len(reached)} voters lost rows, {len(changed)} changed a vote")
print("voters that changed without a reason:", set(changed.tolist()) - reached)

# %%
# **To take home:** pass a network like any other estimator. ``StackedNetClassifier`` trains many of them at
# once; ``NetClassifier`` takes modules of any kind, one voter at a time.
