"""
Does a second round of voting certify more?
===========================================

In a plurality vote the label with most votes wins. In a run-off the two labels with most votes meet
in a second round, in which every voter backs the one that it scores higher. Where voters waver
among many labels, the winner leads by more in that round.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sklearn_certify import DPAClassifier
from sklearn_certify.learners import StackedRidgeClassifier
from sklearn_certify.plotting import CertifiedAccuracyDisplay

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)

# %%
# On the same parts the voters are the same; only the election differs. A ridge classifier scores
# every label, which a second round needs. With 25 parts voters have 54 rows of all ten digits, and
# waver. With 75 parts they have 18 rows, and many have never seen one digit or another: such a
# voter cannot back it.

figure, axes = plt.subplots(1, 2, figsize=(8.4, 3.8), layout="constrained", sharey=True)
for ax, n_partitions in zip(axes, (25, 75), strict=True):
    for aggregation, style in {"plurality": ":", "runoff": "-"}.items():
        classifier = DPAClassifier(
            StackedRidgeClassifier(), n_partitions=n_partitions, aggregation=aggregation
        ).fit(X, y)
        CertifiedAccuracyDisplay.from_estimator(
            classifier, X_test, y_test, name=aggregation, ax=ax, curve_kwargs={"linestyle": style}
        )
    ax.set_title(f"{n_partitions} partitions")
axes[1].set_ylabel("")
plt.show()

# %%
# **To take home:** with more than two labels, and voters that have seen all of them, try
# ``aggregation="runoff"``: it needs no further fits. With two labels both elections come to the
# same.
