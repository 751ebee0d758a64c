"""Voters fitted and asked together, beside the same ensemble with scikit-learn's estimator.

    python benchmarks/stacked_voters.py            # about five minutes on two cores
    python benchmarks/stacked_voters.py --quick    # some seconds
    python benchmarks/stacked_voters.py --degree 16 --queries 10000 --rounds 1 --n-jobs 2

Rows are as many and as wide as histograms of oriented gradients of MNIST. The peer is the same
ensemble around the classifier of scikit-learn that gives the same votes, with the same `n_jobs`;
rounds alternate, and medians are printed. Kernel ridge has no such peer: scikit-learn's regression
on one-hot labels stands for it.
"""

import argparse
from statistics import median
from time import perf_counter

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import NearestCentroid, RadiusNeighborsClassifier

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier
from sklearn_certify.learners import (
    StackedKernelRidgeClassifier,
    StackedNearestCentroid,
    StackedRadiusNeighborsClassifier,
    StackedRidgeClassifier,
)

N_FEATURES, N_CLASSES = 1620, 10


class OneHotKernelRidge(ClassifierMixin, KernelRidge):
    """scikit-learn's regression on one-hot labels: a classifier of as many lines as it takes."""

    def fit(self, X, y):
        self.classes_, codes = np.unique(y, return_inverse=True)
        return super().fit(X, 2.0 * np.eye(len(self.classes_))[codes] - 1)

    def predict(self, X):
        return self.classes_[super().predict(X).argmax(axis=1)]


RBF = {"kernel": "rbf", "gamma": 0.5 / N_FEATURES}
RADIUS = {"radius": 55.6, "outlier_label": -1}  # a tenth of the rows of a class are near
LEARNERS = {
    "ridge": (StackedRidgeClassifier(), RidgeClassifier()),
    "kernel-ridge": (
        StackedKernelRidgeClassifier(0.1, fit_intercept=False, **RBF),
        OneHotKernelRidge(0.1, **RBF),
    ),
    "centroid": (StackedNearestCentroid(), NearestCentroid()),
    "radius": (
        StackedRadiusNeighborsClassifier(**RADIUS),
        RadiusNeighborsClassifier(algorithm="brute", **RADIUS),
    ),
}


def make_rows(n_rows, seed, centers):
    """Return rows near the center of their class, as float32."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, N_CLASSES, size=n_rows)
    noise = rng.standard_normal((n_rows, N_FEATURES), dtype=np.float32)
    return 0.1 * centers[y] + noise, y


def timed(function, *arguments):
    start = perf_counter()
    result = function(*arguments)
    return result, perf_counter() - start


def compare(ensemble, ours, theirs, train, queries, n_rounds):
    """Print medians, ratios and how many votes differ."""
    seconds = {name: ([], []) for name in ("ours", "theirs")}
    votes = {}
    for _ in range(n_rounds):
        for name, estimator in (("theirs", theirs), ("ours", ours)):
            model = type(ensemble)(**{**ensemble.get_params(deep=False), "estimator": estimator})
            _, to_fit = timed(model.fit, *train)
            votes[name], to_vote = timed(model.votes, queries)
            seconds[name][0].append(to_fit)
            seconds[name][1].append(to_vote)
    n_voters = votes["ours"].shape[1]
    for number, step in enumerate(["fit", "votes"]):
        ours_took, theirs_took = (
            1e3 * median(seconds[name][number]) / n_voters for name in ("ours", "theirs")
        )
        ratio = theirs_took / ours_took
        print(f"    {step:6}{ours_took:9.3f}{theirs_took:11.3f} ms a voter{ratio:8.1f} x")
    different = (votes["ours"] != votes["theirs"]).sum()
    print(f"    {different:,} of {votes['ours'].size:,} votes differ", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--n-jobs", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--degree", type=int, default=2, help="of spreading, default 2")
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--learners", nargs="*", choices=LEARNERS, default=["ridge"])
    args = parser.parse_args()
    n_rows, n_partitions, n_queries = (
        (3_000, 60, 500) if args.quick else (60_000, 1_200, args.queries)
    )
    centers = np.random.default_rng(0).standard_normal((N_CLASSES, N_FEATURES), dtype=np.float32)
    train, (queries, _) = make_rows(n_rows, 1, centers), make_rows(n_queries, 2, centers)
    print(f"{n_rows:,} rows x {N_FEATURES}, {n_queries:,} queries\n{'':14}stacked     scikit-learn")
    for n_jobs in args.n_jobs:
        ensembles = [
            DPAClassifier(n_partitions=n_partitions, n_jobs=n_jobs),
            FiniteAggregationClassifier(
                n_partitions=n_partitions, spreading_degree=args.degree, n_jobs=n_jobs
            ),
        ]
        for ensemble in ensembles:
            for name in args.learners:
                ours, theirs = LEARNERS[name]
                print(f"{type(ensemble).__name__}, {name}, n_jobs={n_jobs}")
                compare(ensemble, ours, theirs, train, queries, args.rounds)


if __name__ == "__main__":
    main()
