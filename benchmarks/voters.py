"""What does fitting voters cost beyond fitting their estimators?

    python benchmarks/voters.py

Part one: fitting and asking voters that do nothing, so that all time is overhead, beside bare loops
of ``clone(e).fit(...)`` and ``e.predict(...)``; then once more with torch imported, where there is
one, whose generator is then seeded too.

Part two, one process: `fit` of a DPAClassifier beside a bare loop of ``clone(e).fit(...)`` over
the same subsets, in turn. The overhead includes hashing, partitioning and seeding. Part three, all
cores: how much of the ideal speed-up joblib's worker processes reach. An estimator that computes
for a fixed number of steps stands for one that takes a while to fit.
"""

import argparse
from importlib.util import find_spec
from statistics import median
from time import perf_counter

import joblib
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import make_classification
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier
from sklearn_certify.voters import fit_voters


class Busy(ClassifierMixin, BaseEstimator):
    """Sorts the same numbers again and again, on one core, then votes its first class."""

    def __init__(self, n_steps=100, random_state=None):
        self.n_steps = n_steps
        self.random_state = random_state

    def fit(self, X, y):
        numbers = np.random.default_rng(self.random_state).random(2_000)
        for _ in range(self.n_steps):
            np.sort(numbers)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def seconds(function):
    start = perf_counter()
    result = function()
    return perf_counter() - start, result


class Idle(ClassifierMixin, BaseEstimator):
    """Learns nothing and votes 0."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        return self

    def predict(self, X):
        return np.zeros(len(X), dtype=int)


def overhead_per_voter(name, n_voters, repeats):
    rng = np.random.default_rng(0)
    X, y, queries = (
        rng.random((4 * n_voters, 5)),
        np.tile([0, 1], 2 * n_voters),
        rng.random((10, 5)),
    )
    rows_of_voters = list(np.arange(4 * n_voters).reshape(n_voters, 4))
    seeds, classes = list(range(n_voters)), np.array([0, 1])
    how = {"n_jobs": 1, "verbose": 0, "on_voter_error": "raise"}

    def fit_bare():
        return [
            clone(Idle()).set_params(random_state=seed).fit(X[rows], y[rows])
            for rows, seed in zip(rows_of_voters, seeds, strict=True)
        ]

    def fit():
        return fit_voters(Idle(), X, y, rows_of_voters, seeds, classes, **how)

    bare, voters = fit_bare(), fit()
    for verb, loop, own in (
        ("fit", fit_bare, fit),
        ("vote", lambda: [e.predict(queries) for e in bare], lambda: voters.votes(queries, **how)),
    ):
        times = [(seconds(loop)[0], seconds(own)[0]) for _ in range(repeats)]
        loop, own = (1e6 * median(part) / n_voters for part in zip(*times, strict=True))
        print(
            f"{name:22} {own:6.1f} us a {verb}, bare loop {loop:5.1f} us, {n_voters} voters: "
            f"{verb} / bare loop = {own / loop:.1f}"
        )


def bare_loop(ensemble, estimator, X, y, seeds):
    """Fit a clone per voter on rows that are known already."""
    subsets = [np.flatnonzero(ensemble.partition_ == j) for j in range(ensemble.n_voters_)]
    return [
        clone(estimator).set_params(random_state=seed).fit(X[rows], y[rows])
        for rows, seed in zip(subsets, seeds, strict=True)
    ]


def overhead(name, estimator, X, y, n_voters, repeats):
    ensemble = DPAClassifier(estimator, n_partitions=n_voters, n_jobs=1)
    ensemble.fit(X, y)
    seeds = [int(v.random_state) for v in ensemble.estimators_]
    ratios, loop_times = [], []
    for _ in range(repeats):
        loop, _ = seconds(lambda: bare_loop(ensemble, estimator, X, y, seeds))
        own, _ = seconds(lambda: ensemble.fit(X, y))
        ratios.append(own / loop)
        loop_times.append(loop / n_voters)
    print(
        f"{name:22} {1e3 * median(loop_times):6.1f} ms a voter, {n_voters} voters: "
        f"fit / bare loop = {median(ratios):.3f}"
    )


def compute(n_steps):
    Busy(n_steps, random_state=0).fit(np.zeros((2, 1)), np.array([0, 1]))


def efficiency_of_the_machine(n_steps, n_tasks, repeats):
    n_jobs = joblib.cpu_count()
    parallel = joblib.Parallel(n_jobs=n_jobs)
    parallel(joblib.delayed(compute)(1) for _ in range(n_jobs))
    ratios = []
    for _ in range(repeats):
        alone, _ = seconds(lambda: [compute(n_steps) for _ in range(n_tasks)])
        together, _ = seconds(
            lambda: parallel(joblib.delayed(compute)(n_steps) for _ in range(n_tasks))
        )
        ratios.append(alone / together / n_jobs)
    print(f"{'no data at all':22} parallel efficiency {median(ratios):.2f}")


def efficiency(name, estimator, ensemble, X, y, repeats):
    n_jobs = joblib.cpu_count()
    ensemble = clone(ensemble).set_params(estimator=estimator)
    clone(ensemble).set_params(n_jobs=n_jobs, estimator=Busy(1)).fit(X, y)  # starts the workers
    ratios = []
    for _ in range(repeats):
        alone, _ = seconds(lambda: clone(ensemble).set_params(n_jobs=1).fit(X, y))
        together, fitted = seconds(lambda: clone(ensemble).set_params(n_jobs=n_jobs).fit(X, y))
        ratios.append(alone / together / n_jobs)
    print(
        f"{name:22} {1e3 * alone / fitted.n_voters_:6.1f} ms a voter, {fitted.n_voters_} voters, "
        f"{n_jobs} processes: parallel efficiency {median(ratios):.2f}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="fewer repeats and voters")
    args = parser.parse_args()
    repeats, n_voters = (2, 40) if args.quick else (args.repeats, 200)
    X, y = make_classification(20_000, 100, n_informative=20, n_classes=4, random_state=0)

    overhead_per_voter("Idle", 10 * n_voters, repeats)
    if find_spec("torch"):
        import torch  # noqa: F401

        overhead_per_voter("Idle, torch imported", 10 * n_voters, repeats)
    with threadpool_limits(1):
        overhead("Busy", Busy(700), X, y, n_voters, repeats)
        overhead("DecisionTree", DecisionTreeClassifier(), X, y, n_voters, repeats)
        overhead("ExtraTrees(20)", ExtraTreesClassifier(20), X, y, n_voters, repeats)
        n_voters //= 2
        efficiency_of_the_machine(9_000, n_voters, repeats)
        dpa = DPAClassifier(n_partitions=n_voters)
        efficiency("DPA, Busy", Busy(9_000), dpa, X, y, repeats)
        spread = FiniteAggregationClassifier(n_partitions=n_voters // 4, spreading_degree=4)
        efficiency("FA, Busy", Busy(9_000), spread, X, y, repeats)
        efficiency("FA, ExtraTrees(50)", ExtraTreesClassifier(50), spread, X, y, repeats)


if __name__ == "__main__":
    main()
