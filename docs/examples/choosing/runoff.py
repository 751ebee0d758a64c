"""
Does a second round of voting certify more?
===========================================

In a plurality vote the label with most votes wins. In a run-off, the two labels with most votes meet in a
second round, in which every voter backs the one that it scores higher. Where voters waver among many
labels the lead of the winner in that round is larger, and takes more poison to turn.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sklearn_certify import DPAClassifier
from sklearn_certify.learners import StackedRidgeClassifier
from sklearn_certify.plotting import CertifiedAccuracyDisplay

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)

# %%
# The same 75 voters on the same parts of the training rows; only the election differs. A ridge
# classifier scores every label, which a second round needs.

elections = {
    aggregation: DPAClassifier(
        StackedRidgeClassifier(), n_partitions=75, aggregation=aggregation
    ).fit(X, y)
    for aggregation in ("plurality", "runoff")
}

figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for (name, classifier), style in zip(elections.items(), "-:", strict=True):
    CertifiedAccuracyDisplay.from_estimator(
        classifier, X_test, y_test, name=name, ax=ax, curve_kwargs={"linestyle": style}
    )
plt.show()

# %%
# Row by row, the second round is no rule: some radii shrink.

plurality, runoff = (classifier.certified_radius(X_test) for classifier in elections.values())
print(f"larger radius: {np.mean(runoff > plurality):.0%} of the rows")
print(f"smaller radius: {np.mean(runoff < plurality):.0%}")

# %%
# **To take home:** with more than two labels try ``aggregation="runoff"``; it costs no further fit. With
# two labels both rounds are the same.
