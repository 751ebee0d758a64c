"""Hidden layers of perceptrons and of torch networks, alone, frozen and in pipelines."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.extmath import softmax
from threadpoolctl import threadpool_limits

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
    certified_radius,
)
from sklearn_certify._compat import InvalidParameterError
from sklearn_certify.audit import find_unsound_steps
from sklearn_certify.exceptions import InvalidInputError, UnsoundPipelineError
from sklearn_certify.sanitize import HiddenLayerTransformer, SpectralSignatureFilter

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def perceptron(*sizes, **params):
    return MLPClassifier(sizes or (7, 5), **{"max_iter": 5, **params})


def values_of(fitted_network, layer, X):
    frozen = FrozenEstimator(fitted_network)
    return HiddenLayerTransformer(frozen, layer).fit(X, np.arange(len(X)) % 2).transform(X)


@parametrize_with_checks(
    [
        HiddenLayerTransformer(MLPClassifier((5,), max_iter=20)),
        HiddenLayerTransformer(
            make_pipeline(StandardScaler(), MLPClassifier((5, 4), max_iter=20)), layer=0
        ),
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_activations_lead_to_the_prediction(digits, activation):
    X, y, X_test, _ = digits
    hidden = HiddenLayerTransformer(perceptron(activation=activation)).fit(X, y)
    network = hidden.estimator_
    values = hidden.transform(X_test)
    assert values.shape == (200, 5)
    scores = values @ network.coefs_[-1] + network.intercepts_[-1]
    np.testing.assert_allclose(softmax(scores), network.predict_proba(X_test))
    first = values_of(network, 0, X_test)
    assert first.shape == (200, 7)
    np.testing.assert_array_equal(values_of(network, -2, X_test), first)
    np.testing.assert_array_equal(values_of(network, 1, X_test), values)
    np.testing.assert_array_equal(hidden.set_params(layer=0).transform(X_test), values)  # not yet
    np.testing.assert_array_equal(hidden.fit(X, y).transform(X_test), first)


def test_kinds_of_rows(digits):
    X, y, X_test, _ = digits
    expected = HiddenLayerTransformer(perceptron()).fit(X, y).transform(X_test)
    images = HiddenLayerTransformer(perceptron()).fit(X.reshape(-1, 8, 8), y)
    np.testing.assert_allclose(images.transform(X_test.reshape(-1, 8, 8)), expected)
    with pytest.raises(InvalidInputError, match="rows of shape"):
        images.transform(X_test.reshape(-1, 8, 4, 2))
    columns = [f"pixel {i}" for i in range(64)]
    frame = HiddenLayerTransformer(perceptron()).fit(pd.DataFrame(X, columns=columns), y)
    assert frame.feature_names_in_.tolist() == columns
    np.testing.assert_allclose(frame.transform(pd.DataFrame(X_test, columns=columns)), expected)
    scattered = HiddenLayerTransformer(perceptron()).fit(csr_matrix(X), y)
    np.testing.assert_allclose(scattered.transform(csr_matrix(X_test)), expected, atol=1e-6)
    assert frame.get_feature_names_out().tolist() == [
        f"hiddenlayertransformer{i}" for i in range(5)
    ]


def test_pipelines_searches_and_frozen_networks(digits):
    X, y, X_test, _ = digits
    pipeline = make_pipeline(StandardScaler(), perceptron(random_state=3)).fit(X, y)
    scaler, network = pipeline
    expected = (
        HiddenLayerTransformer(FrozenEstimator(network))
        .fit(scaler.transform(X), y)
        .transform(scaler.transform(X_test))
    )
    search = GridSearchCV(pipeline, {"mlpclassifier__alpha": [1e-4]}, cv=2)
    for estimator in (
        FrozenEstimator(pipeline),
        make_pipeline(FrozenEstimator(scaler), FrozenEstimator(network)),
        make_pipeline(make_pipeline(FrozenEstimator(pipeline))),
        FrozenEstimator(search.fit(X, y)),
    ):
        hidden = HiddenLayerTransformer(estimator).fit(X[:50], y[:50])
        np.testing.assert_allclose(hidden.transform(X_test), expected)
    texts = ["a b", "b c", "c d", "d a"] * 5
    words = make_pipeline(TfidfVectorizer(token_pattern=r"\w"), perceptron())
    hidden = HiddenLayerTransformer(words)
    assert hidden.fit_transform(texts, np.arange(20) % 2).shape == (20, 5)


def test_the_seed_decides(digits):
    X, y, X_test, _ = digits
    first = HiddenLayerTransformer(perceptron(), random_state=1).fit(X, y)
    np.random.seed(5)
    second = clone(first).fit(X, y)
    np.testing.assert_array_equal(second.transform(X_test), first.transform(X_test))
    again = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(again.transform(X_test), first.transform(X_test))
    other = clone(first).set_params(random_state=2).fit(X, y)
    assert not np.array_equal(other.transform(X_test), first.transform(X_test))
    assert first.estimator.random_state is None
    assert not hasattr(first.estimator, "coefs_")


@pytest.mark.parametrize(
    ("estimator", "layer", "message"),
    [
        (perceptron(), 2, "none of the network's 2 hidden layers"),
        (perceptron(), -3, "none of the network's 2 hidden layers"),
        (MLPClassifier((), max_iter=5), -1, "none of the network's 0 hidden layers"),
        (perceptron(), "fc1", "layers of an MLPClassifier are numbered"),
        (LogisticRegression(), -1, "LogisticRegression has no hidden layers"),
        (make_pipeline(LogisticRegression()), -1, "LogisticRegression has no hidden layers"),
    ],
)
def test_layers_that_are_not_there(digits, estimator, layer, message):
    X, y, _, _ = digits
    hidden = HiddenLayerTransformer(estimator, layer=layer)
    with pytest.raises(InvalidInputError, match=message):
        hidden.fit(X[:60], y[:60])
    assert not hasattr(hidden, "estimator_")


def test_misuse(digits):
    X, y, _, _ = digits
    with pytest.raises(NotFittedError):
        HiddenLayerTransformer(perceptron()).transform(X)
    with pytest.raises(NotFittedError):
        HiddenLayerTransformer(FrozenEstimator(perceptron())).fit(X, y)
    with pytest.raises(InvalidInputError, match="y is None"):
        HiddenLayerTransformer(perceptron()).fit(X, None)
    for params in ({"estimator": 3}, {"layer": 0.5}, {"random_state": "a"}):
        with pytest.raises(InvalidParameterError):
            HiddenLayerTransformer(**{"estimator": perceptron(), **params}).fit(X, y)


# ---- torch


@pytest.fixture(scope="module")
def torch():
    pytest.importorskip("skorch")
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def make_network(torch):
    import skorch

    class Convolution(torch.nn.Module):
        """For 8 x 8 images with one channel; not every part has its place in the forward pass."""

        def __init__(self):
            super().__init__()
            self.body = torch.nn.Sequential(
                torch.nn.Conv2d(1, 3, 3), torch.nn.ReLU(), torch.nn.Dropout(0.5)
            )
            self.unused = torch.nn.Linear(2, 2)
            self.memory = torch.nn.LSTM(6, 2, batch_first=True)
            self.head = torch.nn.Sequential(torch.nn.Linear(108, 10), torch.nn.Softmax(dim=-1))

        def forward(self, X):
            seen = self.body(X)
            self.memory(seen[:, 0])
            return self.head(seen.flatten(1))

    def make(**params):
        return skorch.NeuralNetClassifier(
            Convolution,
            **{
                "max_epochs": 1,
                "batch_size": 64,
                "train_split": None,
                "verbose": 0,
                "classes": list(range(10)),
                **params,
            },
        )

    return make


@pytest.fixture(scope="module")
def images(digits):
    X, y, X_test, _ = digits
    return X.reshape(-1, 1, 8, 8)[:300] / 16, y[:300].astype(np.int64), X_test.reshape(-1, 1, 8, 8)


def forward(torch, network, X, layer):
    with torch.no_grad():
        return layer(network.module_.eval(), torch.from_numpy(X.astype(np.float32))).numpy()


def test_layers_of_a_module(torch, make_network, images):
    X, y, X_test = images
    network = make_network().fit(X.astype(np.float32), y)
    for layer, part in (
        (0, lambda module, rows: module.body[0](rows)),
        ("body.0", lambda module, rows: module.body[0](rows)),
        (1, lambda module, rows: module.body(rows)),
        ("body", lambda module, rows: module.body(rows)),
        ("head.0", lambda module, rows: module.head[0](module.body(rows).flatten(1))),
        ("head", lambda module, rows: module(rows)),
    ):
        values = values_of(network, layer, X_test)
        expected = forward(torch, network, X_test, part).reshape(200, -1)
        np.testing.assert_allclose(values, expected, rtol=1e-5, atol=1e-5)
    hooks = [part._forward_hooks for part in network.module_.modules()]
    assert not any(hooks)


def test_of_a_layer_that_is_called_twice_the_second_output_counts(torch, digits):
    import skorch

    class Twice(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.shared, self.output = torch.nn.Linear(64, 64), torch.nn.Linear(64, 10)

        def forward(self, X):
            return self.output(self.shared(self.shared(X)))

    X, y, X_test, _ = digits
    X_test = X_test.astype(np.float32)
    network = skorch.NeuralNetClassifier(Twice, max_epochs=1, train_split=None, verbose=0)
    network.set_params(criterion=torch.nn.CrossEntropyLoss).fit(X.astype(np.float32) / 16, y)
    expected = forward(
        torch, network, X_test, lambda module, rows: module.shared(module.shared(rows))
    )
    np.testing.assert_allclose(values_of(network, -1, X_test), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("body.9", "no layer 'body.9'; it has body, body.0, body.1"),
        (5, "none of the network's 5 hidden layers"),  # neither the output layer nor its softmax
        (-6, "none of the network's 5 hidden layers"),
        (3, "does not call its layer=3"),
        ("memory", "gives a tuple in place of a tensor"),
    ],
)
def test_layers_that_a_module_has_not(make_network, images, layer, message):
    X, y, _ = images
    with pytest.raises(InvalidInputError, match=message):
        HiddenLayerTransformer(make_network(), layer=layer).fit(X, y)


def test_networks_train_alike_for_a_seed(torch, make_network, images):
    X, y, X_test = images
    hidden = HiddenLayerTransformer(make_network(), layer="body")
    first = hidden.fit(X, y).transform(X_test)
    state = torch.get_rng_state()
    torch.rand(1)
    second = clone(hidden).fit(X, y).transform(X_test)
    np.testing.assert_array_equal(second, first)
    other = clone(hidden).set_params(random_state=1).fit(X, y).transform(X_test)
    assert not np.array_equal(other, first)
    torch.set_rng_state(state)


def test_frozen_networks_in_a_filter(make_network, images):
    X, y, _ = images
    network = make_network().fit(X.astype(np.float32), y)
    before = [weights.detach().clone() for weights in network.module_.parameters()]
    hidden = HiddenLayerTransformer(FrozenEstimator(network), layer="body")
    spectral = SpectralSignatureFilter(hidden).fit(X, y)
    direct = SpectralSignatureFilter(hidden.fit(X, y).transform).fit(X, y)
    np.testing.assert_allclose(spectral.suspicion_, direct.suspicion_)
    for old, new in zip(before, network.module_.parameters(), strict=True):
        assert old.equal(new)


NO_TORCH = """
import sys
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier
from sklearn_certify.sanitize import HiddenLayerTransformer
X, y = load_iris(return_X_y=True)
network = MLPClassifier((4,), max_iter=20, tol=1)
assert HiddenLayerTransformer(network).fit_transform(X, y).shape == (150, 4)
assert not {"torch", "skorch"} & set(sys.modules)
"""


def test_perceptrons_need_no_torch():
    done = subprocess.run([sys.executable, "-c", NO_TORCH], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# ---- frozen: each row alone


def frozen_layers(kind, torch, make_network, images):
    X, y, _ = images
    if kind == "torch":
        network = make_network().fit(np.float32(X), y)
        return HiddenLayerTransformer(FrozenEstimator(network), layer="body")
    flat = X.reshape(len(X), -1)
    return HiddenLayerTransformer(FrozenEstimator(perceptron(activation=kind).fit(flat, y)))


@pytest.mark.parametrize("kind", ["torch", "identity", "logistic", "tanh", "relu"])
def test_a_row_goes_alone_to_the_last_bit(kind, torch, make_network, images):
    hidden = frozen_layers(kind, torch, make_network, images)
    X = images[2]
    expected = hidden.fit(X).transform(X)
    far = np.concatenate([1e4 * X[:3], X[:50], np.zeros_like(X[:2])])
    np.testing.assert_array_equal(hidden.transform(far)[3:53], expected[:50])
    np.testing.assert_array_equal(hidden.transform(X[::-1])[::-1], expected)
    np.testing.assert_array_equal(hidden.transform(np.asfortranarray(X)), expected)
    for row in (0, 7, 199):
        np.testing.assert_array_equal(hidden.transform(X[row : row + 1])[0], expected[row])
    with threadpool_limits(2):
        np.testing.assert_array_equal(hidden.transform(X), expected)


@pytest.mark.parametrize("kind", ["torch", "relu"])
def test_a_frozen_network_needs_no_fit_and_no_labels(kind, torch, make_network, images):
    hidden = frozen_layers(kind, torch, make_network, images)
    X, y, X_test = images
    expected = hidden.transform(X_test)
    assert not hasattr(hidden, "n_features_in_")
    np.testing.assert_array_equal(clone(hidden).fit(X).transform(X_test), expected)
    np.testing.assert_array_equal(clone(hidden).fit(X, y).transform(X_test), expected)
    if kind != "torch":  # a class inside a function cannot be pickled
        again = pickle.loads(pickle.dumps(hidden))
        np.testing.assert_array_equal(again.transform(X_test), expected)
    with pytest.raises(InvalidInputError, match="hidden layers"):
        HiddenLayerTransformer(hidden.estimator, layer=9).transform(X)
    with pytest.raises(NotFittedError):
        HiddenLayerTransformer(FrozenEstimator(perceptron())).transform(X)


CERTIFIED = [
    DPAClassifier(n_partitions=5),
    FiniteAggregationClassifier(n_partitions=3, spreading_degree=2),
    BaggingCertifiedClassifier(n_estimators=200, max_samples=50, random_state=0),
    CertifiedKNN(9),
    CertifiedRNN(100, outlier_label=0),
]


@pytest.mark.parametrize("kind", ["torch", "relu"])
@pytest.mark.parametrize("classifier", CERTIFIED, ids=lambda c: type(c).__name__)
def test_frozen_layers_and_certified_classifiers(kind, classifier, torch, make_network, images):
    hidden = frozen_layers(kind, torch, make_network, images)
    X, y, X_test = images
    radii = clone(classifier).set_params(transformer=hidden).fit(X, y).certified_radius(X_test)
    assert radii.max() >= (0 if type(classifier) is CertifiedRNN else 1)
    fitted = FrozenEstimator(clone(hidden).fit(X))
    for step in (hidden, fitted, make_pipeline(fitted), fitted.estimator):
        in_front = make_pipeline(step, clone(classifier))
        assert not find_unsound_steps(in_front)
        behind = certified_radius(in_front.fit(X, y), X_test)
        if type(classifier) is CertifiedKNN:  # the others have other partitions
            np.testing.assert_array_equal(behind, radii)
        as_transformer = clone(classifier).set_params(transformer=step).fit(X, y)
        np.testing.assert_array_equal(as_transformer.certified_radius(X_test), radii)


def test_what_still_learns_or_may_mix_rows_is_refused(images):
    X, y, X_test = (rows.reshape(len(rows), -1) if rows.ndim > 1 else rows for rows in images)
    learning = HiddenLayerTransformer(perceptron())
    with pytest.raises(UnsoundPipelineError, match="HiddenLayerTransformer, which learns"):
        CertifiedKNN(transformer=learning).fit(X, y)
    with pytest.raises(UnsoundPipelineError, match="was fitted on all training rows"):
        certified_radius(make_pipeline(learning, CertifiedKNN()).fit(X, y), X_test)
    scaled = make_pipeline(StandardScaler(), perceptron()).fit(X, y)
    hidden = HiddenLayerTransformer(FrozenEstimator(scaled))
    with pytest.raises(UnsoundPipelineError, match="holds steps before its network"):
        certified_radius(make_pipeline(hidden, CertifiedKNN()).fit(X, y), X_test)
    assert CertifiedKNN(9, transformer=hidden).fit(X, y).certified_radius(X_test).max() >= 1


def test_a_block_of_rows_is_one_call(monkeypatch, torch, make_network, images):
    hidden = frozen_layers("torch", torch, make_network, images)
    sizes, transform = [], HiddenLayerTransformer.transform

    def counting(self, X):
        sizes.append(len(X))
        return transform(self, X)

    monkeypatch.setattr(HiddenLayerTransformer, "transform", counting)
    CertifiedKNN(transformer=FrozenEstimator(hidden.fit(images[0]))).fit(*images[:2])
    assert max(sizes) == 300 and len(sizes) <= 3


def test_torch_is_left_as_it_was(torch, make_network, images):
    hidden = frozen_layers("torch", torch, make_network, images).fit(images[0])
    state = torch.get_rng_state()
    hidden.transform(images[2])
    assert torch.equal(torch.get_rng_state(), state)
    assert not torch.are_deterministic_algorithms_enabled()


def test_iterators_that_give_other_batches_are_refused(torch, make_network, images):
    class Pairs(torch.utils.data.DataLoader):
        def __init__(self, dataset, batch_size):
            super().__init__(dataset, 2)

    network = make_network(iterator_valid=Pairs).fit(np.float32(images[0]), images[1])
    hidden = HiddenLayerTransformer(FrozenEstimator(network), layer="body")
    with pytest.raises(InvalidInputError, match="batches of several rows .* DataLoader"):
        hidden.transform(images[0])
