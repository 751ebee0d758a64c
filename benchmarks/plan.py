"""Plans beside an exhaustive search: what a recommended setting certifies, and what the best would.

    python benchmarks/plan.py                             # digits and breast cancer
    python benchmarks/plan.py --data-folder DATA_FOLDER   # and 2,000 images of MNIST
    python benchmarks/plan.py --quick                     # neighbours alone

For each of several splits, `plan` recommends a setting by the training rows. The peer fits every
setting of the same grids to all training rows and takes the one that certifies most of the test
rows: nobody could choose it, since it is chosen by what it is measured on. Both figures are means
over the splits, in percent of the test rows; the best setting is the best mean.
"""

import argparse
import warnings
from collections import defaultdict
from pathlib import Path
from time import perf_counter

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.model_selection import train_test_split

from sklearn_certify.exceptions import CertifyWarning
from sklearn_certify.report import plan


def load(data_folder):
    """Yield names, rows and labels."""
    yield "digits", *load_digits(return_X_y=True)
    yield "breast cancer", *load_breast_cancer(return_X_y=True)
    if data_folder is not None:
        with np.load(Path(data_folder) / "mnist.npz") as data:
            yield "MNIST", data["X_train"][:2000].reshape(2000, -1) / 255.0, data["y_train"][:2000]


def compare(name, X, y, size, estimators, n_splits):
    """Print how the recommended setting and the best of all do on the same test rows."""
    recommended, everything, seconds = [], defaultdict(list), []
    for seed in range(n_splits):
        X_train, X_test, y_train, y_test = train_test_split(
            X, y, test_size=0.25, stratify=y, random_state=seed
        )
        start = perf_counter()
        found = plan(
            X_train,
            y_train,
            X_test=X_test,
            y_test=y_test,
            poison_size=size,
            estimators=estimators,
            random_state=seed,
        )
        seconds.append(perf_counter() - start)
        for trial in found.trials.trials:
            model = trial.candidate.estimator.fit(X_train, y_train)
            share = 100 * model.certified_accuracy(X_test, y_test, size)
            everything[str(trial.candidate)].append(share)
            if trial.candidate.estimator is found.recommended:
                recommended.append(share)
    complete = {
        setting: shares for setting, shares in everything.items() if len(shares) == n_splits
    }
    best = max(complete, key=lambda setting: np.mean(complete[setting]))
    print(
        f"{name:14} {size:4} {np.mean(recommended):8.1f} {np.mean(complete[best]):8.1f}  "
        f"{np.mean(seconds):6.0f} s   best: {best}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-folder")
    parser.add_argument("--sizes", type=int, nargs="*", default=[5, 20])
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="neighbours alone, one split")
    args = parser.parse_args()
    warnings.simplefilter("ignore", CertifyWarning)
    print(f"{'':14} size  planned     best  to plan")
    for name, X, y in load(args.data_folder):
        for size in args.sizes:
            estimators = ["knn", "rnn"] if args.quick else None
            compare(name, X, y, size, estimators, 1 if args.quick else args.splits)


if __name__ == "__main__":
    main()
