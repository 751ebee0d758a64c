"""Tables of pandas, polars and Arrow alike: by name inside voters, told where they differ."""

import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.partition import hash_rows

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

ENSEMBLES = [
    DPAClassifier(n_partitions=5),
    FiniteAggregationClassifier(n_partitions=5, spreading_degree=2),
    BaggingCertifiedClassifier(n_estimators=5, max_samples=30, random_state=0),
]
LIBRARIES = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "arrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "batch": lambda frame: pa.RecordBatch.from_pandas(frame, preserve_index=False),
}
every_library = pytest.mark.parametrize("hold", LIBRARIES.values(), ids=LIBRARIES)


def scikit_learn_finds_columns(hold):
    """Old releases find columns of old polars alone, and stack no polars with sparse ones."""
    try:
        table = hold(pd.DataFrame({"a": [1.0], "b": [2.0]}))
        make_column_transformer(("passthrough", ["a"]), (OneHotEncoder(), ["b"])).fit(table)
    except (AttributeError, TypeError, ValueError):
        return hold in (LIBRARIES["arrow"], LIBRARIES["batch"])  # voters get those as pandas'
    return True


by_name = pytest.mark.parametrize(
    "hold", [LIBRARIES[name] for name in LIBRARIES if scikit_learn_finds_columns(LIBRARIES[name])]
)


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.normal(size=200).round(1),
            "colour": rng.choice(["red", "green", "blue"], size=200),
            "count": rng.integers(0, 5, size=200),
            "wet": rng.random(200) < 0.5,
            "seen": pd.date_range("2024-01-01", periods=200),
        }
    )
    frame.loc[::9, "size"] = np.nan
    frame.loc[::7, "colour"] = None
    return frame


@pytest.fixture(scope="module")
def y(frame):
    return np.where(frame["colour"] == "red", "stop", "go")


MODEL = make_pipeline(
    make_column_transformer(
        (SimpleImputer(), ["size"]),
        (OneHotEncoder(handle_unknown="ignore"), ["colour"]),
        ("passthrough", ["count", "wet"]),
    ),
    LogisticRegression(),
)


@by_name
@pytest.mark.parametrize("ensemble", ENSEMBLES, ids=lambda e: type(e).__name__)
def test_voters_find_columns_by_name(ensemble, hold, frame, y):
    expected = ensemble.set_params(estimator=MODEL).fit(frame, y).votes(frame)
    table = hold(frame)
    labels = pl.Series(y.tolist()) if isinstance(table, pl.DataFrame) else pa.array(y.tolist())
    fitted = ensemble.fit(table, labels)
    np.testing.assert_array_equal(fitted.votes(table), expected)
    np.testing.assert_array_equal(hash_rows(table), hash_rows(frame))
    assert fitted.n_features_in_ == 5 and fitted.feature_names_in_.tolist() == list(frame.columns)
    assert fitted.score(table, labels) == 1
    assert fitted.certified_accuracy(table, labels, 0) <= 1


@by_name
def test_columns_are_compared_by_name(hold, frame, y):
    fitted = DPAClassifier(MODEL, n_partitions=3).fit(hold(frame), y)
    for wrong, message in (
        (frame[frame.columns[::-1]], "same order"),
        (frame.drop(columns="wet"), "(?s)now missing.*wet"),
        (frame.rename(columns={"wet": "dry"}), "(?s)unseen at fit time.*dry"),
        (frame.assign(dry=1), "(?s)unseen at fit time.*dry"),
    ):
        with pytest.raises(ValueError, match=message):
            fitted.predict(hold(wrong))


