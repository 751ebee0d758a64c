"""A fit on a data set warns of what a fit on the same rows in memory warns of."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.preprocessing import StandardScaler, scale

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier
from sklearn_certify.exceptions import CertifyWarning, FingerprintWarning, FormWarning
from sklearn_certify.partition import PartitionedDataset

RNG = np.random.default_rng(8)
N_ROWS = 240
X = RNG.normal(size=(N_ROWS, 4)) * [1, 2, 3, 4] + 5
Y = (RNG.random(N_ROWS) < 0.4).astype(int)
NUMBERS = np.array([str(cell) for cell in RNG.integers(0, 90, N_ROWS)], dtype=object)
WORDS = np.array(["red", "green", "blue"], dtype=object)[RNG.integers(0, 3, N_ROWS)]


def with_cell(cells, row, cell):
    cells = np.array(cells, dtype=object)
    cells[row] = cell
    return cells


def table(**columns):
    return pd.DataFrame({"plain": X[:, 0], "word": WORDS, **columns})


WHOLE = RNG.integers(0, 9, N_ROWS).astype(float)
TABLES = {
    "one word among numbers": table(age=with_cell(NUMBERS, 17, "unknown")),
    "one number among words": table(city=with_cell(WORDS, 17, 3)),
    "floats that are whole": table(age=np.where(np.arange(N_ROWS) == 31, 2.5, WHOLE)),
    "whole, one missing": table(age=np.where(np.arange(N_ROWS) == 31, np.nan, WHOLE)),
    "several": table(a=with_cell(NUMBERS, 1, "?"), b=with_cell(NUMBERS, 2, "?"), c=WHOLE + 0.0),
    "plain": table(),
    "nullable": table(number=pd.array([1, None, 3, 4] * 60, dtype="Int64")),
    "nullable floats": table(number=pd.array([1.0, 2.0, 3.0, 4.0, None] * 48, dtype="Float64")),
    "scaled table": pd.DataFrame(scale(X), columns=list("abcd")),
}
SCALED = StandardScaler().fit_transform(X)
ARRAYS = {
    "raw": X,
    "scaled": SCALED,
    "scaled float32": StandardScaler().fit_transform(X.astype(np.float32)),
    "whitened": PCA(whiten=True).fit_transform(X),
    "centred": PCA().fit_transform(X),
    "with missing cells": np.where(RNG.random(X.shape) < 0.1, np.nan, X),
    "design": np.where(RNG.permuted(np.arange(N_ROWS)[:, None] % 2 * np.ones(4), axis=0), 1.0, -1),
    "sparse codes": (X > 5).astype(float),
    "far away": X + 1e9,
    "texts": np.column_stack([WORDS, with_cell(NUMBERS, 5, "none")]),
}


class TakesAnything(DummyClassifier):
    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.string = True
        return tags


ESTIMATOR = TakesAnything()


def warned(classifier, *rows):
    """Return the warnings of a fit, by their categories."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        classifier.fit(*rows)
    ours = [warning for warning in found if issubclass(warning.category, CertifyWarning)]
    assert all(warning.filename == __file__ for warning in ours)
    return {warning.category: str(warning.message) for warning in ours}


def alike(message):
    """Return a message without the place and the cell that it names, which are some of several."""
    parts = message.replace("some row", "row").split(" holds ")
    return [part.split(": ")[-1].split(", read")[-1].rstrip(" 0123456789") for part in parts]


@pytest.mark.parametrize("rows", [*TABLES.values(), *ARRAYS.values()], ids=[*TABLES, *ARRAYS])
@pytest.mark.parametrize("labels", ["numbers", "equal", "mixed"])
def test_warnings_are_those_of_a_fit_in_memory(rows, labels, tmp_path):
    y = {
        "numbers": Y,
        "equal": np.arange(N_ROWS) % 2,
        "mixed": with_cell(Y.astype(str), 9, "perhaps"),
    }[labels]
    dataset = PartitionedDataset.write(tmp_path, (rows, y), 6)
    for classifier in (
        DPAClassifier(ESTIMATOR, n_partitions=6),
        DPAClassifier(ESTIMATOR, n_partitions=6, threat_model="label_flip"),
        FiniteAggregationClassifier(ESTIMATOR, n_partitions=3, spreading_degree=2, n_jobs=2),
    ):
        expected = warned(clone(classifier), rows, y)
        found = warned(classifier, dataset)
        assert found.keys() == expected.keys()
        for category, message in found.items():
            assert alike(message) == alike(expected[category])


def test_what_is_suspicious_is_suspicious_here(tmp_path):
    cases = {
        "one word among numbers": (TABLES, FormWarning),
        "floats that are whole": (TABLES, FormWarning),
        "scaled table": (TABLES, FingerprintWarning),
        "scaled": (ARRAYS, FingerprintWarning),
        "centred": (ARRAYS, FingerprintWarning),
        "whitened": (ARRAYS, FingerprintWarning),
    }
    for name, (rows, category) in cases.items():
        dataset = PartitionedDataset.write(tmp_path / name, (rows[name], Y), 6)
        assert set(warned(DPAClassifier(ESTIMATOR, n_partitions=6), dataset)) == {category}


def test_kept_voters_are_warned_of_too(tmp_path):
    dataset = PartitionedDataset.write(tmp_path / "rows", (SCALED, Y), 6)
    classifier = DPAClassifier(ESTIMATOR, n_partitions=6, memory=tmp_path / "voters")
    for _ in range(2):
        assert set(warned(classifier, dataset)) == {FingerprintWarning}
