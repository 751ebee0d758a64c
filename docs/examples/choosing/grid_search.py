"""
Search for the accuracy that you want to be certain of
======================================================

``GridSearchCV`` chooses by a scorer. With ``certified_accuracy(poison_size=...)`` it chooses the
number of partitions, the voters and their parameters by how many rows stay right despite so much
poison, instead of by how many are right without any.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neighbors import KNeighborsClassifier

from sklearn_certify import DPAClassifier, certified_accuracy
from sklearn_certify.plotting import CertifiedAccuracyDisplay

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)

# %%
# Ten folds, so that voters have nearly as many rows as in the end: with three, each would have a
# third fewer, and many partitions would look worse than they are.

searches = {}
for poison_size in (0, 5, 15):
    searches[poison_size] = GridSearchCV(
        DPAClassifier(KNeighborsClassifier(n_neighbors=1)),
        {"n_partitions": [5, 50, 100]},
        scoring=certified_accuracy(poison_size=poison_size),
        cv=10,
    ).fit(X, y)
    best = searches[poison_size].best_params_["n_partitions"]
    print(f"for a poison size of {poison_size:2}: {best} partitions")

# %%
# Each choice is best where it was asked to be.

figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for poison_size, search in searches.items():
    name = f"chosen for {poison_size}: {search.best_params_['n_partitions']} partitions"
    CertifiedAccuracyDisplay.from_estimator(search, X_test, y_test, name=name, ax=ax)
plt.show()

# %%
# **To take home:** more partitions bear more poison and leave each voter fewer rows. Which number
# is best depends on how much poison you fear, so make that the score.
