"""Three tasks whose lethal dose is known, and how close Deep Partition Aggregation comes to it.

A task that takes n clean rows to learn cannot be defended against more than about N / n poisoned
ones of N, and n is about 1 / distance, where distance is how far the task is from one with another
answer. Voters get a few times as many rows as they need; the more rows that is, the fewer voters
there are. The certified radii follow N * distance, a line of slope one, on all three tasks.
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

N_ROWS, TIMES = 3000, 4  # TIMES: rows of a voter, in multiples of 1 / distance

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

figure, ax = plt.subplots(layout="constrained")
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
ax.set(xlabel="lethal dose N / n, up to a constant", ylabel="median certified radius (rows)")
ax.legend()
plt.show()
