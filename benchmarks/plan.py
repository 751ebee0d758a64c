"""Plans beside an exhaustive search: what a recommended setting certifies, and what the best would.

    python benchmarks/plan.py                             # digits and breast cancer
    python benchmarks/plan.py --data-folder DATA_FOLDER   # and 2,000 images of MNIST
    python benchmarks/plan.py --only MNIST --data-folder DATA_FOLDER --splits 2
    python benchmarks/plan.py --quick                     # neighbours alone

For each of several splits, `plan` recommends a setting by the training rows. The peer fits every
setting of the same grids, with every base estimator, to all training rows and takes the one that
certifies most of the test rows: nobody could choose it, since it is chosen by what it is measured
on. Finite Aggregation and bagging take up the best of DPA for each base estimator there. Both
figures are means over the splits, in percent of the test rows; the best setting is the best mean.
Times are processor seconds, of all threads. MNIST's rows are all of its training part.
"""

import argparse
import warnings
from collections import defaultdict
from pathlib import Path
from time import process_time

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.model_selection import train_test_split

from sklearn_certify.report import plan
from sklearn_certify.report._choice import choose
from sklearn_certify.report._dataset import make_dataset
from sklearn_certify.report._planning._candidates import BASES, followers, leaders
from sklearn_certify.report._split import with_test_rows


def load(name, data_folder, seed):
    """Return training rows, test rows, and the labels of both."""
    if name == "MNIST":
        with np.load(Path(data_folder) / "mnist.npz") as data:
            rows = np.random.default_rng(seed).permutation(len(data["y_train"]))[:3000]
            X, y = data["X_train"][rows].reshape(len(rows), -1) / 255.0, data["y_train"][rows]
        return X[:2000], X[2000:], y[:2000], y[2000:]
    loader = {"digits": load_digits, "breast cancer": load_breast_cancer}[name]
    X, y = loader(return_X_y=True)
    return train_test_split(X, y, test_size=0.25, stratify=y, random_state=seed)


class Peer:
    """Fits all settings to the training rows of a split, each of them once."""

    def __init__(self, X_train, X_test, y_train, y_test):
        self.rows = X_train, y_train, X_test, y_test
        self.dataset = make_dataset(X_train, y_train, None, "data", None)
        self.split = with_test_rows(self.dataset, X_test, y_test)
        self.radii, self.seconds = {}, {}

    def share(self, candidate, size):
        """Return which percentage of the test rows a candidate certifies."""
        setting, (X_train, y_train, X_test, y_test) = str(candidate), self.rows
        if setting not in self.radii:
            start = process_time()
            fitted = candidate.estimator.fit(X_train, y_train)
            predicted, radii = fitted.predict_certified(X_test)
            self.radii[setting] = np.where(predicted == y_test, radii, -1)
            self.seconds[setting] = process_time() - start
        return 100 * (self.radii[setting] >= size).mean()

    def search(self, names, bases, size, seed):
        """Return the percentage of every setting, and how long all of them take."""
        chosen, given = choose(names), {"random_state": seed}
        candidates = leaders(chosen, self.dataset, self.split, size, given, bases)
        shares = {str(candidate): self.share(candidate, size) for candidate in candidates}
        for base in bases:
            of_base = [c for c in candidates if c.name == "dpa" and c.settings["base"] == base]
            best = sorted(of_base, key=lambda candidate: -shares[str(candidate)])[:1]
            for candidate in followers(chosen, self.dataset, self.split, given, best):
                shares[str(candidate)] = self.share(candidate, size)
        return shares, sum(self.seconds[setting] for setting in shares)


def compare(name, peers, size, names, bases):
    """Print how the recommended setting and the best of all do on the same test rows."""
    planned, everything, to_plan, to_search = [], defaultdict(list), [], []
    for seed, peer in enumerate(peers):
        X_train, y_train, X_test, y_test = peer.rows
        start = process_time()
        found = plan(
            X_train,
            y_train,
            X_test=X_test,
            y_test=y_test,
            poison_size=size,
            estimators=names,
            base_estimator=None if "dpa" not in choose(names) else list(bases),
            random_state=seed,
        )
        to_plan.append(process_time() - start)
        planned.append(100 * found.report.results[found.best_name()].accuracies([size])[0])
        shares, seconds = peer.search(names, bases, size, seed)
        to_search.append(seconds)
        for setting, share in shares.items():
            everything[setting].append(share)
    complete = {setting: np.mean(s) for setting, s in everything.items() if len(s) == len(peers)}
    best = max(complete, key=complete.get)
    times = np.mean(to_plan), np.mean(to_search)
    print(
        f"{name:14} {size:4} {np.mean(planned):8.1f} {complete[best]:8.1f} {times[0]:8.0f} s "
        f"{times[1]:7.0f} s {times[0] / times[1]:6.2f}   best: {best}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-folder")
    parser.add_argument("--sizes", type=int, nargs="*", default=[5, 20])
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--only", choices=["digits", "breast cancer", "MNIST"])
    parser.add_argument("--bases", nargs="*", default=BASES, help="base estimators")
    parser.add_argument("--quick", action="store_true", help="neighbours alone, one split")
    args = parser.parse_args()
    warnings.simplefilter("ignore")  # of outliers, and of logistic regressions that stop early
    data_sets = ["digits", "breast cancer"] + ["MNIST"] * (args.data_folder is not None)
    print(f"{'':14} size  planned     best    to plan  to search  ratio")
    for name in data_sets if args.only is None else [args.only]:
        seeds = range(1 if args.quick else args.splits)
        peers = [Peer(*load(name, args.data_folder, seed)) for seed in seeds]
        for size in args.sizes:
            names = ["knn", "rnn"] if args.quick else None
            compare(name, peers, size, names, args.bases)


if __name__ == "__main__":
    main()
