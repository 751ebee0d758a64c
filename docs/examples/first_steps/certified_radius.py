"""
What does a certified radius promise?
=====================================

A certified classifier says two things of a row: a label, and a radius. Whoever adds and removes up
to that many training rows in all, knowing everything and choosing freely, cannot change the label.
This example reads handwritten digits, and looks at those that are easiest and hardest to turn.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from sklearn_certify import DPAClassifier
from sklearn_certify.metrics import median_certified_radius
from sklearn_certify.plotting import CertifiedRadiusDisplay

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)

# %%
# Deep Partition Aggregation puts every training row into one of 50 parts, by a hash of its content,
# and fits a classifier of your choice to each part. These are the voters: a poisoned row reaches
# one of them, and turning a voter takes two votes from the lead of a label: one given up, one
# gained by a rival.

classifier = DPAClassifier(KNeighborsClassifier(n_neighbors=1), n_partitions=50).fit(X, y)
labels, radii = classifier.predict_certified(X_test)
print("votes for 0 to 9:", classifier.vote_counts(X_test[1:2])[0])
print(f"{labels[1]}, whatever {radii[1]} rows are added or removed")

# %%
# Among the digits that are read rightly, the upper ones fall first and the lower ones last.

right = np.flatnonzero(labels == y_test)
by_radius = right[np.argsort(radii[right], kind="stable")]
figure, axes = plt.subplots(2, 6, figsize=(7.2, 3.4), layout="constrained")
for ax, row in zip(axes.flat, [*by_radius[:6], *by_radius[-6:]], strict=True):
    ax.imshow(X_test[row].reshape(8, 8), cmap="gray_r")
    ax.set_title(f"{labels[row]}, radius {radii[row]}", fontsize="medium")
    ax.set_axis_off()
plt.show()

# %%
# The radii of all test rows: right predictions above the line, wrong ones below it. Wrong
# predictions are certified too, which is of no use, but mostly with small radii.

CertifiedRadiusDisplay.from_estimator(classifier, X_test, y_test)
plt.show()

# %%
# Certified accuracy sums them up: the share of rows that are read rightly and have at least that
# radius.

for poison_size in (0, 5, 10, 20):
    accuracy = classifier.certified_accuracy(X_test, y_test, poison_size)
    print(f"{accuracy:.1%} of the digits are read rightly despite {poison_size} poisoned rows")
print("half of them despite", median_certified_radius(y_test, labels, radii))

# %%
# **To take home:** a radius belongs to one prediction, counts training rows, and is a proof for
# this row; no attack, known or to come, does better than it says.
