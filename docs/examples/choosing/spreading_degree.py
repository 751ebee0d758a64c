"""
Overlapping parts certify more than disjoint ones
=================================================

Finite Aggregation lets every part of the training set reach several voters, and every voter learn from
several parts: with a spreading degree of 8 there are eight times as many voters on as many rows each. A
poisoned row reaches eight of them, an eighth of that in votes, and seldom do all eight vote for the winner.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)
nearest = KNeighborsClassifier(n_neighbors=1)
poison_sizes = [5, 10, 15, 20]

disjoint = DPAClassifier(nearest, n_partitions=50).fit(X, y)
without = disjoint.certified_accuracy(X_test, y_test, poison_sizes)

# %%
# What is gained over disjoint parts, in points of certified accuracy. ``tighten=True`` adds a bound that
# counts a voter once, even where two poisoned parts reach it.

degrees = [2, 4, 8, 16]
gains = {False: [], True: []}
for degree in degrees:
    for tighten in gains:
        overlapping = FiniteAggregationClassifier(
            nearest, n_partitions=50, spreading_degree=degree, tighten=tighten
        ).fit(X, y)
        accuracy = overlapping.certified_accuracy(X_test, y_test, poison_sizes)
        gains[tighten].append(100 * (accuracy - without))

# %%
figure, axes = plt.subplots(1, 2, figsize=(8, 3.8), layout="constrained", sharey=True)
for ax, (tighten, rows) in zip(axes, gains.items(), strict=True):
    for size, marker, column in zip(poison_sizes, "os^D", zip(*rows, strict=True), strict=True):
        ax.plot(degrees, column, f"{marker}-", label=f"{size} rows")
    ax.axhline(0, color="0.6", linestyle=":")
    ax.set_xscale("log", base=2)
    ax.set(xticks=degrees, xticklabels=degrees, title=f"tighten={tighten}")
    ax.set_xlabel("Spreading degree")
axes[0].set_ylabel("Gain in certified accuracy (points)")
figure.legend(
    *axes[0].get_legend_handles_labels(), title="Poison size", loc="outside right center"
)
plt.show()

# %%
# **To take home:** a spreading degree of 8 is a good start, with ``tighten=True`` where there is time. The
# price is in fits: ``n_partitions * spreading_degree`` voters.
