"""Files and arguments that several tests of the command line share."""

import csv

import numpy as np

from sklearn_certify.cli import main

# few voters each
DPA = ["--estimator", "dpa", "--n-partitions", "5"]
SMALL = ["--n-partitions", "5", "--spreading-degree", "2", "--n-estimators", "30"]


def write(path, names, rows, delimiter=","):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows([names, *rows])
    return str(path)


def mixed_rows():
    """Numbers and texts, missing cells, and columns that say nothing."""
    rng = np.random.RandomState(0)
    for row in range(150):
        label = row % 2
        age = "" if row % 11 == 0 else f"{rng.normal(30 + 20 * label, 5):.1f}"
        city = "" if row % 13 == 0 else ["Rome", "Ulm, upon Danube"][label]
        seldom = "1.5" if row == 77 else ""
        yield [age, city, "7", "", seldom, f"name {row}", ["no", "yes"][label]]


MIXED_NAMES = ["age", "city", "constant", "empty", "seldom", "name", "buys"]


def refused(capsys, *arguments):
    """Run what must be refused; return the one line that says why."""
    assert main(["report", *arguments]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert "Traceback" not in errors
    return errors.splitlines()[0]
