"""
Which defence bears fifteen poisoned rows?
==========================================

Say how much poison you fear. ``plan`` tries settings of every classifier by cross-validation on the
training part, tells the best at every size, recommends one, and measures it on rows that had no
part in the choice. ``sklearn-certify plan FILE --poison-size 15`` does so with a file.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_breast_cancer

from sklearn_certify.plotting import CertifiedAccuracyDisplay
from sklearn_certify.report import plan

X, y = load_breast_cancer(return_X_y=True)
found = plan(X, y, poison_size=15, estimators=["dpa", "knn"], base_estimator="ridge")

# %%
# The recommendation, and the Python that makes it:

print(found.sentence())
print(found.code())

# %%
# The frontier is the best that cross-validation expects at every size, each point with the setting
# that reaches it. The curves are certified, on the rows held out, by the setting that was chosen
# for 15 poisoned rows.

figure, ax = plt.subplots(figsize=(7, 4.4), layout="constrained")
for name, result in found.report.results.items():
    CertifiedAccuracyDisplay.from_predictions(
        result.y_true,
        result.y_pred,
        result.radii,
        name=f"{name}, chosen for {found.poison_size}",
        threat_model=found.report.facts["threat_model"],
        ax=ax,
    )
frontier = [best for best in found.frontier() if best["expected_accuracy"] > 0]
ax.plot(
    [best["poison_size"] for best in frontier],
    [best["expected_accuracy"] for best in frontier],
    "k.",
    label="best at this size (expected)",
)
for best in frontier[::3]:
    setting = best["settings"].get("n_partitions") or best["settings"]["n_neighbors"]
    ax.annotate(
        f"{best['classifier']} {setting}",
        (best["poison_size"], best["expected_accuracy"]),
        xytext=(5, 5),
        textcoords="offset points",
    )
ax.axvline(found.poison_size, color="0.6", linestyle=":")
ax.set(xlim=(-2, 95), ylim=(0, 1.05))
ax.legend()
plt.show()

# %%
# Every setting that was tried is in a table:

found.to_frame().head()

# %%
# **To take home:** plan for a size, then fit what is recommended. The choice itself looked at
# training rows and is outside the proof, which holds for the settings chosen; ``X_trusted=``
# chooses by rows that nobody else can touch.