@pytest.mark.parametrize(
    "names", [[0, 1, 2], [2.5, 1.5, 0.5], [("a", 1), ("a", 2), ("b", 1)], list("abc")], ids=repr
)
def test_columns_of_other_names_are_compared_too(names):
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)))
    X.columns = pd.Index(names, tupleize_cols=False)
    fitted = DPAClassifier(n_partitions=3).fit(X, [0, 1] * 30)
    fitted.predict(X)
    unnamed = X.set_axis([np.nan, 1, 2], axis=1)
    DPAClassifier(n_partitions=3).fit(unnamed, [0, 1] * 30).predict(unnamed.copy())
    with pytest.raises(ValueError, match="same order"):
        fitted.predict(X[X.columns[[1, 0, 2]]])
    with pytest.raises(ValueError, match="(?s)unseen at fit time.*7.*now missing"):
        fitted.predict(
            X.set_axis([7, *X.columns[1:]], axis=1)
            if names[0] == 0
            else X.set_axis(
                ["7", *X.columns[1:]] if isinstance(names[0], str) else [7, 8, 9], axis=1
            )
        )
    refitted = fitted.fit(X.to_numpy(), [0, 1] * 30)
    refitted.predict(X.to_numpy())
    assert not hasattr(refitted, "feature_names_in_")


@every_library
def test_names_that_repeat_are_refused(hold, frame, y):
    X = frame[["size", "count", "size"]]
    if hold is LIBRARIES["polars"]:
        return  # has no such frames
    table = X if hold is LIBRARIES["pandas"] else pa.table([[1, 2]] * 3, names=list(X.columns))
    with pytest.raises(InvalidInputError, match="2 columns named 'size'"):
        DPAClassifier().fit(table, y[: table.shape[0]])


@by_name
def test_empty_tables_are_refused(hold, frame, y):
    with pytest.raises(ValueError, match="0 sample"):
        DPAClassifier().fit(hold(frame[:0]), [])
    fitted = DPAClassifier(MODEL, n_partitions=2).fit(hold(frame), y)
    with pytest.raises(ValueError, match="0 sample"):
        fitted.predict(hold(frame[:0]))


def test_what_is_not_computed_yet_is_refused(frame, y):
    with pytest.raises(InvalidInputError, match=r"LazyFrame .* collect\(\) first"):
        DPAClassifier().fit(pl.from_pandas(frame).lazy(), y)
    dask = pytest.importorskip("dask.dataframe")
    for classifier in (CertifiedKNN(), BaggingCertifiedClassifier()):
        with pytest.raises(InvalidInputError, match=r"compute\(\) first"):
            classifier.fit(dask.from_pandas(frame, npartitions=2), y)


TEXTS = [f"{('good', 'bad')[i % 2]} {i}" for i in range(60)]
TEXT_HOLDERS = [list, tuple, np.array, lambda t: np.array(t, dtype=object), pd.Series, pd.Index]
TEXT_HOLDERS += [pl.Series, pa.array, lambda t: pa.chunked_array([t[:9], t[9:]])]
TEXT_HOLDERS += [lambda t: pd.Series(t, dtype="string[pyarrow]")]
TEXT_HOLDERS += [
    lambda t: pa.array(t).dictionary_encode(),
    lambda t: pd.Series(t, dtype="category"),
]
TEXT_HOLDERS += [lambda t: pl.Series(t, dtype=pl.Categorical)]


@pytest.mark.parametrize("hold", TEXT_HOLDERS)
@pytest.mark.parametrize("ensemble", ENSEMBLES, ids=lambda e: type(e).__name__)
def test_texts_of_every_library(ensemble, hold):
    y = [i % 2 for i in range(60)]
    ensemble.set_params(estimator=make_pipeline(TfidfVectorizer(), MultinomialNB()))
    expected = ensemble.fit(TEXTS, y).votes(TEXTS)
    fitted = ensemble.fit(hold(TEXTS), y)
    np.testing.assert_array_equal(fitted.votes(hold(TEXTS)), expected)


