"""
Labels that are wrong, or rows that are poisoned?
=================================================

A person who labels your images can flip labels, but cannot change images. That attacker is weaker,
and a certificate that says so is larger. ``threat_model="label_flip"`` lets all voters share
features that were learned from the rows without their labels.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sklearn_certify import DPAClassifier
from sklearn_certify.learners import StackedNearestCentroid
from sklearn_certify.plotting import CertifiedAccuracyDisplay

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)

# %%
# The hash that chooses a row's part looks at features alone, so a flipped label stays where it was.
# A changed row (``"modify"``) leaves one part and enters another: it costs two voters.

models = {
    "labels flipped": DPAClassifier(
        StackedNearestCentroid(), n_partitions=100, threat_model="label_flip"
    ),
    "labels flipped, shared PCA": make_pipeline(
        PCA(16, random_state=0),
        DPAClassifier(StackedNearestCentroid(), n_partitions=100, threat_model="label_flip"),
    ),
    "rows changed": DPAClassifier(
        StackedNearestCentroid(), n_partitions=100, threat_model="modify"
    ),
}
figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for name, model in models.items():
    model.fit(X, y)
    CertifiedAccuracyDisplay.from_estimator(model, X_test, y_test, name=name, ax=ax)
ax.set_xlabel("Poison size (labels flipped, or rows changed)")
plt.show()

# %%
# **To take home:** say what the attacker can do. If only labels come from others, ``"label_flip"``
# is the threat model, and steps in front may learn from features, as long as they see no label.
