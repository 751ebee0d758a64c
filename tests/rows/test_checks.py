"""Rows become what voters get; their form is returned, and written on no estimator."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline

from sklearn_certify._rows import RowForm, check_rows
from sklearn_certify.exceptions import InvalidInputError

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

X = np.arange(12.0).reshape(4, 3)
FRAME = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2]})


class Anything(BaseEstimator):
    """Takes whatever comes."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = tags.input_tags.string = tags.input_tags.allow_nan = True
        return tags


def checked(held, taker=None, fitted=None):
    return check_rows(Anything(), held, taker or Anything(), fitted)


@pytest.mark.parametrize(
    ("held", "form"),
    [
        (X, RowForm((3,), None, True)),
        (np.asfortranarray(X), RowForm((3,), None, False)),
        (X.tolist(), RowForm((3,), None, True)),
        (X.reshape(2, 2, 3), RowForm((2, 3), None, True)),
        (sparse.csc_array(X), RowForm((3,), None, True)),
        (["a", "b"], RowForm((), None, True)),
        (FRAME, RowForm(None, ["a", "b", "c"], False)),
        (FRAME.set_axis([0, np.nan, 2], axis=1), RowForm(None, [0, None, 2], False)),
        (FRAME.assign(b="text"), RowForm(None, ["a", "b", "c"], True)),
        (pl.DataFrame(X, schema=["x", "y", "z"]), RowForm(None, ["x", "y", "z"], True)),
        (pa.table({"x": [1.0], "y": ["a"]}), RowForm(None, ["x", "y"], True)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_form_is_that_of_what_came(held, form):
    assert checked(held)[1] == form


@pytest.mark.parametrize("held", [X, X.tolist(), sparse.csr_array(X), FRAME, ["a", "b"]])
def test_nothing_is_written_on_estimators_but_what_scikit_learn_writes(held):
    estimator, taker = Anything(), Anything()
    _, form = check_rows(estimator, held, taker)
    assert set(vars(estimator)) <= {"n_features_in_", "feature_names_in_"}
    before = dict(vars(estimator))
    assert check_rows(estimator, held, taker, form)[1] is form
    assert vars(estimator).keys() == before.keys() and not vars(taker)


def test_texts_forget_the_columns_of_an_earlier_fit():
    estimator = Anything()
    check_rows(estimator, FRAME, Anything())
    assert estimator.n_features_in_ == 3 and estimator.feature_names_in_.tolist() == list("abc")
    check_rows(estimator, ["a", "b"], Anything())
    assert not vars(estimator)


def test_rows_as_voters_get_them():
    rows, _ = checked(np.asfortranarray(X))
    assert rows.flags.c_contiguous
    rows, _ = checked(np.array([["a", "bcd"], ["e", "f"]]))
    assert rows.dtype == object and rows.tolist() == [["a", "bcd"], ["e", "f"]]
    rows, _ = checked(["a", "bcd"])
    assert rows.dtype == object and rows.shape == (2,)
    untidy = sparse.csr_array((np.array([1.0, 0.0, 2.0]), [2, 1, 0], [0, 3]), shape=(1, 3))
    rows, _ = checked(untidy)
    assert rows.indices.tolist() == [0, 2] and rows.data.tolist() == [2.0, 1.0]
    assert untidy.nnz == 3  # a copy was put in order
    rows, _ = checked(FRAME.set_axis([7, 8, 9, 3]))
    assert rows.index.tolist() == [0, 1, 2, 3]


def test_the_taker_decides_whether_cells_may_be_missing():
    holes = np.where(X == 5, np.nan, X)
    for takes_them in (HistGradientBoostingClassifier(), make_pipeline(SimpleImputer())):
        assert np.isnan(checked(holes, takes_them)[0]).any()
    with pytest.raises(ValueError, match="contains NaN"):
        checked(holes, RidgeClassifier())
    with pytest.raises(ValueError, match="contains infinity"):
        checked(np.where(X == 5, np.inf, X), HistGradientBoostingClassifier())


@pytest.mark.parametrize(
    ("fitted", "asked", "message"),
    [
        (X.reshape(2, 2, 3), X.reshape(2, 3, 2), r"shape \(3, 2\), but .* shape \(2, 3\)"),
        (["a", "b"], FRAME, "is a table, but Anything was fitted on one text"),
        (["a", "b"], X, r"shape \(3,\), but Anything was fitted on one text per row"),
        (X, ["a", "b"], r"one text per row, but Anything was fitted on rows of shape \(3,\)"),
        (FRAME, ["a", "b"], "one text per row, but Anything was fitted on a table"),
        (FRAME, X.reshape(2, 3, 2), r"shape \(3, 2\), but Anything was fitted on a table"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_forms_are_one_sentence(fitted, asked, message):
    form = checked(fitted)[1]
    with pytest.raises(InvalidInputError, match=message):
        checked(asked, fitted=form)


def test_arrays_and_tables_of_as_many_columns_are_alike():
    rows, _ = checked(FRAME, fitted=checked(X)[1])
    assert type(rows) is np.ndarray and rows.tolist() == X.tolist()
    rows, _ = checked(X, fitted=checked(FRAME)[1])
    assert type(rows) is np.ndarray


def test_names_are_compared_as_they_are():
    form = RowForm(None, ["a", 2, None], True)
    form.compare_names(["a", 2, None])
    RowForm((3,), None, True).compare_names(["x"])  # fitted on an array: no names to compare
    for names, words in (
        (["a", 2, "None"], "unseen at fit time: 'None'. .* now missing: None"),
        ([2, "a", None], "must be in the same order"),
        (["a", 2], "now missing: None"),
    ):
        with pytest.raises(InvalidInputError, match=words):
            form.compare_names(names)
