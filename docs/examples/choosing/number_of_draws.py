"""
How sure is a certificate from random subsamples?
=================================================

Bagging's certificates speak of infinitely many voters, of whom those that were fitted are a sample.
So they hold with a confidence, ``1 - alpha``, and the fewer voters there are, the larger the doubt
that has to be subtracted. Votes that are too close to call are not certified at all: the classifier
abstains.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from sklearn_certify import BaggingCertifiedClassifier
from sklearn_certify.certificates import bagging_radius
from sklearn_certify.metrics import certified_accuracy_score

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)

# %%
# Voters are independent of each other, so the first 100 of 1,600 are an ensemble of 100. One fit
# serves all of them, and every ``alpha``: the certificate is a function of the votes.

classifier = BaggingCertifiedClassifier(
    KNeighborsClassifier(n_neighbors=1), n_estimators=1600, max_samples=30, random_state=0
).fit(X, y)
votes = classifier.votes(X_test)


def certify(n_voters, alpha):
    counts = np.stack([(votes[:, :n_voters] == label).sum(axis=1) for label in range(10)], axis=1)
    predicted, radii = bagging_radius(counts, len(X), 30, alpha=alpha)
    return classifier.classes_[predicted], radii


# %%
numbers, poison_sizes = [100, 200, 400, 800, 1600], [0, 5, 10]
figure, ax = plt.subplots(figsize=(6.6, 4.2), layout="constrained")
for alpha, style in {0.05: "--", 0.001: "-"}.items():
    rows = []
    for n_voters in numbers:
        labels, radii = certify(n_voters, alpha)
        rows.append(certified_accuracy_score(y_test, labels, radii, poison_sizes))
        if alpha == 0.001:
            print(f"{n_voters:4} voters abstain on {np.mean(radii == -1):.0%} of the rows")
    for color, size, column in zip(
        ["C0", "C1", "C2"], poison_sizes, zip(*rows, strict=True), strict=True
    ):
        ax.plot(numbers, column, style, marker="o", color=color, label=f"{size} rows, {alpha:.1%}")
ax.set_xscale("log", base=2)
ax.set(
    xticks=numbers, xticklabels=numbers, xlabel="Voters", ylabel="Certified accuracy", ylim=(0, 1)
)
figure.legend(title="Poison size, alpha", loc="outside right center")
plt.show()

# %%
# **To take home:** more confidence costs little, fewer voters cost much. Certify all rows in one
# call, since ``alpha`` is spent per call, and keep ``random_state`` a secret: whoever knows the
# draws can aim at them.
