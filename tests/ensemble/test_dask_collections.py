"""Dask DataFrames and arrays as training rows: voters are those of a fit on the computed ones."""

from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.exceptions import CertifyWarning, DatasetError, InvalidInputError, VoterError
from sklearn_certify.partition import PartitionedDataset

da = pytest.importorskip("dask.array", reason="dask is in the extra [dask]")
dd = pytest.importorskip("dask.dataframe", reason="dask is in the extra [dask]")

RNG = np.random.default_rng(5)
X = RNG.normal(size=(120, 5)).round(2)
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
GROUPS = np.array([f"who {row % 30}" for row in range(120)], dtype=object)
TABLE = pd.DataFrame(X, columns=list("abcde"))
TABLE["city"] = np.where(X[:, 2] > 0, "Oslo", "Rome")
ENCODED = make_pipeline(
    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), DecisionTreeClassifier()
)
SAID = pytest.mark.filterwarnings("ignore:X is a collection of Dask")


def frames(npartitions=4):
    table = dd.from_pandas(TABLE, npartitions=npartitions)
    return table, dd.from_pandas(pd.Series(Y), npartitions=npartitions)


def arrays():
    return da.from_array(X, chunks=(50, 2)), da.from_array(Y, chunks=35)


def classifiers(estimator, **parameters):
    yield DPAClassifier(estimator, n_partitions=6, **parameters)
    yield FiniteAggregationClassifier(estimator, n_partitions=3, spreading_degree=2, **parameters)


def assert_same(fitted, expected, queries):
    np.testing.assert_array_equal(fitted.votes(queries), expected.votes(queries))
    np.testing.assert_array_equal(
        fitted.certified_radius(queries), expected.certified_radius(queries)
    )
    assert fitted.poison_unit_ == expected.poison_unit_


@SAID
@pytest.mark.parametrize("memory", [False, True])
@pytest.mark.parametrize("labels", ["collection", "memory"])
def test_votes_are_those_of_computed_rows(labels, memory, tmp_path):
    memory = tmp_path / "voters" if memory else None
    for rows, y, computed, estimator in (
        (*arrays(), X, DecisionTreeClassifier(max_features=2)),
        (*frames(), frames()[0].compute(), ENCODED),
    ):
        y = y if labels == "collection" else Y
        for classifier in classifiers(estimator, random_state=3):
            expected = classifier.fit(computed, Y)
            votes, radii = expected.votes(computed), expected.certified_radius(computed)
            fitted = classifier.set_params(memory=memory).fit(rows, y)
            np.testing.assert_array_equal(fitted.votes(computed), votes)
            np.testing.assert_array_equal(fitted.certified_radius(computed), radii)


@SAID
def test_groups_and_settings_mean_the_same():
    rows, y = arrays()
    for groups in (GROUPS, da.from_array(GROUPS, chunks=40)):
        for settings in ({}, {"partition_by": "sample", "classes": [0, 1, 2]}):
            for one, other in zip(
                classifiers(GaussianNB(), **settings),
                classifiers(GaussianNB(), **settings),
                strict=True,
            ):
                assert_same(one.fit(rows, y, groups), other.fit(X, Y, GROUPS), X)


def folder_that_was_named(recwarn):
    (warning,) = (w for w in recwarn if "collection of Dask" in str(w.message))
    assert warning.category is CertifyWarning and warning.filename == __file__
    return Path(str(warning.message).split("written to ")[1].split(" for this fit")[0])


@pytest.mark.parametrize("memory", [False, True])
def test_rows_are_in_a_folder_that_is_named_and_goes(memory, tmp_path, recwarn):
    memory = tmp_path / "kept" if memory else None
    DPAClassifier(GaussianNB(), n_partitions=6, memory=memory).fit(*arrays())
    folder = folder_that_was_named(recwarn)
    assert not folder.exists()
    assert memory is None or memory in folder.parents
    assert memory is None or not list(memory.rglob("*rows*"))


@SAID
def test_a_fit_that_fails_leaves_no_folder(tmp_path):
    classifier = DPAClassifier(GaussianNB(), n_partitions=6, memory=tmp_path)
    rows, y = arrays()
    for arguments in ((rows,), (rows, y[:60]), (rows, Y[:60]), (rows, y, GROUPS[:60])):
        with pytest.raises(InvalidInputError):
            classifier.fit(*arguments)
    with pytest.raises(VoterError):
        classifier.set_params(estimator=GaussianNB(priors=[0.5, 0.6])).fit(rows, y)
    assert not list(tmp_path.rglob("*rows*"))


