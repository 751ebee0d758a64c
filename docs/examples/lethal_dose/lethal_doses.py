"""
Three tasks whose lethal dose is known
======================================

A task that takes n clean rows to learn cannot be defended against more than about N / n poisoned
ones of N, and n is about 1 / distance, where distance is how far the task is from one with another
answer. How close does Deep Partition Aggregation come to that?
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import DPAClassifier
from sklearn_certify.datasets import (
    make_bijection_uncovering,
    make_instance_memorization,
    make_isotropic_gaussians,
)
from sklearn_certify.learners import StackedNearestCentroid

warnings.filterwarnings("ignore", "The number of unique classes")  # voters have few rows

# %%
# Each task in four sizes. Voters get four times as many rows as they need, ``1 / distance``; the
# more rows that is, the fewer voters there are.

N_ROWS, TIMES = 3000, 4

by_heart = DecisionTreeClassifier()
tasks = {
    "bijection uncovering": (
        by_heart,
        [make_bijection_uncovering(N_ROWS, k, random_state=0) for k in (10, 20, 40, 80)],
    ),
    "instance memorization": (
        by_heart,
        [make_instance_memorization(N_ROWS, m, 5, random_state=0) for m in (5, 10, 20, 40)],
    ),
    "isotropic Gaussians": (
        StackedNearestCentroid(),
        [make_isotropic_gaussians(N_ROWS, k, 2, spread=4, random_state=3) for k in (2, 4, 8, 16)],
    ),
}

# %%
# If the conjecture is right, radii follow ``N * distance``: a line of slope one, on all three
# tasks.

figure, ax = plt.subplots(figsize=(6.4, 4.4), layout="constrained")
for name, (learner, sizes) in tasks.items():
    doses, radii = [], []
    for task in sizes:
        distance = np.median(task.distance)
        classifier = DPAClassifier(learner, n_partitions=round(N_ROWS * distance / TIMES))
        # rows that are alike must not all be in one partition: each is a contributor of its own
        classifier.fit(task.X, task.y, groups=np.arange(N_ROWS))
        labels, certified = classifier.predict_certified(task.X_test)
        doses.append(N_ROWS * distance)
        radii.append(np.median(np.where(labels == task.y_test, certified, 0)))
    ax.loglog(doses, radii, "o-", label=name)
    for dose, radius in zip(doses, radii, strict=True):
        print(f"{name:22} dose N / n = {dose:6.1f}   median radius {radius:5.1f}")
ends = np.array(ax.get_xlim())
ax.loglog(ends, ends / (2 * TIMES), ":", color="0.5", label="half of all voters")
ax.set(xlabel="Lethal dose N / n, up to a constant (rows)", ylabel="Median certified radius (rows)")
ax.legend()
plt.show()

# %%
# **To take home:** what a task can bear is decided by how many rows it takes to learn. A defence
# that comes near to a constant share of N / n has little left to gain; a learner that needs fewer
# rows has.
