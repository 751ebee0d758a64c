"""
Which defence bears twenty poisoned rows?
=========================================

Say how much poison you fear. ``plan`` tries settings of every classifier by cross-validation on the
training part, tells the best at every size, recommends one, and measures it on rows that had no part in
the choice. ``sklearn-certify plan FILE --poison-size 20`` does so with a file.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits

from sklearn_certify.report import plan

X, y = load_digits(return_X_y=True)
found = plan(X, y, poison_size=20, estimators=["dpa", "knn"], base_estimator="ridge")

# %%
# The recommendation, and the line of Python that makes it:

print(found.sentence())
print(found.code())

# %%
# The frontier is the best that cross-validation expects at every size, by whichever setting. What the
# recommended classifier certifies on the rows held out lies below it, because it is one setting for all
# sizes, chosen for one of them.

frontier = found.frontier()
held_out = found.report.results[found.best_name()]
sizes = [best["poison_size"] for best in frontier]

figure, ax = plt.subplots(figsize=(6.8, 4.2), layout="constrained")
for classifier, marker in {"dpa": "s", "knn": "o"}.items():
    points = [best for best in frontier if best["classifier"] == classifier]
    ax.plot(
        [best["poison_size"] for best in points],
        [best["expected_accuracy"] for best in points],
        marker,
        label=f"best at this size: {classifier} (expected)",
    )
ax.plot(sizes, held_out.accuracies(sizes), label=f"chosen for 20: {found.best_name()} (certified)")
ax.axvline(20, color="0.6", linestyle=":")
ax.set(
    xlabel="Poison size (rows inserted or deleted)",
    ylabel="Accuracy",
    xlim=(0, None),
    ylim=(0, 1),
)
ax.legend()
plt.show()

# %%
# Every setting that was tried is in a table:

found.to_frame().head()

# %%
# **To take home:** plan for a size, then fit what is recommended. The choice itself looked at training rows
# and is outside the proof, which holds for the settings chosen; ``X_trusted=`` chooses by rows that nobody
# else can touch.
