"""
One attack on all rows does less than one attack on each
========================================================

Certified accuracy usually counts every row as if it had an attacker of its own. Mostly there is one
training set, and one attacker who has to choose what to poison. Joint certificates bound what is
left of the accuracy of all test rows together.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

from sklearn_certify import CertifiedRNN

# %%
# Neighbours within a radius vote. The logarithm is a fixed function of each cell, so that a row
# still goes alone; the radius is a setting, for which the certificates hold.

X, y = load_breast_cancer(return_X_y=True)
X, X_test, y, y_test = train_test_split(np.log1p(X), y, random_state=0, stratify=y)
classifier = CertifiedRNN(radius=2.2, outlier_label=-1).fit(X, y)

# %%
# A row that is added has one label and one place. It helps against the test rows near to it that
# have another label, and against no others.

poison_sizes = np.arange(61)
pointwise = classifier.certified_accuracy(X_test, y_test, poison_sizes)
joint = classifier.certified_accuracy(X_test, y_test, poison_sizes, joint=True)

figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
ax.step(poison_sizes, joint, where="mid", label="one attack on all test rows")
ax.step(poison_sizes, pointwise, "--", where="mid", label="an attack on each test row")
ax.fill_between(poison_sizes, pointwise, joint, step="mid", alpha=0.2)
ax.set(
    xlabel="Poison size (rows inserted or deleted)",
    ylabel="Certified accuracy",
    ylim=(0, 1),
    xlim=(0, 60),
)
ax.legend()
plt.show()

gain = (joint - pointwise).max() * len(y_test)
print(
    f"At {poison_sizes[(joint - pointwise).argmax()]} rows, {gain:.0f} of {len(y_test)} rows more."
)

# %%
# **To take home:** ``joint=True`` answers "how accurate am I after one attack", and is never below
# the pointwise figure. Whether *this* row stands is what its own radius says.
