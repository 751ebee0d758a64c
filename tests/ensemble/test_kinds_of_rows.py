"""Rows of every kind go through the partition ensembles as they are."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import DPAClassifier
from sklearn_certify.exceptions import (
    VoterError,
)
from sklearn_certify.partition import hash_rows

from .cases import every_ensemble, fresh


@every_ensemble
def test_number_types_and_formats_partition_alike(ensemble, iris):
    X, y = iris
    X = (X.to_numpy() * 10).round()
    expected = fresh(ensemble).fit(X, y)
    forms = (X.astype(np.float32), X.astype(int), np.asfortranarray(X), sparse.csr_array(X))
    for form in (*forms, sparse.csc_matrix(X), pd.DataFrame(X), X.tolist()):
        fitted = fresh(ensemble).fit(form, y)
        np.testing.assert_array_equal(fitted.partition_, expected.partition_)
        assert (fitted.predict(form) == expected.predict(X)).mean() > 0.98


@every_ensemble
def test_frames_with_mixed_columns(ensemble):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.normal(size=200).round(1),
            "colour": rng.choice(["red", "green", "blue"], size=200),
            "shape": pd.Categorical(rng.choice(["round", "square"], size=200)),
            "count": pd.array(rng.integers(0, 5, size=200), dtype="Int64"),
            "seen": pd.date_range("2024-01-01", periods=200),
        },
        index=rng.permutation(200),
    )
    frame.loc[frame.index[::9], "size"] = np.nan
    y = np.where(frame["colour"] == "red", "stop", "go")
    model = make_pipeline(
        make_column_transformer(
            (SimpleImputer(), ["size"]),
            (OneHotEncoder(handle_unknown="ignore"), ["colour", "shape"]),
            ("passthrough", ["count"]),
        ),
        LogisticRegression(),
    )
    fitted = fresh(ensemble, estimator=model).fit(frame, y)
    assert fitted.score(frame, y) == 1
    assert list(fitted.feature_names_in_) == list(frame.columns)
    assert fitted.certified_radius(frame).min() >= 1
    shuffled = frame.sample(frac=1, random_state=0)
    again = fresh(ensemble, estimator=model).fit(
        shuffled, pd.Series(y, frame.index)[shuffled.index]
    )
    np.testing.assert_array_equal(again.votes(frame), fitted.votes(frame))
    with pytest.raises(ValueError, match="feature names should match"):
        fitted.predict(frame.drop(columns="seen"))


@every_ensemble
def test_images_stay_images(ensemble, digits):
    X, y, X_test, y_test = (part[:300] for part in digits)
    images, queries = X.reshape(-1, 8, 8), X_test.reshape(-1, 8, 8)

    def flatten(images):
        assert images.shape[1:] == (8, 8)
        return images.reshape(len(images), -1)

    model = make_pipeline(FunctionTransformer(flatten), RidgeClassifier())
    fitted = fresh(ensemble, estimator=model).fit(images, y)
    flat = fresh(ensemble).fit(X, y)
    np.testing.assert_array_equal(fitted.partition_, flat.partition_)
    np.testing.assert_array_equal(fitted.votes(queries), flat.votes(X_test))
    with pytest.raises(ValueError, match=r"rows of shape \(8, 7\)"):
        fitted.predict(queries[:, :, 1:])


@every_ensemble
@pytest.mark.parametrize("hold", [list, np.array, lambda t: np.array(t, dtype=object), pd.Series])
def test_texts(ensemble, hold):
    words = ["good fine great", "bad awful poor"]
    texts = [f"{words[i % 2]} {i} {'word ' * (i % 5)}" for i in range(90)]
    y = [i % 2 for i in range(90)]
    model = make_pipeline(TfidfVectorizer(), MultinomialNB())
    fitted = fresh(ensemble, estimator=model).fit(hold(texts), y)
    assert fitted.score(hold(texts), y) == 1
    np.testing.assert_array_equal(fitted.partition_, (hash_rows(texts) % np.uint64(6)).astype(int))
    assert not hasattr(fitted, "n_features_in_")


def test_refitting_on_texts_forgets_the_columns(iris):
    X, y = iris
    ensemble = DPAClassifier(n_partitions=3).fit(X, y)
    ensemble.set_params(estimator=make_pipeline(TfidfVectorizer(), MultinomialNB()))
    ensemble.fit(["a bc", "de f", "a de"], [0, 1, 0])
    assert not hasattr(ensemble, "n_features_in_") and not hasattr(ensemble, "feature_names_in_")
    with pytest.raises(ValueError, match="rows of shape"):
        ensemble.predict(X.to_numpy())


def test_queries_may_be_frames_when_rows_were_arrays(iris):
    X, y = iris
    ensemble = DPAClassifier(n_partitions=3).fit(X.to_numpy(), y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frame = X.rename(columns=dict(zip(X.columns, range(4), strict=True)))
        np.testing.assert_array_equal(ensemble.predict(frame), ensemble.predict(X.to_numpy()))


@every_ensemble
def test_missing_values_are_left_to_the_base_estimator(ensemble, iris):
    X, y = iris
    X = X.to_numpy().copy()
    X[::7, 1] = np.nan
    for model in (DecisionTreeClassifier(), make_pipeline(SimpleImputer(), GaussianNB())):
        assert fresh(ensemble, estimator=model).fit(X, y).score(X, y) > 0.85
    with pytest.raises(ValueError, match="contains NaN"):
        fresh(ensemble).fit(X, y)
    with pytest.raises(VoterError, match=r"voter 0 on its \d+ rows .*contains NaN"):
        fresh(ensemble, estimator=make_pipeline(StandardScaler(), GaussianNB())).fit(X, y)


def test_many_classes_need_wider_votes():
    X = np.arange(400.0)[:, None]
    fitted = DPAClassifier(DecisionTreeClassifier(), n_partitions=2).fit(X, np.arange(400) % 200)
    assert fitted.votes(X).dtype == np.int16
    assert fitted.vote_counts(X).sum() == 800


@pytest.mark.parametrize(
    "labels",
    [
        np.array([-1, 5]),
        np.array([0.0, 2.0]),
        np.array([False, True]),
        np.array(["no", "yes"]),
        np.array(["no", "yes"], dtype=object),
        pd.Categorical(["no", "yes"]),
    ],
)
def test_labels_of_every_kind(labels):
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = labels[(X[:, 0] > 0).astype(int)]
    fitted = DPAClassifier(n_partitions=4).fit(X, y)
    assert fitted.predict(X).dtype == fitted.classes_.dtype
    assert fitted.score(X, y) > 0.9


@every_ensemble
def test_bad_input_is_one_clear_error(ensemble, iris):
    X, y = iris
    cases = [
        ((X, y[:-1]), "inconsistent numbers of samples"),
        ((X, None), "requires y"),
        ((X, np.linspace(0, 1, len(y))), "Unknown label type: continuous"),
        ((X, np.where(y == "setosa", np.nan, 1.0)), "contains NaN"),
        ((X.iloc[:0], y[:0]), "0 sample"),
        ((X, y, y[:5]), "inconsistent numbers of samples"),
        ((X, y, np.where(y == "setosa", np.nan, 1.0)), "no name for 50 of the rows"),
        ((X, y, [None] + ["me"] * 149), "no name for 1 of the rows"),
        ((X, y, X), "should be a 1d array"),
        ((X["petal length (cm)"], y), "Expected 2D array|Expected a 2-dimensional"),
    ]
    for arguments, message in cases:
        with pytest.raises(ValueError, match=message):
            fresh(ensemble).fit(*arguments)
    fitted = fresh(ensemble).fit(X.to_numpy(), y)
    with pytest.raises(ValueError, match="3 features, but .* is expecting 4"):
        fitted.predict(X.to_numpy()[:, :3])
    with pytest.raises(ValueError, match="0 sample"):
        fitted.predict(X.to_numpy()[:0])


def test_sparse_rows_need_an_estimator_that_takes_them(iris):
    X, y = iris
    with pytest.raises(VoterError, match="voter 0 on its .* rows .*Sparse data was passed"):
        DPAClassifier(GaussianNB(), n_partitions=3).fit(sparse.csr_array(X), y)


def test_gradient_boosting_with_missing_values_and_categories():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"a": rng.normal(size=300), "b": pd.Categorical(rng.choice(list("xyz"), size=300))}
    )
    frame.loc[::5, "a"] = np.nan
    y = (frame["b"] == "x").astype(int)
    model = HistGradientBoostingClassifier(
        max_iter=5, min_samples_leaf=5, categorical_features="from_dtype"
    )
    assert DPAClassifier(model, n_partitions=3).fit(frame, y).score(frame, y) > 0.9
