"""Texts from many contributors: how many of them would have to be bought?

Every contributor wrote a few reviews. With ``groups`` a unit of poison is a contributor, whatever
that contributor writes, and however much.
"""

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import GroupShuffleSplit
from sklearn.pipeline import make_pipeline

from sklearn_certify import DPAClassifier
from sklearn_certify.metrics import median_certified_radius

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

# The vectorizer is inside: fitted on all texts, it would let one contributor reach every voter.
voter = make_pipeline(TfidfVectorizer(), RidgeClassifier())
classifier = DPAClassifier(voter, n_partitions=60, classes=["bad", "good"])
classifier.fit(texts[train], y[train], groups=contributors[train])

labels, radii = classifier.predict_certified(texts[test])
print(f"accuracy {np.mean(labels == y[test]):.1%}")
for size in (5, 10, 15, 20):
    certain = classifier.certified_accuracy(texts[test], y[test], size)
    print(f"with {size:2} of {len(set(contributors[train]))} contributors bought: {certain:.1%}")
print(f"half of the reviews survive {median_certified_radius(y[test], labels, radii)}")
