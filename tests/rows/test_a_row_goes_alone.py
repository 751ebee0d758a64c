"""Whatever one row holds, no voter but those of its partition notices, or it is refused."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
)

from .witness import Witness, describe, seen_by

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

N_ROWS = 48


def mixed_frame(rows):
    columns = list(zip(*rows, strict=True))
    return pd.DataFrame(
        {
            "number": pd.Series(columns[0], dtype="float64"),
            "count": pd.Series(columns[1], dtype="Int64"),
            "text": pd.Series(columns[2], dtype=object),
        }
    )


def polars_frame(rows):
    schema = {"number": pl.Float64, "count": pl.Int64, "text": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def arrow_table(rows):
    columns = list(zip(*rows, strict=True))
    text = pa.array(columns[2], pa.string()).dictionary_encode()
    return pa.table(
        {
            "number": pa.array(columns[0], pa.float64()),
            "count": pa.array(columns[1], pa.int64()),
            "text": text,
        }
    )


def objects(rows):
    cells = np.empty((len(rows), len(rows[0])), dtype=object)
    for place, row in enumerate(rows):
        cells[place] = row
    return cells


def one_text_per_row(hold):
    return lambda rows: hold([row[0] for row in rows])


NUMBERS = [[float(i % 7), i / 4] for i in range(N_ROWS)]
TEXTS = [[f"n{i}", f"c{i % 5}"] for i in range(N_ROWS)]
MIXED = [[i / 4, i, f"c{i % 5}"] for i in range(N_ROWS)]

# what holds rows, the clean ones, and what an attacker may try to put there
ODD_NUMBERS = [[1e300, 0.5], [-0.0, np.nan], [2.0**60, 3.0], [2**70, 1], [None, 1.0], ["x", 0.0]]
ODD_NUMBERS += [[True, False], [1, 2], [10**400, 1.0], [np.float32(0.1), 1], [b"x", 1.0]]
ODD_TEXTS = [["a much longer text", "x"], ["é\0", ""], [None, "red"], [3, "red"], [b"red", "x"]]
ODD_TEXTS += [["red", np.nan], [np.str_("red"), "x"], [pd.NA, "x"], [0.5, 1.5], [None, None]]
ODD_MIXED = [[1e300, 7, "a much longer text"], [None, None, None], [0.5, 2**60, "c1"]]
ODD_MIXED += [[np.nan, 1, "new"], ["x", 1, "c"], [0.5, 1, 3]]
CONTAINERS = {
    "floats": (lambda rows: np.array(rows, dtype=np.float64), NUMBERS, ODD_NUMBERS),
    "floats as NumPy likes": (np.array, NUMBERS, [[1e300, 0.5], [2, 3], [True, False]]),
    "small floats": (lambda rows: np.array(rows, dtype=np.float32), NUMBERS, ODD_NUMBERS),
    "other byte order": (lambda rows: np.array(rows, dtype=">f8"), NUMBERS, ODD_NUMBERS),
    "fortran": (lambda rows: np.asfortranarray(rows, dtype=np.float64), NUMBERS, ODD_NUMBERS),
    "images": (lambda rows: np.array(rows, dtype=float).reshape(-1, 1, 2), NUMBERS, ODD_NUMBERS),
    "turned images": (
        lambda rows: np.array(rows, dtype=float).T.copy().T.reshape(-1, 2, 1),
        NUMBERS,
        ODD_NUMBERS,
    ),
    "sparse": (lambda rows: sparse.csr_array(np.array(rows, float)), NUMBERS, ODD_NUMBERS),
    "sparse columns": (lambda rows: sparse.csc_matrix(np.array(rows, float)), NUMBERS, ODD_NUMBERS),
    "list of numbers": (list, NUMBERS, ODD_NUMBERS),
    "list of arrays": (lambda rows: [np.array(row) for row in rows], NUMBERS, ODD_NUMBERS),
    "tuples": (lambda rows: tuple(map(tuple, rows)), NUMBERS, ODD_NUMBERS),
    "homogeneous frame": (lambda rows: pd.DataFrame(rows, dtype=float), NUMBERS, ODD_NUMBERS),
    "texts U": (lambda rows: np.array(rows, dtype="U"), TEXTS, ODD_TEXTS),
    "texts S": (lambda rows: np.array(rows, dtype="S"), TEXTS, ODD_TEXTS),
    "texts 3d": (lambda rows: np.array(rows, dtype="U").reshape(-1, 2, 1), TEXTS, ODD_TEXTS),
    "list of texts": (list, TEXTS, ODD_TEXTS),
    "objects": (objects, MIXED, [*ODD_MIXED, [1, 2.5, True]]),
    "objects of texts": (objects, TEXTS, ODD_TEXTS),
    "list of one text": (one_text_per_row(list), TEXTS, ODD_TEXTS),
    "array of one text": (one_text_per_row(np.array), TEXTS, ODD_TEXTS),
    "bytes": (one_text_per_row(lambda t: np.array(t, dtype="S")), TEXTS, ODD_TEXTS),
    "series of texts": (one_text_per_row(lambda t: pd.Series(t, dtype=object)), TEXTS, ODD_TEXTS),
    "polars series": (one_text_per_row(lambda t: pl.Series(t, dtype=pl.String)), TEXTS, ODD_TEXTS),
    "arrow array": (one_text_per_row(lambda t: pa.array(t, pa.string())), TEXTS, ODD_TEXTS),
    "frame": (mixed_frame, MIXED, ODD_MIXED),
    "polars": (polars_frame, MIXED, ODD_MIXED),
    "polars categories": (
        lambda rows: polars_frame(rows).with_columns(pl.col("text").cast(pl.Categorical)),
        MIXED,
        ODD_MIXED,
    ),
    "arrow": (arrow_table, MIXED, ODD_MIXED),
}
if hasattr(getattr(np, "dtypes", None), "StringDType"):
    hold = lambda rows: np.array(rows, dtype=np.dtypes.StringDType())  # noqa: E731
    CONTAINERS["texts T"] = (hold, TEXTS, ODD_TEXTS)
LABELS = [i // 2 % 3 for i in range(N_ROWS)]
ENSEMBLES = {
    "dpa": DPAClassifier(Witness(), n_partitions=5),
    "dpa-sample": DPAClassifier(Witness(), n_partitions=5, partition_by="sample"),
    "fa": FiniteAggregationClassifier(Witness(), n_partitions=5, spreading_degree=2),
}
CASES = [
    pytest.param(kind, odd, id=f"{kind}-{odd}")
    for kind in CONTAINERS
    for odd in CONTAINERS[kind][2]
]


def poisoned(rows, labels, odd, threat_model):
    """A row is added at the end or in front, put in place of another, or removed."""
    if threat_model == "insert":
        return [*rows, odd], [*labels, 1], {N_ROWS}, set()
    if threat_model == "insert in front":
        return [odd, *rows], [1, *labels], {0}, set()
    if threat_model == "modify":
        return [*rows[:9], odd, *rows[10:]], [*labels[:9], 1, *labels[10:]], {9}, {9}
    return [*rows[:9], *rows[10:]], [*labels[:9], *labels[10:]], set(), {9}


def fit(ensemble, X, y, **params):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return type(ensemble)(**{**ensemble.get_params(deep=False), **params}).fit(X, y)


@pytest.mark.parametrize("threat_model", ["insert", "insert in front", "modify", "delete"])
@pytest.mark.parametrize(("kind", "odd"), CASES)
def test_an_odd_row_is_refused_or_goes_alone(kind, odd, threat_model):
    hold, rows, _ = CONTAINERS[kind]
    rows_after, labels_after, new, gone = poisoned(rows, LABELS, odd, threat_model)
    try:
        X_after = hold(rows_after)
    except (TypeError, ValueError, OverflowError, pa.ArrowException, pl.exceptions.PolarsError):
        return  # no such container can hold the row
    ensemble = ENSEMBLES["dpa"]
    before = fit(ensemble, hold(rows), LABELS)
    try:
        after = fit(ensemble, X_after, labels_after)
    except ValueError as error:
        assert threat_model != "delete"
        assert len(str(error)) < 400
        return
    touched = {*before.partition_[list(gone)], *after.partition_[list(new)]}
    compared = 0
    for voter, seen in enumerate(zip(seen_by(before), seen_by(after), strict=True)):
        if voter not in touched:
            assert seen[0] == seen[1]
            compared += seen[0] is not None
    assert compared >= 3


@pytest.mark.parametrize("ensemble", ENSEMBLES.values(), ids=ENSEMBLES)
@pytest.mark.parametrize("kind", CONTAINERS)
def test_the_order_of_rows_changes_nothing(kind, ensemble):
    hold, rows, _ = CONTAINERS[kind]
    order = np.random.default_rng(0).permutation(N_ROWS)
    before = fit(ensemble, hold(rows), LABELS)
    after = fit(ensemble, hold([rows[i] for i in order]), [LABELS[i] for i in order])
    assert seen_by(after) == seen_by(before)


LAYOUTS = {
    "C": lambda X: np.ascontiguousarray(X),
    "F": np.asfortranarray,
    "strided": lambda X: np.repeat(X, 2, axis=1)[:, ::2],
    "backwards": lambda X: X[::-1].copy()[::-1],
    "unaligned": lambda X: np.frombuffer(b"0" + X.tobytes(), X.dtype, offset=1).reshape(X.shape),
}


@pytest.mark.parametrize("shape", [(N_ROWS, 2), (N_ROWS, 2, 3), (N_ROWS, 1), (N_ROWS, 1, 1)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_in_memory_changes_nothing(layout, shape):
    X = np.random.default_rng(0).normal(size=shape)
    expected = fit(ENSEMBLES["dpa"], X, LABELS)
    again = fit(ENSEMBLES["dpa"], LAYOUTS[layout](X), LABELS)
    assert seen_by(again) == seen_by(expected)
    queries = LAYOUTS[layout](X)
    np.testing.assert_array_equal(expected.votes(queries), expected.votes(X))


def test_how_rows_came_is_remembered():
    # steps in front of the classifier may have summed them in another order
    X = np.random.default_rng(0).normal(size=(N_ROWS, 2))
    F = np.asfortranarray(X)
    for held, c_ordered in (
        (X, True),
        (F, False),
        (X[:, ::-1], False),
        (F[:, :1], True),
        (F.reshape(N_ROWS, 2, 1), False),
        (X.tolist(), True),
        (sparse.csr_array(X), True),
        (pd.DataFrame(X.T.copy().T).astype({0: object}), True),
        (pa.table({"a": X[:, 0], "b": X[:, 1]}), True),
        (pl.DataFrame(X), True),
    ):
        assert fit(ENSEMBLES["dpa"], held, LABELS)._row_form.c_ordered is c_ordered


@pytest.mark.parametrize("n_blocks", [1, 3])
def test_how_a_frame_was_put_together_changes_nothing(n_blocks):
    X = np.random.default_rng(0).normal(size=(N_ROWS, 3))
    frames = [
        pd.DataFrame(X, columns=list("abc")),
        pd.DataFrame(np.asfortranarray(X), columns=list("abc")),
        pd.DataFrame({name: X[:, j] for j, name in enumerate("abc")}),
        pd.concat([pd.DataFrame(part, columns=list("abc")) for part in (X[:7], X[7:])]),
    ]
    grown = frames[0][["a"]].copy()
    for name, column in zip("bc", X.T[1:], strict=True):
        grown[name] = column
    frames.append(grown)
    if n_blocks == 3:
        frames = [frame.astype({"a": "float32", "b": object}) for frame in frames]
    ensembles = [fit(ENSEMBLES["dpa"], frame, LABELS) for frame in frames]
    for ensemble in ensembles[1:]:
        assert seen_by(ensemble) == seen_by(ensembles[0])
        for frame in frames:
            np.testing.assert_array_equal(ensemble.votes(frame), ensembles[0].votes(frames[0]))


def test_how_an_arrow_table_or_polars_frame_was_put_together_changes_nothing():
    table, frame = arrow_table(MIXED), polars_frame(MIXED)
    tables = [table, pa.concat_tables([table.slice(0, 9), table.slice(9)])]
    frames = [frame, pl.concat([frame[:9], frame[9:]], rechunk=False)]
    for first, second in (tables, frames):
        expected, again = (fit(ENSEMBLES["dpa"], held, LABELS) for held in (first, second))
        assert seen_by(expected) == seen_by(again)
        np.testing.assert_array_equal(expected.votes(first), again.votes(second))


def test_the_description_tells_layouts_and_types_apart():
    X = np.arange(6.0).reshape(3, 2)
    held = [X, np.asfortranarray(X), X.astype(int), X.astype(object), X.astype("U5"), -0.0 * X]
    held += [X.astype("U9"), pd.DataFrame(X), pd.DataFrame(X).astype({0: object}), 0.0 * X]
    held += [pd.DataFrame(X, index=[3, 4, 5]), sparse.csr_array(X), X.reshape(3, 2, 1)]
    assert len(set(map(describe, held))) == len(held)


# ---- the cases that broke certificates


def fill_texts(X):
    X = X.copy()
    for unknown, missing in (("?", "missing"), (b"?", b"missing")):
        X[X[:, 0] == unknown, 0] = missing
    return X


@pytest.mark.parametrize("kind", ["U", "S", "O"])
@pytest.mark.parametrize(
    "ensemble",
    [
        DPAClassifier(n_partitions=10),
        FiniteAggregationClassifier(n_partitions=10, spreading_degree=2),
    ],
)
def test_one_long_text_breaks_no_certificate(ensemble, kind):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    X = np.c_[np.where(y == 1, "?", "red"), rng.integers(0, 50, 400).astype("U3")].astype(kind)
    longer = np.array([["a long colour", "999"]]).astype(kind)
    model = make_pipeline(
        FunctionTransformer(fill_texts),
        OneHotEncoder(handle_unknown="ignore"),
        LogisticRegression(),
    )
    before = fit(ensemble, X, y, estimator=model)
    labels, radii = before.predict_certified(X)
    assert (labels == y).mean() > 0.99 and (radii >= 1).mean() > 0.9
    after = fit(ensemble, np.vstack([X, longer]), np.append(y, 0), estimator=model)
    assert (after.predict(X) == labels)[radii >= 1].all()


@pytest.mark.parametrize(
    "ensemble",
    [
        DPAClassifier(LogisticRegression(), n_partitions=9, partition_by="sample"),
        BaggingCertifiedClassifier(n_estimators=20),
    ],
    ids=lambda e: type(e).__name__,
)
@pytest.mark.parametrize("odd", ["x", None, 2.5])
def test_a_list_of_labels_of_two_kinds_is_refused(ensemble, odd):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), rng.choice([2, 10], size=60)
    with pytest.raises(ValueError, match="mixes whole numbers|missing labels"):
        ensemble.fit(np.vstack([X, X[:1]]), [*y.tolist(), odd])


@pytest.mark.parametrize(
    "ensemble",
    [
        DPAClassifier(Witness(), n_partitions=5),
        FiniteAggregationClassifier(Witness(), n_partitions=5, spreading_degree=2),
    ],
)
@pytest.mark.parametrize(
    "names", [np.arange(N_ROWS) // 2, np.arange(N_ROWS) / 2, np.arange(N_ROWS) % 2 == 0]
)
def test_one_contributor_moves_no_other(ensemble, names):
    X = np.array(NUMBERS)
    before = ensemble.fit(X, LABELS, groups=names).partition_
    seen = seen_by(ensemble)
    X_after, y_after = np.vstack([X, [[1.0, 2.0]]]), [*LABELS, 1]
    after = ensemble.fit(X_after, y_after, groups=np.append(names, "mallory"))
    np.testing.assert_array_equal(after.partition_[:-1], before)
    touched = set(after.spread_[after.partition_[-1]])
    for voter, pair in enumerate(zip(seen, seen_by(after), strict=True)):
        assert voter in touched or pair[0] == pair[1]
