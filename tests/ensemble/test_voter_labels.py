"""Labels of any kind, for estimators that take some kinds only."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from sklearn_certify import DPAClassifier, FiniteAggregationClassifier
from sklearn_certify.exceptions import VoterError, VoterWarning

N_CLASSES = 5
NAMES = np.array(["four", "one", "three", "two", "zero"])

LABELS = {
    "positions": lambda y: y,
    "texts": lambda y: NAMES[y],
    "objects": lambda y: NAMES.astype(object)[y],
    "gaps": lambda y: 3 * y - 7,
    "floats": lambda y: 2.0 * y,
    "small integers": lambda y: y.astype(np.int8),
    "truth values": lambda y: y > 1,
}
every_kind = pytest.mark.parametrize("kind", LABELS)
both = pytest.mark.parametrize("aggregation", ["plurality", "runoff"])


class Strict(ClassifierMixin, BaseEstimator):
    """Takes int64 labels 0, 1, 2, ... without a gap, as some libraries do."""

    def __init__(self, scores="predict_proba", column=False, priors=None):
        self.scores = scores
        self.column = column  # one prediction a row, in a column
        self.priors = priors

    def fit(self, X, y):
        if y.dtype != np.int64 or set(y) != set(range(len(set(y)))):
            raise TypeError(f"Expected: {list(range(len(set(y))))}, got {sorted(set(y))}")
        self.n_fits_ = getattr(self, "n_fits_", 0) + 1
        self.model_ = GaussianNB(var_smoothing=0.01).fit(X, y)
        self.classes_ = self.model_.classes_
        return self

    def predict(self, X):
        labels = self.model_.predict(X)
        return labels[:, np.newaxis] if self.column else labels

    def __getattr__(self, name):
        if name == "scores" or name != self.scores:
            raise AttributeError(name)
        return self.model_.predict_joint_log_proba if name != "predict_proba" else self._proba

    def _proba(self, X):
        return self.model_.predict_proba(X)


class Stubborn(Strict):
    """Takes its rows for labels, and so fails whatever the labels are."""

    def fit(self, X, y):
        super().fit(X, y)
        raise ArithmeticError("not even then")


@pytest.fixture(scope="module")
def rows(digits):
    """Few classes, of which many a voter lacks some."""
    X, y, X_test, y_test = digits
    X, y, X_test, y_test = X[y < 5], y[y < 5], X_test[y_test < 5], y_test[y_test < 5]
    rare = np.flatnonzero(y == 3)[8:]  # so that some voters have no row of this label
    X, y = np.delete(X, rare, axis=0), np.delete(y, rare)
    return X[:400], y[:400], X_test, y_test


def reference(aggregation, X, y):
    return DPAClassifier(
        GaussianNB(var_smoothing=0.01), n_partitions=9, aggregation=aggregation
    ).fit(X, y)


@both
@every_kind
def test_strict_estimators_learn_any_labels(kind, aggregation, rows):
    X, y, queries, truth = rows
    labels = LABELS[kind](y)
    for estimator in (
        Strict(),
        Strict(column=True),
        make_pipeline("passthrough", Strict()),
    ):
        ensemble = DPAClassifier(estimator, n_partitions=9, aggregation=aggregation)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            ensemble.fit(X, labels)
        expected = reference(aggregation, X, labels)
        np.testing.assert_array_equal(ensemble.votes(queries), expected.votes(queries))
        np.testing.assert_array_equal(ensemble.predict(queries), expected.predict(queries))
        np.testing.assert_array_equal(
            ensemble.certified_radius(queries), expected.certified_radius(queries)
        )
        for voter, other in zip(ensemble.estimators_, expected.estimators_, strict=True):
            np.testing.assert_array_equal(voter.classes_, other.classes_)
            assert voter.predict(queries[:3]).ravel().dtype.kind == labels.dtype.kind


def test_searches_inside_voters_learn_any_labels(rows):
    X, y, queries, truth = rows
    search = GridSearchCV(Strict(), {"column": [False, True]}, cv=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class with one row
        ensemble = DPAClassifier(search, n_partitions=4).fit(X, NAMES[y])
    assert (ensemble.predict(queries) == NAMES[truth]).mean() > 0.6


def test_voters_that_were_encoded_are_like_others(rows):
    X, y, queries, _ = rows
    ensemble = DPAClassifier(Strict(), n_partitions=9).fit(X, NAMES[y])
    voter = ensemble.estimators_[0]
    assert repr(voter) == "EncodedLabelsClassifier(estimator=Strict())"
    copy = pickle.loads(pickle.dumps(voter))
    np.testing.assert_array_equal(copy.predict_proba(queries), voter.predict_proba(queries))
    assert not hasattr(voter, "decision_function")
    own = DPAClassifier(Strict(), n_partitions=9).fit(X, y).estimators_
    kinds = [isinstance(v, Strict) for v in own]
    assert any(kinds) and not all(kinds)  # each voter decides for itself


def test_only_its_own_rows_decide_whether_a_voter_is_encoded(rows):
    """A row with a label that makes a gap changes one voter, and its kind, alone."""
    X, y, queries, _ = rows
    X, y = X[y != 3], np.where(y == 4, 3, y)[y != 3]  # no gaps at all
    ensemble = DPAClassifier(Strict(), n_partitions=5).fit(X, y)
    labels, radii = ensemble.predict_certified(queries)
    attacked = clone(ensemble).fit(np.vstack([X, queries[:1]]), np.append(y, 77))
    touched = [
        type(before) is not type(after)
        for before, after in zip(ensemble.estimators_, attacked.estimators_, strict=True)
    ]
    assert sum(touched) == 1
    np.testing.assert_array_equal(
        ensemble.votes(queries)[:, ~np.array(touched)],
        attacked.votes(queries)[:, ~np.array(touched)],
    )
    assert radii.max() >= 1
    found = attacked.predict(queries)
    np.testing.assert_array_equal(found[radii >= 1], labels[radii >= 1])


class Doubtful(Strict):
    """Answers -1, which is no label, where it is in doubt."""

    def predict(self, X):
        return np.where(X[:, 20] > 8, -1, super().predict(X))


def test_a_position_that_is_none_is_no_vote_for_the_last_label(rows):
    X, y, queries, _ = rows
    ensemble = DPAClassifier(Doubtful(), n_partitions=4, on_voter_error="abstain")
    ensemble.fit(X, NAMES[y])
    doubt = queries[:, 20] > 8
    assert 0 < doubt.sum() < len(doubt)
    assert (ensemble.votes(queries[~doubt]) >= 0).all()
    with pytest.raises(VoterError, match="it predicted -1, which is no position of a label"):
        ensemble.votes(queries[doubt])


def test_a_first_fit_that_works_is_the_only_one(rows, monkeypatch):
    X, y, _, _ = rows
    n_fits = 0
    fit = GaussianNB.fit

    def counted(self, X, y):
        nonlocal n_fits
        n_fits += 1
        return fit(self, X, y)

    monkeypatch.setattr(GaussianNB, "fit", counted)
    DPAClassifier(GaussianNB(), n_partitions=7).fit(X, NAMES[y])
    assert n_fits == 7


def test_if_both_fail_the_first_error_is_told(rows):
    X, y, _, _ = rows
    with pytest.raises(VoterError, match=r"Stubborn failed to fit .*TypeError: Expected"):
        DPAClassifier(Stubborn(), n_partitions=5).fit(X, NAMES[y])
    with pytest.raises(VoterError, match=r"All 5 voters .*TypeError: Expected"):
        DPAClassifier(Stubborn(), n_partitions=5, on_voter_error="abstain").fit(X, NAMES[y])


class Renames(GaussianNB):
    """Turns labels into texts without a word, as some libraries do with truth values."""

    def fit(self, X, y):
        return super().fit(X, y if y.dtype == np.int64 else y.astype(str))


@both
def test_estimators_that_rename_labels_are_understood(aggregation, rows):
    X, y, queries, _ = rows
    for labels in (y > 1, 2.0 * y):
        ensemble = DPAClassifier(Renames(), n_partitions=5, aggregation=aggregation)
        expected = DPAClassifier(GaussianNB(), n_partitions=5, aggregation=aggregation)
        np.testing.assert_array_equal(
            ensemble.fit(X, labels).predict(queries), expected.fit(X, labels).predict(queries)
        )


# ---- real libraries


def xgboost(**params):
    library = pytest.importorskip("xgboost")
    return library.XGBClassifier(n_estimators=4, **params)


def lightgbm(**params):
    library = pytest.importorskip("lightgbm")
    return library.LGBMClassifier(
        n_estimators=4, min_child_samples=2, verbose=-1, n_jobs=1, **params
    )


def catboost(**params):
    library = pytest.importorskip("catboost")
    return library.CatBoostClassifier(
        iterations=4, verbose=0, allow_writing_files=False, thread_count=1, **params
    )


def network(**params):
    torch = pytest.importorskip("torch")
    skorch = pytest.importorskip("skorch")

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(64, N_CLASSES)

        def forward(self, X):
            return self.layer(X.float() / 16)

    return skorch.NeuralNetClassifier(
        Net,
        criterion=torch.nn.CrossEntropyLoss,
        lr=0.3,
        max_epochs=25,
        train_split=None,
        verbose=0,
        **params,
    )


LIBRARIES = [xgboost, lightgbm, catboost, network]


@both
@every_kind
@pytest.mark.parametrize("library", LIBRARIES)
def test_libraries_learn_any_labels(library, kind, aggregation, rows):
    X, y, queries, truth = rows
    labels, truth = LABELS[kind](y), LABELS[kind](truth)
    ensemble = DPAClassifier(library(), n_partitions=4, aggregation=aggregation)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # that rows cannot be written to, for one
        assert ensemble.fit(X, labels).score(queries, truth) > 0.6
        assert ensemble.certified_radius(queries).max() >= 1
    again = clone(ensemble).fit(X, labels)
    np.testing.assert_array_equal(again.votes(queries), ensemble.votes(queries))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda e: make_pipeline(MinMaxScaler(feature_range=(0, 16)), e),
        lambda e: VotingClassifier([("a", e)], voting="soft"),
    ],
)
def test_libraries_inside_composites(library, wrap, rows):
    X, y, queries, truth = rows
    for aggregation in ("plurality", "runoff"):
        ensemble = FiniteAggregationClassifier(
            wrap(library()), n_partitions=2, spreading_degree=2, aggregation=aggregation
        )
        assert ensemble.fit(X, NAMES[y]).score(queries, NAMES[truth]) > 0.6


def test_a_network_warns_of_nothing(rows):
    """Not even through what hides it."""
    X, y, queries, _ = rows
    for estimator in (
        network(),
        make_pipeline(MinMaxScaler(copy=False), network()),
        GridSearchCV(network(), {"lr": [0.1]}, cv=2),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            DPAClassifier(estimator, n_partitions=2).fit(X, y).predict(queries)


def test_dead_boosters_do_not_predict_in_silence(rows):
    X, y, queries, _ = rows
    dead = xgboost(tree_method="no such thing")
    ensemble = DPAClassifier(dead, n_partitions=4, on_voter_error="abstain")
    with pytest.raises(VoterError, match="All 4 voters failed; the first: XGBClassifier failed"):
        ensemble.fit(X, y)


def test_a_network_with_too_few_outputs_is_told_so(rows):
    X, y, _, _ = rows
    with pytest.raises(VoterError, match=r"one output per label"):
        DPAClassifier(network(), n_partitions=2).fit(
            np.vstack([X, X[:90] + 1]), np.append(y, np.full(90, 5))
        )
    with pytest.warns(VoterWarning, match="1 of 2 voters"):
        DPAClassifier(network(), n_partitions=2, on_voter_error="abstain").fit(
            np.vstack([X, X[:1] + 1]), np.append(y, 5)
        )
