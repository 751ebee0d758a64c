"""
A network of your own in front of everybody's images
====================================================

Some images come from yourself, and many from others. A network that learned from your own images
alone may stand in front: frozen, it treats every other image by itself. Neighbours are then looked
for in its hidden layer instead of among pixels.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from sklearn_certify import CertifiedKNN
from sklearn_certify.plotting import CertifiedAccuracyDisplay
from sklearn_certify.sanitize import HiddenLayerTransformer

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X / 16, y, random_state=0, stratify=y)
X_own, X_others, y_own, y_others = train_test_split(
    X, y, train_size=200, random_state=0, stratify=y
)

# %%
# The network learns from 200 images that nobody else could touch.

network = MLPClassifier(
    (64,), activation="tanh", learning_rate_init=0.01, max_iter=500, random_state=0
).fit(X_own, y_own)
layer = HiddenLayerTransformer(FrozenEstimator(network))
print(f"the network by itself reads {network.score(X_test, y_test):.1%} rightly")

# %%
# The other images vote.

figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for name, transformer in {"pixels": None, "hidden layer": layer}.items():
    neighbors = CertifiedKNN(n_neighbors=80, transformer=transformer).fit(X_others, y_others)
    CertifiedAccuracyDisplay.from_estimator(neighbors, X_test, y_test, name=name, ax=ax)
ax.legend(loc="lower left")
plt.show()

# %%
# **To take home:** trusted data may shape features, and the rest of the data may vote, with a
# certificate that counts poison among the voters. Poison among the trusted images is not counted,
# and must not be there.
