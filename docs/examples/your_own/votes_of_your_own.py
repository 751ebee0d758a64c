"""
Certificates for votes that you have already
============================================

Voters that were trained elsewhere, in another language, on another machine: a certificate needs
their votes and nothing else. The functions in ``sklearn_certify.certificates`` take arrays of whole
numbers and return labels and radii.
"""

import matplotlib.pyplot as plt
import numpy as np

from sklearn_certify.certificates import joint_partition_accuracy, overlap_radius, plurality_radius
from sklearn_certify.metrics import certified_accuracy_score

# %%
# Votes of 60 voters about 500 rows of three classes; here they come from a random generator, and
# are more often right about some rows than about others.

rng = np.random.default_rng(0)
y = rng.integers(3, size=500)
skill = rng.uniform(0.4, 1, size=(500, 1))
votes = np.where(rng.random((500, 60)) < skill, y[:, None], rng.integers(3, size=(500, 60)))
votes[:, 7] = -1  # a voter without a vote

# %%
# If every training row reached one voter, the label with most votes stands until the lead is used
# up.

predicted, radii = plurality_radius(votes, n_classes=3)
print("counts", np.bincount(votes[0][votes[0] >= 0]), "label", predicted[0], "radius", radii[0])

# %%
# If a training row reached two voters, say which ones: row j of ``spread`` has the voters of part
# j.

spread = np.stack([np.arange(60), (np.arange(60) + 17) % 60], axis=1)
_, overlapping_radii = overlap_radius(votes, spread, n_classes=3)

# %%
sizes = np.arange(31)
curves = {
    "one voter a row": certified_accuracy_score(y, predicted, radii, sizes),
    "one voter a row, one attack on all": joint_partition_accuracy(votes, y, sizes),
    "two voters a row": certified_accuracy_score(y, predicted, overlapping_radii, sizes),
}
figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for (name, accuracy), style in zip(curves.items(), ["-", "--", "-."], strict=True):
    ax.step(sizes, accuracy, style, where="mid", label=name)
ax.set(
    xlabel="Poison size (rows inserted or deleted)",
    ylabel="Certified accuracy",
    xlim=(0, 30),
    ylim=(0, 1),
)
figure.legend(loc="outside upper center", ncols=2)
plt.show()

# %%
# **To take home:** bring votes, take radii. That they are true is then up to you: which voters a
# row reaches must follow from the row alone, and a voter must be a function of its rows.