def test_others_say_that_rows_must_be_in_memory():
    with pytest.raises(InvalidInputError, match=r"call its compute\(\) first. DPAClassifier and"):
        BaggingCertifiedClassifier(GaussianNB()).fit(*arrays())
    fitted = DPAClassifier(GaussianNB(), n_partitions=3).fit(X, Y)
    with pytest.raises(InvalidInputError, match=r"compute\(\) first"):
        fitted.predict(frames()[0])


def test_workers_without_the_folder_say_so(tmp_path):
    dataset = PartitionedDataset.write(tmp_path / "rows", (X, Y), 6)
    (tmp_path / "rows").rename(tmp_path / "elsewhere")
    with (
        joblib.parallel_config("sequential"),
        pytest.raises(DatasetError, match="on another machine"),
    ):
        PartitionedDataset.__setstate__(
            PartitionedDataset.__new__(PartitionedDataset), dataset.__getstate__()
        )


# ---- sources of data sets


def contents(dataset):
    """Return the rows of each partition, in no order."""
    for number in range(dataset.n_partitions):
        rows, y, groups = dataset.read(number)
        groups = [None] * len(y) if groups is None else groups
        yield sorted(map(str, zip(np.asarray(rows).tolist(), y.tolist(), groups, strict=True)))


def in_parts(array):
    """Return an array whose chunks are of unknown size."""
    frame = pd.DataFrame(array.reshape(len(array), -1))
    values = dd.from_pandas(frame, npartitions=4).values
    return values if array.ndim == 2 else values[:, 0]


ROWS = {
    "array": lambda: da.from_array(X, chunks=(50, 2)),
    "array of unknown sizes": lambda: in_parts(X),
    "frame": lambda: dd.from_pandas(TABLE[list("abcde")], npartitions=4),
    "memory": lambda: X,
}
LABELS = {
    "array": lambda: da.from_array(Y, chunks=35),
    "array of unknown sizes": lambda: in_parts(Y),
    "series": lambda: dd.from_pandas(pd.Series(Y), npartitions=4),
    "array of equal sizes": lambda: da.from_array(Y, chunks=30),
    "memory": lambda: Y,
    "list": lambda: Y.tolist(),
    "series in memory": lambda: pd.Series(Y, index=range(119, -1, -1)),
}
EQUAL = [
    ("array", "array"),
    ("array", "memory"),
    ("array", "list"),
    ("array", "series in memory"),
    ("array of unknown sizes", "array of unknown sizes"),
    ("array of unknown sizes", "series"),
    ("array of unknown sizes", "memory"),
    ("frame", "series"),
    ("frame", "array of unknown sizes"),
    ("frame", "array of equal sizes"),
    ("frame", "memory"),
    ("memory", "array"),
    ("memory", "series"),
]


@pytest.mark.parametrize("rows, labels", EQUAL)
def test_parts_of_collections_are_put_together(rows, labels, tmp_path, recwarn):
    expected = list(contents(PartitionedDataset.write(tmp_path / "a", (X, Y, GROUPS), 5)))
    source = (ROWS[rows](), LABELS[labels](), GROUPS)
    assert list(contents(PartitionedDataset.write(tmp_path / "b", source, 5))) == expected
    assert [str(warning.message) for warning in recwarn] == []


@pytest.mark.parametrize(
    "rows, y, said",
    [
        (arrays()[0], Y[:100], r"After 100 rows: .*numbers of rows: \[20, 0\]"),
        (arrays()[0], np.append(Y, 1), r"numbers of rows: \[120, 121\]"),
        (arrays()[0], arrays()[1][:50], r"numbers of rows: \[120, 50\]"),
        (frames()[0], frames(3)[1], r"numbers of partitions: \[4, 3\]; repartition"),
        (frames()[0], None, "Rows need labels"),
    ],
)
def test_parts_that_do_not_match_are_refused(rows, y, said, tmp_path):
    with pytest.raises(InvalidInputError, match=said):
        PartitionedDataset.write(tmp_path, (rows, y), 5)
    assert not list(tmp_path.iterdir())


def test_partitions_may_be_empty(tmp_path):
    table = dd.from_pandas(TABLE.assign(y=Y, row=range(120)), npartitions=4)
    few = table[table["row"] % 120 >= 90]
    dataset = PartitionedDataset.write(tmp_path / "a", few, 5, target="y")
    assert dataset.n_rows == 30
    dataset.append((few.drop(columns="y"), few["y"]))
    assert dataset.n_rows == 60
