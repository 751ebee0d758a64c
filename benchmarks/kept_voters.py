"""What do voters that are kept cost, and what do they save?

    python benchmarks/kept_voters.py

A forest of 40 trees per voter, which takes about 50 ms. In turn, several times: a fit without
`memory`; one into an empty folder; one where all voters are kept; one with one row more. Each is
divided by the first of its turn.
"""

import argparse
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from sklearn_certify import DPAClassifier


def seconds(function, *arguments):
    start = perf_counter()
    function(*arguments)
    return perf_counter() - start


def one_turn(X, y, n_partitions):
    """Return the seconds of each kind of fit."""
    estimator = RandomForestClassifier(40)
    plain = DPAClassifier(estimator, n_partitions=n_partitions)
    with TemporaryDirectory() as folder:
        keeping = DPAClassifier(estimator, n_partitions=n_partitions, memory=folder)
        return (
            seconds(plain.fit, X[1:], y[1:]),
            seconds(keeping.fit, X[1:], y[1:]),
            seconds(keeping.fit, X[1:], y[1:]),
            seconds(keeping.fit, X, y),
        )


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="few voters, two turns")
    arguments = parser.parse_args(argv)
    n_partitions, n_turns = (10, 2) if arguments.quick else (100, 5)
    X, y = make_classification(100 * n_partitions, 20, n_informative=10, random_state=0)
    turns = np.array([one_turn(X, y, n_partitions) for _ in range(n_turns)])
    milliseconds = 1000 * median(turns[:, 0]) / n_partitions
    print(f"{n_partitions} voters of {milliseconds:.0f} ms, medians of {n_turns} turns")
    kinds = ("an empty folder", "all voters kept", "one row more")
    for kind, ratios in zip(kinds, (turns[:, 1:] / turns[:, :1]).T, strict=True):
        print(f"{kind:16} {median(ratios):.3f} of a fit without memory")


if __name__ == "__main__":
    main()
