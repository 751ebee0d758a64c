"""A network of skorch by itself: what decides it, what it leaves alone, what it is asked."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_certify.exceptions import InvalidInputError, LearnerError, MissingExtraError

from .modules import Convolution, Noisy, shared_settings, torch

skorch = pytest.importorskip("skorch")
from skorch.callbacks import EpochScoring  # noqa: E402
from skorch.dataset import ValidSplit  # noqa: E402

from sklearn_certify.networks import NetClassifier  # noqa: E402

NAMES = np.array([f"digit {i}" for i in range(10)])


@pytest.fixture(scope="module")
def images(digits):
    X, y, X_test, y_test = digits
    return X[:300].reshape(-1, 8, 8) / 16, NAMES[y[:300]], X_test.reshape(-1, 8, 8) / 16, y_test


def network(module=Convolution, **params):
    return NetClassifier(module, **{"max_epochs": 3, "random_state": 0, **params})


def weights_of(fitted):
    return [weights.detach().numpy().copy() for weights in fitted.module_.parameters()]


def same_weights(first, second):
    pairs = zip(weights_of(first), weights_of(second), strict=True)
    return all(np.array_equal(one, other) for one, other in pairs)


@pytest.mark.parametrize("module", [Convolution, Noisy, Convolution()])
def test_the_seed_decides(images, module):
    X, y, X_test, _ = images
    first = network(module).fit(X, y)
    torch.rand(1), np.random.uniform()  # what others draw has no say
    again = clone(first).fit(X, y)
    assert same_weights(first, again)
    np.testing.assert_array_equal(again.predict_proba(X_test), first.predict_proba(X_test))
    refitted = first.fit(X, y)  # nothing of the first fit is left
    assert same_weights(refitted, again)
    assert not same_weights(clone(first).set_params(random_state=1).fit(X, y), again)


@pytest.mark.parametrize("module", [Convolution, Noisy])
def test_what_all_share_is_left_as_it_was(images, module):
    X, y, X_test, _ = images
    before = shared_settings()
    fitted = network(module).fit(X, y)
    assert shared_settings() == before
    fitted.predict_proba(X_test), fitted.predict(X_test), fitted.partial_fit(X, y)
    assert shared_settings() == before
    with pytest.raises(LearnerError):
        network(module, lr=1e30).fit(X, y)
    assert shared_settings() == before


def test_flags_and_threads_of_the_user_stay_and_do_not_matter(images):
    X, y, _, _ = images
    expected, n_threads = network().fit(X, y), torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.backends.cudnn.benchmark = True
        before = shared_settings()
        other = network().fit(X, y)
        assert shared_settings() == before
    finally:
        torch.set_num_threads(n_threads)
        torch.use_deterministic_algorithms(False)
        torch.backends.cudnn.benchmark = False
    assert same_weights(expected, other)


class Looks(torch.nn.Linear):
    """Remembers whether kernels were deterministic."""

    seen = ()

    def forward(self, X):
        type(self).seen = (
            torch.are_deterministic_algorithms_enabled(),
            torch.backends.cudnn.deterministic,
            torch.get_num_threads(),
        )
        return super().forward(X)


def test_kernels_are_deterministic_inside(images):
    X, y, _, _ = images
    fitted = network(torch.nn.Sequential(torch.nn.Flatten(), Looks(64, 10))).fit(X, y)
    assert Looks.seen == (True, True, 1)
    Looks.seen = ()
    fitted.predict(X)
    assert Looks.seen[:2] == (True, True)


def test_labels_of_any_kind(images):
    X, y, X_test, y_test = images
    positions = np.searchsorted(NAMES, y)
    texts = network().fit(X, y)
    assert texts.classes_.tolist() == NAMES.tolist()
    numbers = network().fit(X, 10 * positions - 7)
    np.testing.assert_array_equal(numbers.predict(X_test), 10 * texts_as_numbers(texts, X_test) - 7)
    truth = network(max_epochs=15).fit(X, positions > 4)  # eight outputs have no label
    assert truth.predict_proba(X_test).shape == (200, 2)
    assert np.mean(truth.predict(X_test) == (y_test > 4)) > 0.7
    np.testing.assert_allclose(truth.predict_proba(X_test).sum(axis=1), 1, rtol=1e-5)


def texts_as_numbers(fitted, X):
    return np.searchsorted(NAMES, fitted.predict(X))


def test_a_fixed_set_of_labels(images):
    X, y, X_test, _ = images
    few = y < NAMES[5]
    own = network().fit(X[few], y[few])
    assert own.classes_.tolist() == NAMES[:5].tolist()
    every = network(classes=NAMES[::-1]).fit(X[few], y[few])
    assert every.classes_.tolist() == NAMES.tolist()
    assert every.predict_proba(X_test).shape == (200, 10)
    with pytest.raises(InvalidInputError, match="labels that classes lacks"):
        network(classes=NAMES[:3]).fit(X, y)
    one = network().fit(X[:2], np.array(["same", "same"]))
    assert set(one.predict(X_test)) == {"same"}


def test_steps_of_training(images):
    X, y, X_test, _ = images
    stepwise = network(max_epochs=1)
    for _ in range(3):
        stepwise.partial_fit(X, y, classes=NAMES)
    assert len(stepwise.history) == 3 and stepwise.classes_.tolist() == NAMES.tolist()
    again = network(max_epochs=1)
    for part in range(3):
        torch.rand(part)
        again.partial_fit(X, y, classes=NAMES)
    assert same_weights(stepwise, again)
    with pytest.raises(InvalidInputError, match="lacks"):
        again.partial_fit(X, np.full(len(X), "new"))
    warm = network(warm_start=True).fit(X, y).fit(X, y)
    assert len(warm.history) == 6


def test_an_instance_keeps_its_weights(images):
    X, y, _, _ = images
    module = Convolution()
    before = [weights.detach().clone() for weights in module.parameters()]
    fitted = network(module, lr=0.0).fit(X, y)
    assert all(map(torch.equal, module.parameters(), fitted.module_.parameters()))
    network(module).fit(X, y)
    assert all(map(torch.equal, module.parameters(), before))


def test_held_out_rows_and_scores_speak_of_one_kind_of_label(images):
    X, y, _, _ = images
    auc = EpochScoring("roc_auc_ovr", name="auc", lower_is_better=False)
    fitted = network(train_split=ValidSplit(3), callbacks=[auc]).fit(X, y)
    assert fitted.history[-1]["valid_acc"] > 0.3
    assert fitted.history[-1]["auc"] > 0.5
    assert fitted.classes_.tolist() == NAMES.tolist()


def test_pickles_searches_and_pipelines(images):
    X, y, X_test, y_test = images
    fitted = network().fit(X, y)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(X_test), fitted.predict_proba(X_test))
    again.partial_fit(X, y)
    search = GridSearchCV(
        network(), {"lr": [1e-6, 0.01], "module__n_channels": [2, 6]}, cv=2, error_score="raise"
    )
    assert search.fit(X, y).best_params_["lr"] == 0.01
    assert search.predict(X_test).shape == (200,)
    flat = X.reshape(-1, 64)
    linear = torch.nn.Linear(64, 10)
    table = make_pipeline(StandardScaler(), network(linear)).fit(flat, y)
    assert table.score(X_test.reshape(-1, 64), NAMES[y_test]) > 0.7
    assert cross_val_score(network(linear), flat, y, cv=2, error_score="raise").min() > 0.5
    shares = fitted.predict_proba(X_test)
    assert roc_auc_score(NAMES[y_test], shares, multi_class="ovr") > 0.8


def test_saved_weights_come_back(images, tmp_path):
    X, y, X_test, _ = images
    fitted = network(classes=NAMES).fit(X, y)
    fitted.save_params(tmp_path / "weights.pt")
    other = network(classes=NAMES).initialize()
    other.load_params(tmp_path / "weights.pt")
    np.testing.assert_array_equal(other.predict(X_test), fitted.predict(X_test))


def test_a_fit_that_fails_leaves_what_was_there(images):
    X, y, X_test, _ = images
    fitted = network().fit(X, y)
    before = fitted.predict_proba(X_test)
    with pytest.raises(LearnerError, match="diverged"):
        fitted.set_params(lr=1e30).fit(X, y)
    np.testing.assert_array_equal(fitted.predict_proba(X_test), before)


def test_modules_of_a_notebook_go_to_processes(images):
    cloudpickle = pytest.importorskip("cloudpickle")  # as joblib sends what it has

    class OfANotebook(torch.nn.Linear):
        pass

    X = images[0].reshape(-1, 64)
    fitted = network(OfANotebook, module__in_features=64, module__out_features=10)
    fitted.fit(X, images[1])
    there = pickle.loads(cloudpickle.dumps(fitted))
    np.testing.assert_array_equal(there.predict_proba(X), fitted.predict_proba(X))


NO_TORCH = """
import sys
import sklearn_certify.networks as networks
sys.modules["torch"] = None
assert "NetClassifier" in dir(networks)
try:
    networks.NetClassifier
except ImportError as error:
    print(type(error).__name__, error)
"""


def test_without_torch_one_sentence_says_what_to_install():
    done = subprocess.run([sys.executable, "-c", NO_TORCH], capture_output=True, text=True)
    expected = 'MissingExtraError NetClassifier needs torch and skorch: pip install "sklearn-'
    assert done.stdout.startswith(expected), done.stderr
    assert not done.stderr


def test_without_skorch_one_sentence_says_what_to_install(monkeypatch):
    import sklearn_certify.networks as networks

    monkeypatch.delitem(sys.modules, "sklearn_certify.networks._skorch_classifier")
    monkeypatch.setitem(sys.modules, "skorch", None)
    with pytest.raises(MissingExtraError, match=r"torch and skorch: pip install .*\[torch\]"):
        networks.NetClassifier  # noqa: B018
    assert networks.StackedNetClassifier.__name__ == "StackedNetClassifier"


def test_names_that_are_not_there():
    import sklearn_certify.networks as networks

    with pytest.raises(AttributeError, match="no attribute 'Net'"):
        networks.Net  # noqa: B018
