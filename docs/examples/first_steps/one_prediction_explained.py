"""
Why does this prediction stand?
===============================

``explain`` tells a person what one prediction rests on: who votes for it, who comes next, and what
it takes to change it. The rows are tumours, malignant or benign, described by 30 measures.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_certify import DPAClassifier, explain

data = load_breast_cancer(as_frame=True)
X, X_test, y, y_test = train_test_split(
    data.data, data.target_names[data.target], random_state=0, stratify=data.target
)

# %%
# The scaler is inside, so that every voter scales by its own rows.

voter = make_pipeline(StandardScaler(), LogisticRegression())
classifier = DPAClassifier(voter, n_partitions=30).fit(X, y)
radii = classifier.certified_radius(X_test)

# %%
# A prediction that nearly all voters agree on. The sentence says what is proven, and no more: that
# so many rows would be enough is not claimed.

firm = explain(classifier, X_test.iloc[[radii.argmax()]])
print(firm.sentence)

# %%
# And the one with the smallest radius, which a person had better look at.

weak = explain(classifier, X_test.iloc[[radii.argmin()]])
print(weak.sentence)

# %%
figure, axes = plt.subplots(2, 1, figsize=(7, 3.6), layout="constrained")
for ax, name, explanation in zip(axes, ["firm", "weak"], [firm, weak], strict=True):
    explanation.plot(ax=ax)
    ax.set(title=f"A {name} prediction: radius {explanation.radius}", xlim=(0, 38))
plt.show()

# %%
# What carries the lead is a table: here the parts of the training set, what their voter says, and
# how much of the lead poison in this part could take.

weak.to_frame().head()

# %%
# If somebody gains from one label alone, ask how much poison they need for that: here the firmest
# of the malignant tumours, which shall pass as benign.

malignant = classifier.predict(X_test) == "malignant"
firmest = X_test.iloc[[(radii * malignant).argmax()]]
print(explain(classifier, firmest, target="benign").sentence)

# %%
# **To take home:** show the sentence beside the prediction. Where the radius is small, the answer
# is honest about it, and a person can decide instead.
