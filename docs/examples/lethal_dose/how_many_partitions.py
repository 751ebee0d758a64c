"""
How many partitions? A forecast from a few voters
=================================================

An ensemble of 200 voters takes 200 fits, and ten numbers of partitions take ten ensembles.
``lethal_dose_curve`` fits a few voters of each, and tells what the whole ensembles can be expected
to certify. It is a forecast, and no certificate.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from sklearn_certify import DPAClassifier
from sklearn_certify.lethal_dose import lethal_dose_curve, suggest_n_partitions
from sklearn_certify.plotting import LethalDoseDisplay

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)
nearest = KNeighborsClassifier(n_neighbors=1)

# %%
# The bands are what other voters and other rows would have changed. The dotted line is where the
# Lethal Dose Conjecture puts the dose that no defence survives, up to a constant that nobody knows.

curve = lethal_dose_curve(
    nearest, X, y, partition_counts=[20, 50, 100, 200], poison_sizes=np.arange(61)
)
display = LethalDoseDisplay.from_result(curve)
plt.show()

# %%
# Beside the truth, once the ensembles are fitted:

sizes = np.array([0, 5, 10, 20])
print(f"{'partitions':>10}" + "".join(f"{size:>16}" for size in sizes))
for n_partitions, forecast in zip(curve.partition_counts, curve.certified_accuracy, strict=True):
    fitted = DPAClassifier(nearest, n_partitions=int(n_partitions)).fit(X, y)
    truth = fitted.certified_accuracy(X_test, y_test, sizes)
    pairs = zip(forecast[sizes], truth, strict=True)
    print(f"{n_partitions:10}" + "".join(f"{said:8.2f} ({is_:.2f})" for said, is_ in pairs))

# %%
# For one poison size there is a shortcut:

print(suggest_n_partitions(nearest, X, y, poison_size=10), "partitions for 10 poisoned rows")

# %%
# **To take home:** look at the forecast before you fit, and fit before you believe. A number of
# partitions chosen by a look at the rows is outside the proof, as any parameter is.
