"""Whatever a user calls a learner becomes a fresh one, trained step by step, fixed by a seed."""

import sys

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Perceptron, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier

from sklearn_certify._compute.global_generators import seeded_global_generators
from sklearn_certify._training import ScaledNetwork, rows_for, takes_sparse_rows
from sklearn_certify._training._make import make_learner, probe_learner
from sklearn_certify.exceptions import InvalidInputError, MissingExtraError

X = np.random.RandomState(0).normal(size=(60, 12))
Y = np.arange(60) % 5


def make(learner, seed=0):
    with seeded_global_generators(seed, watch=False):
        return make_learner(learner, seed)


def answers(learner, seed=0):
    """What a learner says after one epoch."""
    with seeded_global_generators(seed, watch=False):
        model = make_learner(learner, seed)
        rows = X.astype(np.float32) if hasattr(model, "module") else X
        return model.partial_fit(rows, Y, classes=np.arange(5)).predict_proba(rows)


@pytest.fixture(scope="module")
def torch():
    pytest.importorskip("skorch")
    return pytest.importorskip("torch")


@pytest.fixture(scope="module")
def network(torch):
    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = torch.nn.Sequential(
                torch.nn.Linear(12, 16), torch.nn.ReLU(), torch.nn.Linear(16, 5)
            )

        def forward(self, X):
            return self.layers(X)

    return Network


@pytest.fixture(scope="module")
def around(torch):
    from skorch import NeuralNetClassifier

    return lambda module: NeuralNetClassifier(
        module, criterion=torch.nn.CrossEntropyLoss, train_split=None, max_epochs=1, verbose=0
    )


def test_learners_of_scikit_learn():
    given = MLPClassifier((8,), random_state=7)
    made = make(given, 3)
    assert made is not given and made.random_state == 3 and given.random_state == 7
    assert isinstance(make(None, 3), ScaledNetwork) and make(None, 3).random_state == 3
    assert isinstance(make(GaussianNB()), GaussianNB)
    made = make(lambda seed: MLPClassifier((4,), random_state=seed + 1), 3)
    assert made.random_state == 4


def test_the_seed_decides_whatever_the_kind(network, around):
    learners = {
        "none": None,
        "scikit-learn": MLPClassifier((8,)),
        "factory": lambda seed: MLPClassifier((8,), random_state=seed),
        "module": network(),
        "module class": network,
        "factory of modules": lambda seed: network(),
        "skorch": around(network),
    }
    for learner in learners.values():
        first = answers(learner)
        assert answers(learner).tobytes() == first.tobytes()
        assert answers(learner, 1).tobytes() != first.tobytes()
        assert first.shape == (60, 5)


def test_what_a_module_has_learned_is_forgotten(torch, network, around):
    plain, moved = network(), network()
    with torch.no_grad():
        for parameter in moved.parameters():
            parameter.add_(torch.rand_like(parameter))
    before = [parameter.detach().clone() for parameter in moved.parameters()]
    for wrap in (lambda module: module, around):
        assert answers(wrap(plain)).tobytes() == answers(wrap(moved)).tobytes()
    for parameter, value in zip(moved.parameters(), before, strict=True):
        assert torch.equal(parameter, value)  # the user's own is as it was


def test_weights_that_cannot_be_drawn_anew_are_refused(torch, network):
    class Token(network):
        def __init__(self):
            super().__init__()
            self.token = torch.nn.Parameter(torch.arange(12.0))

    with pytest.raises(InvalidInputError, match="weights token of the torch module cannot"):
        make(Token())
    assert make(Token).module.token.tolist() == list(range(12))


def test_a_factory_may_return_the_same_object_twice():
    shared = MLPClassifier((8,), random_state=0)
    first, again = make(lambda seed: shared), make(lambda seed: shared)
    assert first is not again and first is not shared
    first.partial_fit(X, Y, classes=np.arange(5))
    assert not hasattr(shared, "coefs_") and not hasattr(again, "coefs_")


def test_modules_need_skorch(network, monkeypatch):
    monkeypatch.setitem(sys.modules, "skorch", None)
    with pytest.raises(MissingExtraError, match=r"sklearn-certify\[torch\]"):
        make(network())


@pytest.mark.parametrize(
    ("learner", "message"),
    [
        (RandomForestClassifier(), "RandomForestClassifier has no partial_fit"),
        (Perceptron(), "Perceptron has no predict_proba"),
        (SGDClassifier(loss="hinge"), "SGDClassifier has no predict_proba"),
        (lambda seed: Perceptron(), "Perceptron has no predict_proba"),
        (lambda: GaussianNB(), r"called with a seed, learner\(seed\)"),
        (GaussianNB, "instance of GaussianNB, not the class"),
    ],
)
def test_learners_that_will_not_do(learner, message):
    with pytest.raises(InvalidInputError, match=message):
        make(learner)


def test_a_look_at_a_learner_leaves_no_trace(torch, network):
    module = network()
    torch.manual_seed(5)
    np.random.seed(5)
    expected = torch.rand(1), np.random.uniform()
    torch.manual_seed(5)
    np.random.seed(5)
    probe_learner(module)
    probe_learner(network)
    probe_learner(lambda seed: np.random.uniform() and GaussianNB())
    assert (torch.rand(1), np.random.uniform()) == expected


def test_rows_are_vectors_or_single_floats(network):
    images = X.reshape(60, 3, 4)
    assert rows_for(None, images).shape == (60, 12)
    assert rows_for(None, X) is X
    scattered = csr_matrix(X)
    assert rows_for(GaussianNB(), scattered) is scattered
    for held in (X, scattered):
        rows = rows_for(network, held)
        assert rows.dtype == np.float32 and rows.shape == (60, 12)
    assert rows_for(network, images).shape == (60, 3, 4)


def test_which_learners_take_sparse_rows(network, around):
    assert not takes_sparse_rows(GaussianNB())
    for learner in (None, MLPClassifier(), network, network(), around(network), lambda seed: None):
        assert takes_sparse_rows(learner)
