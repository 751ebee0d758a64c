"""
How many contributors would have to be bought?
==============================================

Reviews come from people, and one person may send many. With ``groups`` a unit of poison is a
contributor, whatever that contributor writes, and however much.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import make_pipeline

from sklearn_certify import DPAClassifier
from sklearn_certify.metrics import median_certified_radius
from sklearn_certify.plotting import CertifiedAccuracyDisplay

rng = np.random.default_rng(0)
GOOD = "lovely sturdy quick bright gentle clever worth every penny".split()
BAD = "broken late flimsy dull rude slow a waste of money".split()
FILLER = "the it was and very this box came on monday with a cable".split()

n_contributors, reviews_each = 300, 6
y = rng.choice(["good", "bad"], size=n_contributors * reviews_each)
texts = [
    " ".join(
        rng.permutation([*rng.choice(GOOD if label == "good" else BAD, 3), *rng.choice(FILLER, 9)])
    )
    for label in y
]
contributors = np.repeat([f"contributor {i}" for i in range(n_contributors)], reviews_each)

train, test = next(GroupShuffleSplit(random_state=0).split(texts, y, contributors))
texts = np.array(texts, dtype=object)
print(f"{contributors[0]} writes: {texts[0]} ({y[0]})")

# %%
# The vectorizer is inside: fitted on all texts, it would let one contributor reach every voter.

voter = make_pipeline(TfidfVectorizer(), RidgeClassifier())
classifier = DPAClassifier(voter, n_partitions=60, classes=["bad", "good"])
classifier.fit(texts[train], y[train], groups=contributors[train])
labels, radii = classifier.predict_certified(texts[test])
print(f"half of the reviews survive {median_certified_radius(y[test], labels, radii)} contributors")

# %%
# Without groups the same classifier counts reviews. A contributor has six, so that a radius counted
# in reviews has to be divided by six: that is far less.

by_review = DPAClassifier(voter, n_partitions=60, classes=["bad", "good"])
by_review.fit(texts[train], y[train])
labels_by_review, radii_by_review = by_review.predict_certified(texts[test])

figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for name, predicted, bears in (
    ("groups=contributors", labels, radii),
    ("reviews, six of each contributor", labels_by_review, radii_by_review // reviews_each),
):
    CertifiedAccuracyDisplay.from_predictions(
        y[test], predicted, bears, name=name, threat_model="insert_delete", grouped=True, ax=ax
    )
plt.show()

# %%
# **To take home:** say who can touch the rows. If people can, pass ``groups``: all that a
# contributor sent goes to one voter, and a bot with a thousand reviews is one unit of poison.
