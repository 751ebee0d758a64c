"""
How far can poison move a predicted number?
===========================================

How far diabetes progresses within a year of ten measurements, predicted as the median of what it
did in the nearest patients. A certified interval says where that prediction stays, whatever an
attacker does with some rows of the training set.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import FunctionTransformer

from sklearn_certify import CertifiedKNNRegressor
from sklearn_certify.plotting import IntervalWidthDisplay

X, y = load_diabetes(return_X_y=True, scaled=False)
X, X_test, y, y_test = train_test_split(X, y, random_state=0)


def in_usual_units(rows):
    """Divide by what is known to be a large difference, which no training row may decide."""
    return rows / [13, 0.5, 4, 14, 35, 30, 13, 1.3, 0.5, 11]


regressors = {
    k: CertifiedKNNRegressor(k, transformer=FunctionTransformer(in_usual_units)).fit(X, y)
    for k in (15, 45, 135)
}

# %%
# The more neighbours there are, the less a few rows move their median.

figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for k, regressor in regressors.items():
    IntervalWidthDisplay.from_estimator(regressor, X_test, name=f"{k} neighbours", ax=ax)
plt.show()

# %%
# Three rows are one percent of the training set. Intervals around predictions in ascending order:
# they hold the prediction against the attacker, and not the truth (the crosses).

intervals = regressors[45].predict_interval(X_test, poison_size=3)
order = np.argsort(regressors[45].predict(X_test), kind="stable")
figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
ax.vlines(np.arange(len(order)), *intervals[order].T, color="C0", linewidth=3, label="certified")
ax.plot(y_test[order], "x", color="0.5", markersize=4, label="truth")
ax.set(xlabel="Test rows, by prediction", ylabel="Progression")
ax.legend()
plt.show()

# %%
# Within 60 of the truth, for sure:

sizes = [0, 3, 10]
for k, regressor in regressors.items():
    shares = regressor.certified_accuracy(X_test, y_test, sizes, tolerance=60)
    print(f"{k:3} neighbours:", ", ".join(f"{share:.0%}" for share in shares))

# %%
# **To take home:** a mean follows one poisoned number anywhere, a median moves from one neighbour's
# number to the next. What you lose by asking more neighbours without any poison, you may gain
# many times over under a little of it.
