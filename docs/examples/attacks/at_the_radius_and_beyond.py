"""
An attack that fails at the radius, and works one row beyond
============================================================

A radius is a promise about every attack. It is also tight: here is an attack that knows which
voters to aim at. With as many rows as the radius nothing changes, and with one row more the
prediction falls.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import DPAClassifier
from sklearn_certify.partition import hash_rows, split
from sklearn_certify.testing import check_soundness

X, y = load_breast_cancer(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)


def fit(X, y):
    return DPAClassifier(DecisionTreeClassifier(), n_partitions=25, classes=[0, 1]).fit(X, y)


classifier = fit(X, y)
labels, radii = classifier.predict_certified(X_test)

# %%
# The attack on one row: copies of it with the other label, each with a change that is too small to
# matter, until their hashes send one to each voter that votes for the prediction. A tree that has
# such a copy says what the copy says.

row = int(np.flatnonzero((labels == y_test) & (radii == 5))[0])
query, label, radius = X_test[row], labels[row], int(radii[row])
loyal = np.flatnonzero(classifier.votes(query[None])[0] == label)
rng = np.random.default_rng(0)
copies = np.tile(query, (2000, 1))
copies[:, -1] += rng.uniform(-1e-9, 1e-9, len(copies))

# %%
# Where a copy goes follows from its hash, which anybody can compute.

targets = split(hash_rows(copies), 25)
poison = [copies[np.flatnonzero(targets == voter)[0]] for voter in loyal]

sizes = np.arange(radius + 4)
shares = []
for size in sizes:
    X_poisoned = np.vstack([X, *poison[:size]])
    poisoned = fit(X_poisoned, np.append(y, np.full(size, 1 - label)))
    shares.append(poisoned.predict_proba(query[None])[0, label])
    print(f"{size} rows: the prediction is {poisoned.predict(query[None])[0]}, radius {radius}")

# %%
figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
certified = sizes <= radius
ax.bar(sizes[certified], np.compress(certified, shares), label="within the radius")
ax.bar(sizes[~certified], np.compress(~certified, shares), hatch="//", label="beyond it")
ax.axhline(0.5, color="0.3", linestyle=":")
ax.set(
    xlabel="Poisoned rows",
    ylabel="Share of the votes for the clean prediction",
    xticks=sizes,
    ylim=(0, 1),
)
ax.legend()
plt.show()

# %%
# ``check_soundness`` has more attacks, tries them on whatever classifier you give it, and keeps the
# smallest counterexample. Finding none is no proof; finding one would be a bug.

print(check_soundness(DPAClassifier(DecisionTreeClassifier(), n_partitions=25), X, y, n_attacks=10))

# %%
# **To take home:** a certificate is not a measurement of the attacks that somebody tried. It bounds
# all of them, and a good attack comes right up to it.
