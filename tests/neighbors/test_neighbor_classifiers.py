"""Certified nearest neighbours as scikit-learn classifiers."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neighbors import KNeighborsClassifier, RadiusNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklearn_certify._compat import InvalidParameterError
from sklearn_certify._compute.seeds import seeded_clone
from sklearn_certify.exceptions import InvalidInputError, OutlierWarning
from sklearn_certify.neighbors import CertifiedKNN, CertifiedRNN, _knn
from sklearn_certify.pipelines import certified_accuracy, certified_radius
from sklearn_certify.report._settings import make
from sklearn_certify.testing import check_soundness
from sklearn_certify.threat import THREAT_MODELS

BOTH = [CertifiedKNN(15), CertifiedRNN(150, outlier_label=3)]
both = pytest.mark.parametrize("classifier", BOTH, ids=lambda c: type(c).__name__)

CHECKED = [
    CertifiedKNN(),
    CertifiedKNN(3, "euclidean", threat_model="delete"),
    CertifiedKNN(4, "canberra", threat_model="modify", n_jobs=2),
    CertifiedRNN(),
    CertifiedRNN(1.5, "chebyshev", threat_model="label_flip"),
    CertifiedRNN(0.8, "minkowski", metric_params={"p": 3}),
]


@pytest.mark.filterwarnings("ignore:random_state has no effect:FutureWarning")
@parametrize_with_checks(CHECKED)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def test_predictions_are_those_of_scikit_learn(digits):
    X, y, queries, _ = digits
    for k in (1, 10):
        other = KNeighborsClassifier(k, metric="manhattan").fit(X, y)
        counts = np.rint(other.predict_proba(queries) * k)
        equal = (CertifiedKNN(k).fit(X, y).vote_counts(queries) == counts).all(axis=1)
        assert equal.mean() > 0.9  # the others have neighbours at equal distances
    other = RadiusNeighborsClassifier(150, metric="manhattan", outlier_label=3).fit(X, y)
    ours = CertifiedRNN(150, outlier_label=3).fit(X, y)
    np.testing.assert_array_equal(ours.predict(queries), other.predict(queries))


def test_one_fit_serves_many_settings(digits):
    X, y, queries, _ = digits
    knn, rnn = CertifiedKNN(1).fit(X, y), CertifiedRNN(1, outlier_label=0).fit(X, y)
    for changed, parameters in (
        (knn, {"n_neighbors": 40}),
        (knn, {"n_neighbors": 7, "threat_model": "delete"}),
        (rnn, {"radius": 160}),
        (rnn, {"radius": 120.5, "threat_model": "modify", "n_jobs": 1}),
    ):
        again = clone(changed).set_params(**parameters).fit(X, y)
        expected = again.predict_certified(queries)
        result = changed.set_params(**parameters).predict_certified(queries)
        np.testing.assert_array_equal(result, expected)
    for changed, name, value in ((knn, "n_neighbors", 0), (rnn, "radius", -1)):
        with pytest.raises(InvalidParameterError, match=name):
            changed.set_params(**{name: value}).predict(queries)


@pytest.mark.parametrize(
    "classifier, name, values",
    [
        (CertifiedKNN(), "n_neighbors", [1, 21]),
        (CertifiedRNN(1.0, outlier_label=0), "radius", [1.0, 150]),
    ],
)
def test_grid_search_for_certified_accuracy(classifier, name, values, digits):
    X, y, queries, truth = digits
    search = GridSearchCV(
        classifier, {name: values}, scoring=certified_accuracy(poison_size=5), cv=2
    ).fit(X[:400], y[:400])
    assert search.best_params_ == {name: values[1]}
    assert search.best_score_ > 0.4
    assert (certified_radius(search, queries) >= 5).mean() > 0.4
    pipeline = make_pipeline(Normalizer("max"), CertifiedKNN(11))
    scores = cross_val_score(pipeline, X, y, cv=2, scoring=certified_accuracy(poison_size=3))
    assert scores.min() > 0.7


@both
def test_pickles_are_small_and_vote_alike(classifier, digits):
    X, y, queries, _ = digits
    classifier = clone(classifier).fit(X, y)
    stored = pickle.dumps(classifier)
    assert len(stored) < 1.1 * X.size * 8 + 8 * len(y) + 5000
    expected = classifier.predict_certified(queries)
    np.testing.assert_array_equal(pickle.loads(stored).predict_certified(queries), expected)


@both
def test_what_is_refused(classifier, digits):
    X, y, queries, _ = digits
    X = X[:100].copy()
    y = y[:100]
    with pytest.raises(TypeError, match="[Ss]parse data was passed"):
        clone(classifier).fit(csr_array(X), y)
    with pytest.raises(TypeError, match="[Ss]parse data was passed"):
        clone(classifier).fit(X, y).predict(csr_array(queries))
    for missing in (np.nan, np.inf):
        X[3, 2] = missing
        with pytest.raises(ValueError, match="contains (NaN|infinity)"):
            clone(classifier).fit(X, y)
        with pytest.raises(ValueError, match="contains (NaN|infinity)"):
            clone(classifier).fit(X[4:], y[4:]).predict(X)
    with pytest.raises(ValueError, match="requires y to be passed"):
        clone(classifier).fit(X[4:], None)
    with pytest.raises(NotFittedError):
        clone(classifier).predict(queries)


@both
def test_a_metric_must_exist_and_fit_the_rows(classifier, digits):
    X, y, _, _ = digits
    with pytest.raises(InvalidParameterError, match="'metric' parameter .*'manhattan'.*'cosyne'"):
        clone(classifier).set_params(metric="cosyne").fit(X, y)
    for metric, parameters in (
        ("haversine", None),
        ("mahalanobis", None),
        ("seuclidean", {"V": [1.0, 2.0]}),
        ("manhattan", {"q": 3}),
    ):
        wrong = clone(classifier).set_params(metric=metric, metric_params=parameters)
        with pytest.raises(InvalidInputError, match=f"metric='{metric}' .* cannot compare rows"):
            wrong.fit(X, y)


@both
def test_a_failed_fit_changes_nothing(classifier, digits):
    X, y, queries, _ = digits
    classifier = clone(classifier).fit(X[:200], y[:200])
    expected, names = classifier.predict_certified(queries), set(vars(classifier))
    classifier.set_params(metric="haversine")
    with pytest.raises(InvalidInputError):
        classifier.fit(X[:, :5], y)
    classifier.set_params(metric="manhattan", classes=[0, 1])
    with pytest.raises(InvalidInputError, match="labels that classes lacks: .2, 3, 4"):
        classifier.fit(X[:, :5], y)
    classifier.set_params(classes=None)
    assert set(vars(classifier)) == names
    np.testing.assert_array_equal(classifier.predict_certified(queries), expected)


@both
def test_fixed_classes_are_rivals_without_votes(classifier, digits):
    X, y, queries, _ = digits
    keep = y < 4
    fixed = clone(classifier).set_params(classes=range(10)).fit(X[keep], y[keep])
    free = clone(classifier).fit(X[keep], y[keep])
    assert fixed.classes_.tolist() == list(range(10))
    assert fixed.vote_counts(queries)[:, 4:].max() == 0
    np.testing.assert_array_equal(fixed.predict(queries), free.predict(queries))
    assert (fixed.certified_radius(queries) >= free.certified_radius(queries)).all()
    with pytest.raises(InvalidInputError, match="classes is .* call fit again"):
        free.set_params(classes=range(10)).certified_radius(queries)


@both
def test_tables_and_text_labels(classifier, digits):
    X, y, queries, _ = digits
    names = np.array(["zero one two three four five six seven eight nine".split()]).ravel()
    table = pd.DataFrame(X, columns=[f"pixel {i}" for i in range(64)])
    outlier = {"outlier_label": "three"} if "outlier_label" in classifier.get_params() else {}
    named = clone(classifier).set_params(**outlier).fit(table, pd.Series(names[y]))
    assert named.feature_names_in_.tolist() == table.columns.tolist()
    assert named.n_samples_fit_ == len(X)
    plain = clone(classifier).fit(X, y)
    counts = named.vote_counts(pd.DataFrame(queries, columns=table.columns))
    order = [named.classes_.tolist().index(name) for name in names]
    if isinstance(classifier, CertifiedRNN):  # ties in distance do not matter to it
        np.testing.assert_array_equal(counts[:, order], plain.vote_counts(queries))
    assert (named.predict(table) == names[y]).mean() > 0.9
    assert "feature_names_in_" not in vars(named.fit(X, names[y]))


def test_one_class():
    X = np.arange(12.0).reshape(6, 2)
    for classifier in (CertifiedKNN(3), CertifiedRNN(5)):
        labels, radii = classifier.fit(X, np.full(6, 7)).predict_certified(X[:2])
        assert labels.tolist() == [7, 7] and (radii >= 1).all()
        fixed = clone(classifier).set_params(classes=[7]).fit(X, np.full(6, 7))
        assert (fixed.certified_radius(X[:2]) > radii).all()


def test_more_neighbors_than_rows():
    X, y = np.arange(5.0)[:, None], np.array([0, 0, 0, 0, 1])
    for threat_model, radius in {"insert": 2, "delete": 2, "insert_delete": 2, "modify": 1}.items():
        classifier = CertifiedKNN(99, classes=[0, 1], threat_model=threat_model).fit(X, y)
        assert classifier.vote_counts([[0.0]]).tolist() == [[4, 1]]
        assert classifier.certified_radius([[0.0]]).tolist() == [
            min(radius + 1, 3) if radius == 2 else 1
        ]


@both
def test_the_metric_is_that_of_fit(classifier, digits):
    X, y, queries, _ = digits
    classifier = clone(classifier).fit(X[:100], y[:100])
    votes = classifier.vote_counts(queries)
    for name, value in (("metric", "chebyshev"), ("metric_params", {"p": 2})):
        before = getattr(classifier, name)
        classifier.set_params(**{name: value})
        with pytest.raises(InvalidInputError, match=f"{name} is .* call fit again"):
            classifier.predict(queries)
        classifier.set_params(**{name: before})
    np.testing.assert_array_equal(classifier.vote_counts(queries), votes)


def test_an_empty_neighborhood():
    X, y = np.array([[0.0], [1.0], [9.0]]), np.array([2, 2, 4])
    far = np.array([[0.5], [99.0]])
    with pytest.warns(OutlierWarning, match=r"Some rows .* radius=1\.0 .* outlier_label") as caught:
        labels, radii = CertifiedRNN(1.0).fit(X, y).predict_certified(far)
    assert len(caught) == 1 and caught[0].filename == __file__
    assert labels.tolist() == [2, 2] and radii.tolist() == [1, 0]
    classifier = CertifiedRNN(1.0).fit(X, y)
    for warns in (
        lambda: classifier.predict(far),
        lambda: classifier.predict_proba(far),
        lambda: classifier.certify(far, 1),
        lambda: classifier.certified_accuracy(far, [2, 4], 1, joint=True),
        lambda: certified_accuracy(poison_size=1)(classifier, far, [2, 4]),
        lambda: make_scorer(accuracy_score)(classifier, far, [2, 4]),
    ):
        with pytest.warns(OutlierWarning, match="Some rows") as caught:
            warns()
        assert len(caught) == 1 and caught[0].filename == __file__
    for outlier_label, classes in ((4, [2, 4]), (3, [2, 3, 4]), (-1, [-1, 2, 4])):
        classifier = CertifiedRNN(1.0, outlier_label=outlier_label).fit(X, y)
        assert classifier.classes_.tolist() == classes
        assert classifier.vote_counts(far).sum(axis=1).tolist() == [2, 0]
        assert classifier.predict(far).tolist() == [2, outlier_label]
        assert classifier.certified_radius(far).tolist() == [1, 0]
        accuracy = classifier.certified_accuracy(far, [2, outlier_label], [0, 1, 2], joint=True)
        assert accuracy.tolist() == [1, 0.5, 0]
        classifier.set_params(outlier_label=0)
        with pytest.raises(InvalidInputError, match="outlier_label is 0 but was .* call fit again"):
            classifier.predict(far)


def test_the_training_rows_must_not_name_the_outlier_label():
    X, far = np.array([[0.0], [0.1], [9.0]]), [[99.0]]
    for y in (["a", "a", "b"], [1, 1, 2]):
        with pytest.raises(InvalidInputError, match="an attacker can change; name a label"):
            CertifiedRNN(outlier_label="most_frequent").fit(X, y)
    named = CertifiedRNN(outlier_label="most_frequent")
    assert named.fit(X, ["a", "a", "most_frequent"]).predict(far).tolist() == ["most_frequent"]
    named = named.set_params(classes=["a", "b", "most_frequent"])
    assert named.fit(X, ["a", "a", "b"]).predict(far).tolist() == ["most_frequent"]


@both
def test_what_may_change_after_fit_and_what_not(classifier, digits):
    X, y, queries, _ = digits
    classifier = clone(classifier).fit(X[:200], y[:200])
    expected = classifier.predict_certified(queries)
    free = {"n_neighbors": 3, "radius": 99.0, "threat_model": "delete", "n_jobs": 1}
    free = {**free, "verbose": 1}
    fixed = {"metric": "euclidean", "metric_params": {"p": 2}, "classes": list(range(10))}
    fixed = {**fixed, "outlier_label": 7, "transformer": Normalizer()}
    parameters = {**classifier.get_params()}
    del parameters["random_state"]  # has no effect at all
    assert set(parameters) <= {*free, *fixed}
    for name, before in parameters.items():
        if name in free:
            changed = classifier.set_params(**{name: free[name]}).predict_certified(queries)
            anew = clone(classifier).fit(X[:200], y[:200]).predict_certified(queries)
            np.testing.assert_array_equal(changed, anew)
        else:
            classifier.set_params(**{name: fixed[name]})
            for use in (classifier.predict, classifier.vote_counts, classifier.certified_radius):
                with pytest.raises(InvalidInputError, match=f"^{name} is .* call fit again"):
                    use(queries)
        classifier.set_params(**{name: before})
    np.testing.assert_array_equal(classifier.predict_certified(queries), expected)


@both
def test_a_nested_parameter_of_the_transformer_is_fixed_too(classifier, digits):
    X, y, queries, _ = digits
    classifier = clone(classifier).set_params(transformer=Normalizer()).fit(X[:99], y[:99])
    with pytest.raises(InvalidInputError, match="transformer__norm is 'l1' but was 'l2'"):
        classifier.set_params(transformer__norm="l1").predict(queries)


def test_an_outlier_label_is_of_the_labels_kind():
    X, y = np.zeros((4, 1)), np.array(["a", "a", "b", "b"])
    assert CertifiedRNN(outlier_label="unknown").fit(X, y).predict([[9.0]]) == ["unknown"]
    objects = CertifiedRNN(outlier_label="unknown").fit(X, y.astype(object))
    assert objects.predict([[9.0]]) == ["unknown"]
    large = np.array([2**53, 2**53 + 1, 5, 5])
    for outlier_label, labels in (
        (-1, y),
        (-1, y.astype(object)),
        ("x", [1, 1, 2, 2]),
        (0.5, [1, 1, 2, 2]),
        (-0.5, large),  # as floats, two of the labels would be one
        (-1, [True, True, False, False]),
    ):
        with pytest.raises(InvalidInputError, match=f"outlier_label={outlier_label!r} must be of"):
            CertifiedRNN(outlier_label=outlier_label).fit(X, labels)
    assert len(CertifiedRNN(outlier_label=-1).fit(X, large).classes_) == 4
    assert CertifiedRNN(outlier_label=-1).fit(X, np.uint8([1, 1, 2, 2])).classes_[0] == -1
    with pytest.raises(InvalidParameterError, match="outlier_label"):
        CertifiedRNN(outlier_label=np.nan).fit(X, [1, 1, 2, 2])


def test_joint_accuracy_of_radius_neighbors_is_higher(digits):
    X, y, queries, truth = digits
    for threat_model in ("insert_delete", "modify"):
        classifier = CertifiedRNN(150, outlier_label=0, threat_model=threat_model).fit(X, y)
        sizes = [0, 10, 30]
        alone = classifier.certified_accuracy(queries, truth, sizes)
        joint = classifier.certified_accuracy(queries, truth, sizes, joint=True)
        assert (joint >= alone).all() and joint[2] > alone[2] and joint[0] == alone[0]


@pytest.mark.parametrize("threat_model", THREAT_MODELS)
def test_joint_accuracy_of_k_neighbors_is_higher(threat_model, digits):
    X, y, queries, truth = digits
    classifier = CertifiedKNN(30, threat_model=threat_model).fit(X, y)
    sizes = [0, 5, 10, 14]
    alone = classifier.certified_accuracy(queries, truth, sizes)
    joint = classifier.certified_accuracy(queries, truth, sizes, joint=True)
    assert (joint >= alone).all() and joint[2] > alone[2] and joint[0] == alone[0]


def test_joint_accuracy_of_k_neighbors_from_few_labels(digits, monkeypatch):
    X, y, queries, truth = digits
    classifier = CertifiedKNN(20, threat_model="delete").fit(X, y)
    sizes = [0, 5, 10, 20]
    alone = classifier.certified_accuracy(queries, truth, sizes)
    joint = classifier.certified_accuracy(queries, truth, sizes, joint=True)
    monkeypatch.setattr(_knn, "_MOST_LABELS", 25 * len(queries))
    fewer = classifier.certified_accuracy(queries, truth, sizes, joint=True)
    assert (joint >= fewer).all() and (joint > fewer).any() and (fewer >= alone).all()


@both
def test_a_random_state_is_accepted_for_a_while(classifier, digits):
    X, y, queries, _ = digits
    expected = clone(classifier).fit(X, y).predict_certified(queries)
    for seed in (0, None, np.random.RandomState(3)):
        given = clone(classifier).set_params(random_state=seed)
        with pytest.warns(FutureWarning, match="random_state has no effect .* 0.3") as caught:
            given.fit(X, y)
        assert len(caught) == 1 and caught[0].filename == __file__
        np.testing.assert_array_equal(given.predict_certified(queries), expected)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nobody has given it to these
        clone(classifier).fit(X, y)
        seeded_clone(classifier, 7).fit(X, y)
        assert check_soundness(classifier, X[:60], y[:60], n_attacks=2)
        make(type(classifier), {"random_state": 1, "n_jobs": 1}).fit(X, y)
    with pytest.raises(InvalidParameterError, match="random_state"):
        clone(classifier).set_params(random_state="0").fit(X, y)


@both
def test_progress_is_that_of_the_transformer(classifier, digits, capfd):
    X, y, queries, _ = digits
    for transformer, told in ((None, False), (Normalizer(), True)):
        classifier = clone(classifier).set_params(transformer=transformer, verbose=10)
        classifier.fit(X[:50], y[:50])
        assert ("transformed" in "".join(capfd.readouterr())) is told
        classifier.vote_counts(queries)
        assert ("transformed" in "".join(capfd.readouterr())) is told
        classifier.set_params(verbose=0).fit(X[:50], y[:50])
        assert "".join(capfd.readouterr()) == ""


@both
def test_zero_jobs_are_refused(classifier, digits):
    X, y, queries, _ = digits
    with pytest.raises(ValueError, match="n_jobs"):
        clone(classifier).set_params(n_jobs=0).fit(X, y).predict(queries)
