"""What do joblib's engines cost beside one process, and what passes through Dask's scheduler?

    python benchmarks/engines.py

In turn, several times, after each engine has worked once: a fit in one process, on two processes of
loky, on a cluster of Dask with two processes of one thread here, and with Ray if asked. First
voters wait for a fixed time, as if each process had a core of its own, so that what is above half
of one process's time is what the engine costs. Then they compute, so that client, scheduler and
workers share the cores of this machine. Last the bytes that the client and the scheduler of Dask,
both in this process, send during a fit.
"""

import argparse
from importlib.util import find_spec
from statistics import median
from time import perf_counter, process_time, sleep

import joblib
import numpy as np
from distributed import Client, LocalCluster
from distributed.comm.tcp import TCP
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.naive_bayes import GaussianNB

from sklearn_certify import DPAClassifier


class Idle(ClassifierMixin, BaseEstimator):
    """Takes its time, waiting or computing, and learns nothing."""

    def __init__(self, seconds=0.0, computes=False):
        self.seconds = seconds
        self.computes = computes

    def fit(self, X, y):
        if self.computes:
            end = process_time() + self.seconds
            while process_time() < end:
                sum(range(1000))
        else:
            sleep(self.seconds)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def seconds_to_fit(estimator, X, y, n_partitions, backend):
    ensemble = DPAClassifier(estimator, n_partitions=n_partitions)
    start = perf_counter()
    with joblib.parallel_config(backend=backend, n_jobs=1 if backend == "sequential" else 2):
        ensemble.fit(X, y)
    return perf_counter() - start


def compare(engines, estimator, n_voters, n_turns):
    rng = np.random.default_rng(0)
    X, y = rng.random((20 * n_voters, 20)), rng.integers(2, size=20 * n_voters)
    for name in engines:
        seconds_to_fit(Idle(), X, y, n_voters, name)
    turns = np.array(
        [
            [seconds_to_fit(estimator, X, y, n_voters, name) for name in engines]
            for _ in range(n_turns)
        ]
    )
    milliseconds = 1000 * median(turns[:, 0]) / n_voters
    work = "compute" if estimator.computes else "wait"
    print(f"{n_voters} voters that {work} {milliseconds:.1f} ms, medians of {n_turns} turns")
    for name, column in zip(engines, turns.T, strict=True):
        ratios = ", ".join(
            f"{median(column / turns[:, engines.index(peer)]):.2f} of {peer}"
            for peer in ("sequential", "loky")
        )
        print(f"  {name:10} {median(column):6.2f} s, {ratios}")


def bytes_sent(X, y, n_partitions):
    """Return the bytes of all messages that this process sends in a fit."""
    write, sizes = TCP.write, []

    async def counting(self, *arguments, **settings):
        sizes.append(await write(self, *arguments, **settings))
        return sizes[-1]

    TCP.write = counting
    try:
        seconds_to_fit(GaussianNB(), X, y, n_partitions, "dask")
    finally:
        TCP.write = write
    return sizes


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="few voters, one turn")
    parser.add_argument("--ray", action="store_true", help="Ray too, if it is installed")
    arguments = parser.parse_args(argv)
    engines = ["sequential", "loky", "dask"]
    if arguments.ray and find_spec("ray"):
        import ray
        from ray.util.joblib import register_ray

        ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
        register_ray()
        engines.append("ray")
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0")
    with cluster, Client(cluster):
        n_turns = 1 if arguments.quick else 5
        for computes in (False, True):
            large, small = Idle(0.1, computes), Idle(0.004, computes)
            compare(engines, large, 8 if arguments.quick else 40, n_turns)
            compare(engines, small, 50 if arguments.quick else 1000, n_turns)
        rng = np.random.default_rng(0)
        X = rng.random((20_000 if arguments.quick else 200_000, 100))
        y = rng.integers(2, size=len(X))
        sizes = bytes_sent(X, y, 200)
        print(
            f"Dask, rows of {X.nbytes / 1e6:.0f} MB, 200 voters: {sum(sizes) / 1e6:.0f} MB in "
            f"{len(sizes)} messages, the largest of {max(sizes) / 1e6:.1f} MB"
        )


if __name__ == "__main__":
    main()
