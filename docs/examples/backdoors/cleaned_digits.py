"""
A backdoor in handwritten digits, and a filter that looks for it
================================================================

Some zeros carry a small L and are labelled 6. A network that learns from them reads most zeros with
an L as a 6, and everything else as before. A filter that is not told how much poison there is drops
rows before the network learns.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from sklearn_certify.datasets import make_backdoor
from sklearn_certify.metrics import (
    false_negatives,
    false_positives,
    targeted_misclassification_rate,
)
from sklearn_certify.plotting import SuspiciousRowsDisplay, VoteShareDisplay
from sklearn_certify.sanitize import InverseSelfPacedFilter, SanitizedClassifier

SOURCE, TARGET = 0, 6

X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)
X, y, poisoned, trigger = make_backdoor(
    X, y, source=SOURCE, target=TARGET, trigger="L", image_shape=(8, 8), random_state=2
)

# %%
# The accuracy on clean images tells nothing of the backdoor.

network = MLPClassifier((32,), learning_rate_init=0.01, max_iter=300, random_state=0)
classifiers = {
    "undefended": network,
    "sanitized": SanitizedClassifier(network, InverseSelfPacedFilter()),
}
for name, classifier in classifiers.items():
    read = classifier.fit(X, y).predict(X_test)
    rate = targeted_misclassification_rate(
        y_test, read, classifier.predict(trigger(X_test)), source=SOURCE, target=TARGET
    )
    print(f"{name}: accuracy {(read == y_test).mean():.3f}, the backdoor works on {rate:.0%}")

# %%
# What it costs: poisoned rows that stay, and clean rows that go.

found = classifiers["sanitized"].sanitizer_
print(
    f"{poisoned.sum()} poisoned rows, of which {false_negatives(poisoned, found.keep_mask_)} stay; "
    f"{false_positives(poisoned, found.keep_mask_)} of {(~poisoned).sum()} clean rows go"
)
VoteShareDisplay.from_filter(found, poisoned=poisoned)
plt.show()

# %%
# The rows that it suspects most:

SuspiciousRowsDisplay.from_filter(found, X, y, image_shape=(8, 8), n_rows=9)
plt.show()

# %%
# **To take home:** look at what a filter drops, and count on nothing that it keeps: it certifies
# nothing, and an attacker who knows it can aim at it. Certificates are what the classifiers of the
# other examples give.