@pytest.mark.parametrize("missing", [None, ""])
@pytest.mark.parametrize("hold", [pd.Series, pl.Series, pa.array])
def test_a_missing_text_is_named_by_its_row(hold, missing):
    y, texts = [i % 2 for i in range(60)], [*TEXTS[:9], missing, *TEXTS[10:]]
    model = DPAClassifier(make_pipeline(TfidfVectorizer(), MultinomialNB()), n_partitions=3)
    fitted = model.fit(TEXTS, y)
    if missing is None:
        for use in (lambda: fitted.predict(hold(texts)), lambda: model.fit(hold(texts), y)):
            with pytest.raises(InvalidInputError, match="row 9 is"):
                use()
        with pytest.raises(InvalidInputError, match="row 0 is"):
            fitted.predict(pd.Series([None, None], dtype=object))
    else:
        fitted.predict(hold(texts))


@by_name
def test_rows_of_another_kind_than_in_fit_are_one_sentence(hold, frame, y):
    texts, y_texts = pd.DataFrame({"text": TEXTS}), [i % 2 for i in range(60)]
    on_table = DPAClassifier(MODEL, n_partitions=2).fit(hold(frame), y)
    on_texts = DPAClassifier(make_pipeline(TfidfVectorizer(), MultinomialNB()), n_partitions=2)
    on_texts.fit(TEXTS, y_texts)
    with pytest.raises(InvalidInputError, match="one text per row, but .* fitted on a table"):
        on_table.predict(TEXTS)
    with pytest.raises(InvalidInputError, match=r"is a table, but .* X\['text'\]"):
        on_texts.predict(hold(texts))
    with pytest.raises(InvalidInputError, match="rows of shape .* fitted on one text per row"):
        on_texts.predict(np.zeros((3, 2)))
    with pytest.raises(InvalidInputError, match=r"rows of shape \(5, 3\), but .* on a table"):
        on_table.predict(np.zeros((4, 5, 3)))


@every_library
def test_tables_may_be_asked_of_what_was_fitted_on_an_array(hold):
    X = np.random.default_rng(0).normal(size=(60, 3))
    fitted = DPAClassifier(n_partitions=3).fit(X, [0, 1, 2] * 20)
    table = hold(pd.DataFrame(X, columns=list("abc")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.testing.assert_array_equal(fitted.votes(table), fitted.votes(X))
        with pytest.raises(ValueError, match="expecting 3 features"):
            fitted.predict(hold(pd.DataFrame(X[:, :2], columns=list("ab"))))


@by_name
def test_a_voter_that_writes_to_its_rows_changes_no_other(hold, frame, y):
    table = hold(frame)
    before = hash_rows(table)
    fitted = DPAClassifier(MODEL, n_partitions=3).fit(table, y)
    fitted.predict(table)
    np.testing.assert_array_equal(hash_rows(table), before)


def test_categories_of_polars_and_arrow_are_the_texts_they_stand_for():
    # the dictionaries hold the texts of all rows
    texts = ["b", "a", "b", "c"] * 15
    kinds = []

    class Look(GaussianNB):
        def fit(self, X, y):
            kinds.append(str(X["text"].dtype))
            return super().fit(np.zeros((len(X), 1)), y)

    y = [0, 1] * 30
    DPAClassifier(Look(), n_partitions=2).fit(
        pl.DataFrame({"text": texts, "i": range(60)}).cast({"text": pl.Categorical}), y
    )
    table = pa.table({"text": pa.array(texts).dictionary_encode(), "i": list(range(60))})
    DPAClassifier(Look(), n_partitions=2).fit(table, y)
    assert kinds[:2] == ["String"] * 2 and set(kinds[2:]) <= {"str", "object"}


def test_no_library_is_needed_or_imported():
    code = (
        "import sys, numpy as np, sklearn_certify as c;"
        "c.DPAClassifier(n_partitions=2).fit([[0.], [1.]], [0, 1], groups=['a', 'b']);"
        "print([m for m in ('polars', 'pyarrow', 'pandas') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded_by_scikit_learn = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, sklearn.pipeline, sklearn.linear_model;"
            "print([m for m in ('polars', 'pyarrow', 'pandas') if m in sys.modules])",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout == loaded_by_scikit_learn.stdout
