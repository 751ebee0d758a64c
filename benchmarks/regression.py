"""Regression: which share of predictions poison provably keeps within a tolerance of the truth.

    pip install .
    python benchmarks/regression.py

Hammoudeh and Lowd, "Reducing Certified Regression to Certified Classification for General Poisoning
Attacks" (SaTML 2023), claim that up to 50 % of predictions can be guaranteed under 1 % of corrupted
training rows, and up to 30 % under 4 %, on data sets and within tolerances of their own. Here the
data are scikit-learn's diabetes, and made data like the houses of California: as many rows, a few
features among which the place tells most, skewed prices that end at a cap.

A tolerance is a share of the standard deviation of y, as is known beforehand. A row that is
changed at will counts as one ("modify"), and corrupts two partitions of DPA. The number of
neighbours, or of partitions, is the one with the largest certified share on held-out training rows,
for each cell, and stands behind the share. The last table needs no features: the median of all
training rows, which a defence of use must not fall behind.
"""

import argparse
from time import perf_counter

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import FunctionTransformer

from sklearn_certify import CertifiedKNNRegressor, DPARegressor
from sklearn_certify.certificates import median_interval
from sklearn_certify.metrics import certified_within_tolerance_score

CORRUPTED = [0.0, 0.01, 0.02, 0.04, 0.1]
TOLERANCES = [0.25, 0.5, 1.0]
DIABETES_UNITS = [13, 0.5, 4, 14, 35, 30, 13, 1.3, 0.5, 11]  # usual differences between people
HOUSES_UNITS = [1.0, 1.0, 0.3, 10.0, 2.0, 0.5]
HOUSES_DEVIATION = 1.2  # of prices, in units of 100,000


def made_houses(n_rows=20640, seed=0):
    """Houses of a made state: place, income, age, rooms and occupants; prices up to a cap."""
    draws = np.random.default_rng(seed)
    cities = draws.uniform([0, 0], [6, 10], (40, 2))
    wealth = np.exp(draws.normal(0, 0.45, 40))
    near = draws.choice(40, n_rows, p=wealth / wealth.sum())
    place = cities[near] + draws.normal(0, 0.25, (n_rows, 2))
    income = np.exp(draws.normal(1.2, 0.4, n_rows)) * wealth[near] ** 0.7
    age = draws.uniform(1, 52, n_rows)
    rooms = np.exp(draws.normal(1.6, 0.3, n_rows))
    occupants = np.exp(draws.normal(1.05, 0.2, n_rows))
    coast = np.exp(-place[:, 0] / 2)
    price = 0.36 * income * wealth[near] ** 0.8 * (0.7 + 0.8 * coast)
    price *= (rooms / 5) ** 0.2 / (occupants / 3) ** 0.5 * np.exp(draws.normal(0, 0.25, n_rows))
    return np.column_stack([place, np.log(income), age, rooms, occupants]), np.minimum(price, 5.0)


def divide(rows, units):
    return rows / units


def neighbours(number, units):
    transformer = FunctionTransformer(divide, kw_args={"units": units})
    return CertifiedKNNRegressor(number, transformer=transformer, threat_model="modify", n_jobs=-1)


def partitions(number, units):
    return DPARegressor(n_partitions=number, threat_model="modify", n_jobs=-1)


DEFENCES = {
    "neighbours": (neighbours, [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4]),
    "DPA of ridge": (partitions, [0.002, 0.01, 0.025, 0.05, 0.1, 0.2]),
}


def shares_within(regressor, rows, test_rows, tolerances):
    """Certified shares, of shape (n_tolerances, n_sizes)."""
    sizes = [int(len(rows[1]) * share) for share in CORRUPTED]
    regressor.fit(*rows)
    return np.array(
        [regressor.certified_accuracy(*test_rows, sizes, tolerance=t) for t in tolerances]
    )


def chosen_on_held_out_rows(defence, shares, X, y, units, tolerances):
    """The share of rows that is the best number of each cell: (n_tolerances, n_sizes)."""
    X_fit, X_held, y_fit, y_held = train_test_split(X, y, test_size=0.25, random_state=1)
    found = [
        shares_within(
            defence(max(int(share * len(y_fit)), 1), units),
            (X_fit, y_fit),
            (X_held, y_held),
            tolerances,
        )
        for share in shares
    ]
    return np.array(shares)[np.argmax(found, axis=0)]


def compare(name, X, y, units, deviation):
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.25, random_state=0)
    sizes = [int(len(y) * share) for share in CORRUPTED]
    tolerances = [share * deviation for share in TOLERANCES]
    print(f"\n{name}: {len(y)} training rows, {len(y_test)} test rows; corrupted rows: {sizes}")
    for label, (defence, shares) in DEFENCES.items():
        start = perf_counter()
        chosen = chosen_on_held_out_rows(defence, shares, X, y, units, tolerances)
        found = np.empty(chosen.shape)
        for share in np.unique(chosen):
            regressor = defence(max(int(share * len(y)), 1), units)
            here = shares_within(regressor, (X, y), (X_test, y_test), tolerances)
            found[chosen == share] = here[chosen == share]
        print(f"{label}, {perf_counter() - start:.0f} s")
        for tolerance, row, numbers in zip(tolerances, found, chosen, strict=True):
            cells = [
                f"{cell:7.1%} ({max(int(number * len(y)), 1)})"
                for cell, number in zip(row, numbers, strict=True)
            ]
            print(f"    within {tolerance:<6.3g}" + "".join(f"{cell:>16}" for cell in cells))
    of_all = np.stack(median_interval([y], poison_size=sizes), axis=1)
    of_all = np.repeat(of_all, len(y_test), axis=0)
    print("median of all rows")
    for tolerance in tolerances:
        row = certified_within_tolerance_score(y_test, of_all, tolerance=tolerance)
        print(f"    within {tolerance:<6.3g}" + "".join(f"{share:>16.1%}" for share in row))


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    compare("diabetes", *load_diabetes(return_X_y=True, scaled=False), DIABETES_UNITS, 77.0)
    compare("made houses", *made_houses(), HOUSES_UNITS, HOUSES_DEVIATION)
