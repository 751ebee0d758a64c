"""
How long would somebody have to poison the data?
================================================

A feed brings rows every day, and what they look like drifts. Whoever gets hold of the feed may send
any number of rows, so that it says little to count rows. What counts is for how many days the feed
was theirs.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import accuracy_score

from sklearn_certify import TemporalAggregationClassifier
from sklearn_certify.partition import periods_from_dates
from sklearn_certify.plotting import CertifiedAccuracyDisplay

rng = np.random.default_rng(0)
n_days, rows_a_day = 120, 25
days = np.datetime64("2026-01-01") + np.repeat(np.arange(n_days), rows_a_day)


def draw(days):
    """Two kinds of rows, whose difference turns slowly in the plane."""
    angles = (days - days[0]).astype(int) / n_days
    y = rng.integers(0, 2, size=len(days))
    centers = np.column_stack([np.cos(angles), np.sin(angles)]) * (2 * y - 1)[:, np.newaxis]
    return centers + rng.normal(scale=0.8, size=centers.shape), y


X, y = draw(days)
X_test, y_test = draw(np.repeat(days[:1] + n_days // 2, 500))

# %%
# Every voter learns from ``window`` consecutive days. The collector's clock says on which day a row
# came, and the rule that numbers the days looks at each date alone. The first and the last day are
# declared: rows from other days are refused.

first, last = (periods_from_dates(day, "day") for day in days[[0, -1]].tolist())
periods = periods_from_dates(days, "day")


def fit(X, y, periods, window=3):
    model = TemporalAggregationClassifier(
        window=window, first_period=first, last_period=last, classes=[0, 1]
    )
    return model.fit(X, y, periods)


classifier = fit(X, y, periods)
durations = classifier.certified_duration(X_test)
print(
    f"{classifier.n_voters_} voters; half of the predictions bear {np.median(durations):.0f} days"
)

# %%
# An attack of ten days, with a hundred times the rows of a day in each: all rows say the opposite.

flood = np.repeat(np.arange(first + 50, first + 60), 100 * rows_a_day)
X_flood = rng.normal(scale=1.5, size=(len(flood), 2))
y_flood = 1 - classifier.predict(X_flood)
attacked = fit(np.vstack([X, X_flood]), np.append(y, y_flood), np.append(periods, flood))
changed = attacked.predict(X_test) != classifier.predict(X_test)
print(f"{len(flood)} rows of poison beside {len(X)} clean ones")
print(f"predictions that changed: {changed.sum()} of {len(X_test)}")
print(f"of those certified for ten days: {changed[durations >= 10].sum()}")
print(f"accuracy under attack: {accuracy_score(y_test, attacked.predict(X_test)):.3f}")

# %%
# A longer window makes better voters, and the attack reaches more of them. An attack that goes on
# until the end reaches fewer: how early may it have begun?

figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for window in (1, 3, 15):
    CertifiedAccuracyDisplay.from_estimator(
        fit(X, y, periods, window), X_test, y_test, name=f"window={window}", ax=ax
    )
CertifiedAccuracyDisplay.from_predictions(
    y_test,
    classifier.predict(X_test),
    classifier.certified_earliness(X_test),
    name="window=3, until the end",
    threat_model="temporal",
    ax=ax,
    curve_kwargs={"linestyle": "--"},
)
plt.show()

# %%
# **To take home:** if you know when rows came, a certificate can bear any amount of poison. The day
# must come from your clock: from a date in the row an attacker may make what they like.
