"""
Where do overlapping parts certify more than disjoint ones?
===========================================================

Finite Aggregation lets every part of the training set reach several voters, and every voter learn
from several parts: with a spreading degree of 8 there are eight times as many voters, with as many
rows each. A poisoned row reaches eight of them, and seldom do all eight vote for the winner.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier

X, y = load_digits(return_X_y=True)
nearest = KNeighborsClassifier(n_neighbors=1)

# %%
# The difference is a few points, as much as one split of the rows and another may differ. So it is
# a mean over several splits, at every poison size, with its standard error.

poison_sizes = np.arange(26)
gains = {2: [], 8: []}
for split in range(6):
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=split, stratify=y)
    disjoint = DPAClassifier(nearest, n_partitions=50).fit(X_train, y_train)
    without = disjoint.certified_accuracy(X_test, y_test, poison_sizes)
    for degree, rows in gains.items():
        overlapping = FiniteAggregationClassifier(
            nearest, n_partitions=50, spreading_degree=degree
        ).fit(X_train, y_train)
        rows.append(overlapping.certified_accuracy(X_test, y_test, poison_sizes) - without)

# %%
figure, ax = plt.subplots(figsize=(6.6, 4.2), layout="constrained")
for (degree, rows), style in zip(gains.items(), ["--", "-"], strict=True):
    mean = 100 * np.mean(rows, axis=0)
    error = 100 * np.std(rows, axis=0, ddof=1) / np.sqrt(len(rows))
    ax.plot(poison_sizes, mean, style, label=f"spreading degree {degree}")
    ax.fill_between(poison_sizes, mean - error, mean + error, alpha=0.2)
ax.axhline(0, color="0.6", linestyle=":")
ax.set(
    xlabel="Poison size (rows inserted or deleted)",
    ylabel="Gain in certified accuracy (points)",
    xlim=(0, 25),
)
figure.legend(loc="outside upper center", ncols=2)
plt.show()

# %%
# **To take home:** with the same number of parts, overlap gains a point or two where votes are
# divided, and a larger spreading degree is not always the better one. The price is in fits:
# ``n_partitions * spreading_degree`` voters. Let a search decide, as for any parameter.
