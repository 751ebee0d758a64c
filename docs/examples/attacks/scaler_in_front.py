"""
A scaler in front voids the certificate
=======================================

Scaling all rows at once looks harmless. But a mean is made of all rows: one far row moves every
scaled row, so that every voter learns from other numbers, and one poisoned row can change them all.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_certify import DPAClassifier, audit_estimator
from sklearn_certify.exceptions import FingerprintWarning

X, y = load_wine(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)
in_front = make_pipeline(StandardScaler(), DPAClassifier(KNeighborsClassifier(1), n_partitions=15))
inside = DPAClassifier(make_pipeline(StandardScaler(), KNeighborsClassifier(1)), n_partitions=15)

# %%
# The audit of the first names the step and the mend, and the functions that certify refuse it. Of
# the second, nothing is found.

print(audit_estimator(inside))
audit_estimator(in_front)

# %%
# Rows that were scaled beforehand, by hand, are harder to see. This one leaves a fingerprint, of
# which ``fit`` warns; most other steps leave none.

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    in_front.fit(X, y)
print(str(caught[0].message).split(":")[0])
warnings.simplefilter("ignore", FingerprintWarning)

# %%
# Why does it matter? Add one row, very far away, and count the voters that vote otherwise on the
# test rows.

X_poisoned, y_poisoned = np.vstack([X, np.full(X.shape[1], 1e6)]), np.append(y, 0)


def votes(model, X, y):
    model.fit(X, y)
    if model is inside:
        return model.votes(X_test)
    return model[-1].votes(model[:-1].transform(X_test))


figure, axes = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained", sharey=True)
for ax, (name, model) in zip(axes, {"in front": in_front, "inside": inside}.items(), strict=True):
    changed = votes(model, X, y) != votes(model, X_poisoned, y_poisoned)
    ax.bar(np.arange(15), 100 * changed.mean(axis=0))
    ax.set(title=f"Scaler {name}", xlabel="Voter", xticks=np.arange(0, 15, 2))
    print(f"scaler {name}: one row changed {changed.any(axis=0).sum()} of 15 voters")
axes[0].set_ylabel("Votes changed by one row (%)")
plt.show()

# %%
# **To take home:** a row goes alone, from your hand to its voter. Keep the scaler, and whatever
# else learns from rows, in the estimator, and audit what you have.
