"""
Texts: which vectorizer may stand in front?
===========================================

Which part of scikit-learn is a sentence about? The sentences are scikit-learn's own docstrings.
TF-IDF weighs a word by all texts, so it belongs inside each voter. A ``HashingVectorizer`` learns
nothing and treats every text alone: it may stand in front, once for all voters.
"""

import re

import matplotlib.pyplot as plt
import numpy as np
import sklearn.cluster
import sklearn.ensemble
import sklearn.linear_model
import sklearn.metrics
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sklearn_certify import DPAClassifier
from sklearn_certify.audit import find_unsound_steps
from sklearn_certify.plotting import CertifiedAccuracyDisplay

rooms = (sklearn.cluster, sklearn.ensemble, sklearn.linear_model, sklearn.metrics)
labels_of = {}
for room in rooms:
    for name in room.__all__:
        for sentence in re.split(r"\.\s+|\n\n", getattr(room, name).__doc__ or ""):
            if 40 < len(sentence) < 400 and ":" not in sentence:
                labels_of.setdefault(" ".join(sentence.split()), room.__name__)
texts = np.array(list(labels_of), dtype=object)
y = np.array(list(labels_of.values()))
texts, test_texts, y, y_test = train_test_split(texts, y, random_state=0, stratify=y)
print(f"{len(y)} sentences to learn from, such as: {texts[3]} ({y[3]})")

# %%
# Both ways are sound, and the audit of steps says so; TF-IDF in front is not.

inside = DPAClassifier(make_pipeline(TfidfVectorizer(), RidgeClassifier()), n_partitions=20)
in_front = make_pipeline(
    HashingVectorizer(n_features=2**14), DPAClassifier(RidgeClassifier(), n_partitions=20)
)
for model in (inside, in_front, make_pipeline(TfidfVectorizer(), DPAClassifier())):
    print([step.name for step in find_unsound_steps(model)])

# %%
figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for name, model in {"TF-IDF in each voter": inside, "hashed words, in front": in_front}.items():
    model.fit(texts, y)
    CertifiedAccuracyDisplay.from_estimator(model, test_texts, y_test, name=name, ax=ax)
plt.show()

# %%
# **To take home:** whatever learns from the rows goes inside, where each voter learns its own.
# Whatever treats a row alone may go in front, where it is done once.
