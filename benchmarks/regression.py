"""Regression: which share of predictions poison provably keeps within a tolerance of the truth.

    pip install .
    python benchmarks/regression.py

Hammoudeh and Lowd, "Reducing Certified Regression to Certified Classification for General Poisoning
Attacks" (SaTML 2023), claim that up to 50 % of predictions can be guaranteed under 1 % of corrupted
training rows, and up to 30 % under 4 %, on data sets and within tolerances of their own. Here the
data are scikit-learn's diabetes, and made data like the houses of California: as many rows, a few
features among which the place tells most, skewed prices that end at a cap.

A tolerance is a share of the standard deviation of y, as is known beforehand. A row that is
changed at will counts as one ("modify"). Numbers of neighbours are those of the largest certified
share on held-out training rows, for each poison size. The last line of each table needs no
features: the median of all training rows, which no defence of use may fall behind.
"""

import argparse
from time import perf_counter

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import FunctionTransformer

from sklearn_certify import CertifiedKNNRegressor
from sklearn_certify.certificates import median_interval
from sklearn_certify.metrics import certified_within_tolerance_score

CORRUPTED = [0.0, 0.01, 0.02, 0.04, 0.1]
TOLERANCES = [0.25, 0.5, 1.0]
SHARES_OF_ROWS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4]
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


def neighbours(units):
    transformer = FunctionTransformer(divide, kw_args={"units": units})
    return CertifiedKNNRegressor(transformer=transformer, threat_model="modify", n_jobs=-1)


def best_numbers(X, y, units, tolerance):
    """The number of neighbours that is best at each share of corrupted rows, on held-out rows."""
    X_fit, X_held, y_fit, y_held = train_test_split(X, y, test_size=0.25, random_state=1)
    sizes = [int(len(y_fit) * share) for share in CORRUPTED]
    numbers = [max(int(len(y_fit) * share), 1) for share in SHARES_OF_ROWS]
    regressor = neighbours(units).fit(X_fit, y_fit)
    shares = [
        regressor.set_params(n_neighbors=number).certified_accuracy(
            X_held, y_held, sizes, tolerance=tolerance
        )
        for number in numbers
    ]
    return [numbers[best] * len(y) // len(y_fit) for best in np.argmax(shares, axis=0)]


def compare(name, X, y, units, deviation):
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.25, random_state=0)
    sizes = [int(len(y) * share) for share in CORRUPTED]
    print(f"\n{name}: {len(y)} training rows, {len(y_test)} test rows")
    print("corrupted rows".ljust(24) + "".join(f"{size:>15}" for size in sizes))
    regressor = neighbours(units).fit(X, y)
    of_all = np.stack(median_interval([y], poison_size=sizes), axis=1)
    for tolerance in (share * deviation for share in TOLERANCES):
        start = perf_counter()
        cells = []
        for size, number in zip(sizes, best_numbers(X, y, units, tolerance), strict=True):
            share = regressor.set_params(n_neighbors=number).certified_accuracy(
                X_test, y_test, size, tolerance=tolerance
            )
            cells.append(f"{share:.1%} (k={number})")
        seconds = perf_counter() - start
        print(f"neighbours, within {tolerance:<5.3g}" + "".join(f"{c:>15}" for c in cells), end="")
        print(f"   {seconds:.0f} s")
        shares = certified_within_tolerance_score(
            y_test, np.repeat(of_all, len(y_test), axis=0), tolerance=tolerance
        )
        print("median of all rows".ljust(24) + "".join(f"{share:>15.1%}" for share in shares))


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    compare("diabetes", *load_diabetes(return_X_y=True, scaled=False), DIABETES_UNITS, 77.0)
    compare("made houses", *made_houses(), HOUSES_UNITS, HOUSES_DEVIATION)
