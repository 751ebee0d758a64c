"""Stacked networks as classifiers: alone, in ensembles, in searches, when they fail."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from joblib import parallel_config
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch import nn

from sklearn_certify import (
    BaggingCertifiedClassifier,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.augmentation import RandomAffine
from sklearn_certify.exceptions import InvalidInputError, LearnerError, VoterError, VoterWarning
from sklearn_certify.learners import SeedEnsembleClassifier
from sklearn_certify.networks import (
    MultilayerPerceptron,
    SmallConvNet,
    StackedNetClassifier,
)
from sklearn_certify.testing import check_soundness

DIGITS, LABELS = load_digits(return_X_y=True)
DIGITS = DIGITS.astype(np.float32)
QUICK = {"n_epochs": 8, "n_stacked": 4}
NET = StackedNetClassifier(**QUICK)
IMAGES = StackedNetClassifier(image_shape=(8, 8), **QUICK)


@parametrize_with_checks(
    [
        StackedNetClassifier(n_epochs=30, n_stacked=1, learning_rate=0.01),
        StackedNetClassifier(n_epochs=30, n_stacked=3, optimizer="sgd", learning_rate=0.05),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_it_learns():
    net = StackedNetClassifier(image_shape=(8, 8), n_epochs=15, random_state=0)
    assert net.fit(DIGITS[:300], LABELS[:300]).score(DIGITS[300:], LABELS[300:]) > 0.85
    assert net.loss_ < 0.2 and not net.module_.training
    X, y = load_breast_cancer(return_X_y=True)
    table = StackedNetClassifier(n_epochs=10, random_state=0).fit(X[:300], y[:300])
    assert table.score(X[300:], y[300:]) > 0.93
    np.testing.assert_allclose(table.predict_proba(X).sum(axis=1), 1)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_steps_are_those_of_torchs_optimizers(optimizer):
    """One voter, every batch the same rows: what torch's own loop makes of the same weights."""
    X, y = DIGITS[:16] / 16, LABELS[:16]
    net = StackedNetClassifier(
        MultilayerPerceptron,
        n_epochs=20,
        optimizer=optimizer,
        learning_rate=0.01,
        schedule="constant",
        weight_decay=0.01,
        label_smoothing=0.1,
        normalize=False,
        n_stacked=1,
        random_state=3,
    )
    trained = net.fit(X, y).module_
    settings = net._settings(torch.device("cpu"))
    plain = net._trainee(X, y, 3, settings).module
    known = len(np.unique(y))
    steps = {
        "sgd": lambda weights: torch.optim.SGD(
            weights, 0.01, momentum=0.9, nesterov=True, weight_decay=0.01
        ),
        "adam": lambda weights: torch.optim.AdamW(weights, 0.01, weight_decay=0.01),
    }[optimizer](plain.parameters())
    targets = torch.from_numpy(np.unique(y, return_inverse=True)[1])
    for _ in range(20):
        steps.zero_grad()
        outputs = plain(torch.from_numpy(X))[:, :known]
        nn.functional.cross_entropy(outputs, targets, label_smoothing=0.1).backward()
        steps.step()
    for name, tensor in plain.state_dict().items():
        torch.testing.assert_close(trained.state_dict()[name], tensor, rtol=1e-3, atol=1e-5)


def test_batch_normalization_and_dropout_are_those_of_torch():
    def make(n_classes):
        return nn.Sequential(
            nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, n_classes)
        )

    net = StackedNetClassifier(make, n_stacked=2, n_epochs=3, schedule="constant", random_state=0)
    net.fit(DIGITS[:16], LABELS[:16])
    rows = (DIGITS[:16] - net.input_mean_) / net.input_deviation_
    mean = net._trainee(DIGITS[:16], LABELS[:16], 0, net._settings(torch.device("cpu"))).module
    assert net.module_[1].num_batches_tracked == 3
    outputs = net.module_(torch.from_numpy(rows).float())[:, : len(net.classes_)]
    np.testing.assert_allclose(
        outputs.softmax(1).numpy(force=True), net.predict_proba(DIGITS[:16]), rtol=1e-4, atol=1e-6
    )
    normalized = mean.train()[1](mean[0](torch.from_numpy(rows).float()))
    assert normalized.mean().abs() < 1e-5
    hidden = StackedNetClassifier(
        lambda n_classes: nn.Sequential(nn.Dropout(0.75), nn.Linear(64, n_classes)),
        **{**QUICK, "random_state": 0},
    ).fit(DIGITS[:100], LABELS[:100])
    assert hidden.score(DIGITS[:100], LABELS[:100]) > 0.5


class TwiceTheSame(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.first = nn.Linear(64, 64)
        self.second = self.first
        self.output = nn.Linear(64, n_classes)

    def forward(self, rows):
        return self.output(self.second(self.first(rows).relu()).relu())


class Scaled(nn.Module):
    """Computes with buffers that are no part of what torch saves, one of them of positions."""

    def __init__(self, n_classes):
        super().__init__()
        self.register_buffer("scale", torch.full((64,), 3.0), persistent=False)
        self.register_buffer("order", torch.arange(63, -1, -1), persistent=False)
        self.output = nn.Linear(64, n_classes)

    def forward(self, rows):
        return self.output(rows[:, self.order] * self.scale)


class PartlyFixed(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.fixed = nn.Linear(64, 64).requires_grad_(False)
        self.output = nn.Linear(64, n_classes)

    def forward(self, rows):
        return self.output(self.fixed(rows).relu())


@pytest.mark.parametrize("module", [TwiceTheSame, Scaled, PartlyFixed])
def test_shared_weights_buffers_and_fixed_weights(module, tmp_path):
    net = StackedNetClassifier(module, n_epochs=20, n_stacked=2, random_state=0)
    net.fit(DIGITS[:200], LABELS[:200])
    assert net.score(DIGITS[200:], LABELS[200:]) > 0.6
    rows = torch.from_numpy((DIGITS[:50] - net.input_mean_) / net.input_deviation_).float()
    expected = net.module_(rows)[:, :10].softmax(1).numpy(force=True)
    np.testing.assert_allclose(net.predict_proba(DIGITS[:50]), expected, rtol=1e-4, atol=1e-6)
    kept = clone(net).set_params(checkpoint_folder=tmp_path)
    for _ in range(2):  # trained, and taken up
        again = kept.fit(DIGITS[:200], LABELS[:200])
        np.testing.assert_array_equal(again.predict_proba(DIGITS), net.predict_proba(DIGITS))


def test_fixed_weights_stay_those_of_the_seed():
    net = StackedNetClassifier(PartlyFixed, n_epochs=2, n_stacked=2, random_state=5)
    fitted = net.fit(DIGITS[:50], LABELS[:50]).module_
    plain = net._trainee(DIGITS[:50], LABELS[:50], 5, net._settings(torch.device("cpu"))).module
    assert torch.equal(fitted.fixed.weight, plain.fixed.weight)
    assert not torch.equal(fitted.output.weight, plain.output.weight)


def test_images_come_in_many_shapes():
    flat, y = DIGITS[:60], LABELS[:60]
    images = flat.reshape(-1, 8, 8)
    net = clone(NET).set_params(random_state=0)
    expected = clone(net).set_params(image_shape=(8, 8)).fit(flat, y).predict_proba(flat)
    for rows in (images, images[..., None], images[:, None]):
        np.testing.assert_array_equal(clone(net).fit(rows, y).predict_proba(rows), expected)
    colors = np.stack([images, images / 2, images * 3], axis=-1)
    last = clone(net).fit(colors, y).predict_proba(colors)
    first = np.moveaxis(colors, 3, 1)
    np.testing.assert_array_equal(clone(net).fit(first, y).predict_proba(first), last)
    with pytest.raises(InvalidInputError, match="fitted on rows of shape"):
        clone(net).fit(images, y).predict(images[:, :, :7])
    with pytest.raises(InvalidInputError, match="image_shape=.* has 63 values, but rows have 64"):
        clone(net).set_params(image_shape=(7, 9)).fit(flat, y)
    with pytest.raises(InvalidInputError, match="takes vectors, or images of shape"):
        clone(net).fit(np.zeros((4, 2, 2, 2, 2)), [0, 1, 0, 1])


def test_labels_may_be_texts_and_rows_of_any_type():
    names = np.array(list("zyxwvutsrq"))[LABELS]
    net = clone(NET).set_params(random_state=0, n_epochs=20).fit(DIGITS[:200], names[:200])
    assert net.score(DIGITS[200:], names[200:]) > 0.7
    wide = clone(net).fit(DIGITS[:200].astype(np.float64), names[:200])
    assert wide.score(DIGITS[200:], names[200:]) > 0.7
    whole = clone(net).fit(DIGITS[:200].astype(np.int64), names[:200])
    np.testing.assert_array_equal(whole.predict_proba(DIGITS[:9]), wide.predict_proba(DIGITS[:9]))
    single = clone(NET).fit(DIGITS[:5], ["only"] * 5)
    assert set(single.predict(DIGITS)) == {"only"}


def test_it_can_be_copied_searched_shown_and_pickled(tmp_path):
    net = StackedNetClassifier(
        MultilayerPerceptron, module_params={"dropout": 0.1}, random_state=0, **QUICK
    )
    assert net.get_params()["module__dropout"] == 0.1
    net.set_params(module__hidden_layer_sizes=(24,), n_epochs=3)
    assert net.module_params == {"dropout": 0.1, "hidden_layer_sizes": (24,)}
    net.fit(DIGITS[:100], LABELS[:100])
    assert "StackedNetClassifier" in net._repr_html_()
    again = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(again.predict_proba(DIGITS), net.predict_proba(DIGITS))
    weights = sum(tensor.nbytes for tensor in net.module_.parameters())
    assert len(pickle.dumps(net)) < weights + 6000  # nothing of the training
    search = GridSearchCV(net, {"module__hidden_layer_sizes": [(4,), (32,)]}, cv=2)
    search.fit(DIGITS[:100], LABELS[:100])
    assert search.best_params_ == {"module__hidden_layer_sizes": (32,)}
    augmented = StackedNetClassifier(augmentation=RandomAffine(), image_shape=(8, 8))
    assert clone(augmented).set_params(augmentation__rotation=3).augmentation.rotation == 3


# ---- what is refused


class Random(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.output = nn.Linear(64, n_classes)

    def forward(self, rows):
        return self.output(nn.functional.dropout(rows, 0.5, self.training))


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (nn.Linear(64, 16), "not a module itself"),
        (lambda n_classes: "no module", "returned a str, but a torch module is needed"),
        (Random, "draw random numbers in layers torch.nn.Dropout alone"),
        (lambda n_classes: nn.Linear(3, n_classes), r"fails on inputs of shape \(16, 64\)"),
        (
            lambda: nn.Sequential(nn.Linear(64, 16), nn.Flatten(0)),
            "it must give one number per row and class",
        ),
        (
            lambda n_classes: nn.Linear(64, n_classes).requires_grad_(False),
            "Linear has no weights that require gradients",
        ),
        (lambda: nn.Linear(64, 3), "has 3 outputs, but a voter knows 10 labels"),
        (
            lambda n_classes: nn.Sequential(
                nn.Linear(64, n_classes), nn.BatchNorm1d(n_classes, momentum=None)
            ),
            "counts its batches",
        ),
    ],
)
def test_modules_that_cannot_be_trained_are_told(module, message):
    with pytest.raises((InvalidInputError, LearnerError), match=message):
        StackedNetClassifier(module, **QUICK).fit(DIGITS[:50], LABELS[:50])


def test_devices_that_are_not_there_are_told():
    for name in ("cuda" if not torch.cuda.is_available() else "meta", "nonsense", "meta"):
        with pytest.raises(InvalidInputError, match="device="):
            clone(NET).set_params(device=name).fit(DIGITS[:50], LABELS[:50])


def test_nothing_global_is_changed_or_used():
    torch.manual_seed(0)
    before = (torch.get_rng_state(), torch.get_num_threads(), torch.is_grad_enabled())
    net = StackedNetClassifier(augmentation=lambda images: images + torch.rand(1), **QUICK)
    net.set_params(image_shape=(8, 8), random_state=0).fit(DIGITS[:50], LABELS[:50])
    first = net.predict_proba(DIGITS)
    after = (torch.get_rng_state(), torch.get_num_threads(), torch.is_grad_enabled())
    assert torch.equal(before[0], after[0]) and before[1:] == after[1:]
    with torch.no_grad():
        torch.manual_seed(7)
        again = clone(net).fit(DIGITS[:50], LABELS[:50]).predict_proba(DIGITS)
    np.testing.assert_array_equal(again, first)


COLD = """
import sys
from sklearn.datasets import load_digits
from sklearn_certify.networks import StackedNetClassifier
X, y = load_digits(return_X_y=True)
StackedNetClassifier(image_shape=(8, 8), n_epochs=1, n_stacked=2).fit(X[:50], y[:50]).predict(X[:9])
print("torch._dynamo" in sys.modules)
"""


def test_the_first_fit_of_a_process_does_not_wait_for_torchs_compiler():
    done = subprocess.run([sys.executable, "-c", COLD], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


# ---- ensembles


ENSEMBLES = {
    "dpa": DPAClassifier(n_partitions=8),
    "dpa-runoff": DPAClassifier(n_partitions=8, aggregation="runoff"),
    "fa": FiniteAggregationClassifier(n_partitions=4, spreading_degree=2),
    "bagging": BaggingCertifiedClassifier(n_estimators=8, max_samples=50, random_state=0),
}


@pytest.mark.parametrize("kind", ENSEMBLES)
def test_ensembles_have_the_votes_of_voters_fitted_and_asked_one_by_one(kind):
    X, y, queries = DIGITS[:400], LABELS[:400], DIGITS[400:500]
    ensemble = clone(ENSEMBLES[kind]).set_params(estimator=IMAGES).fit(X, y)
    plain = clone(ENSEMBLES[kind]).set_params(estimator=make_pipeline(IMAGES)).fit(X, y)
    assert {type(voter) for voter in ensemble.estimators_} == {StackedNetClassifier}
    votes = ensemble.votes(queries)
    np.testing.assert_array_equal(votes, plain.votes(queries))
    assert (ensemble.predict(queries) == LABELS[400:500]).mean() > 0.6
    again = pickle.loads(pickle.dumps(ensemble))
    np.testing.assert_array_equal(again.votes(queries), votes)


def test_workers_of_any_kind_make_the_same_voters():
    dpa = DPAClassifier(IMAGES, n_partitions=30).fit(DIGITS[:400], LABELS[:400])
    votes = dpa.votes(DIGITS[400:450])
    for backend in ("threading", "loky"):
        with parallel_config(backend):
            other = clone(dpa).set_params(n_jobs=2).fit(DIGITS[:400], LABELS[:400])
            np.testing.assert_array_equal(other.votes(DIGITS[400:450]), votes)


@pytest.mark.parametrize("kind", ["dpa", "fa"])
def test_no_attack_breaks_their_certificates(kind):
    ensemble = clone(ENSEMBLES[kind]).set_params(estimator=clone(IMAGES).set_params(n_epochs=3))
    report = check_soundness(
        ensemble, DIGITS[:120], LABELS[:120], DIGITS[120:130], n_attacks=12, random_state=0
    )
    assert report.sound, report


def test_tiny_voters_and_voters_with_one_label():
    X, y = DIGITS[:40], LABELS[:40] % 3
    y[:15] = 0
    dpa = DPAClassifier(NET, n_partitions=20, classes=range(4)).fit(X, y)
    votes = dpa.votes(X)
    assert {type(voter).__name__ for voter in dpa.estimators_} == {
        "StackedNetClassifier",
        "DummyClassifier",
        "NoneType",
    }
    for number, voter in enumerate(dpa.estimators_):
        labels = np.unique(y[dpa.partition_ == number])
        assert np.isin(votes[:, number], labels if voter is not None else -1).all()


def test_it_works_in_a_pipeline_and_with_several_seeds():
    pipeline = make_pipeline(MinMaxScaler(), NET)
    dpa = DPAClassifier(pipeline, n_partitions=4).fit(DIGITS[:300], LABELS[:300])
    assert dpa.score(DIGITS[300:], LABELS[300:]) > 0.6
    several = DPAClassifier(SeedEnsembleClassifier(NET, n_seeds=2), n_partitions=4)
    several.fit(DIGITS[:300], LABELS[:300])
    assert several.score(DIGITS[300:], LABELS[300:]) > 0.6


def test_a_voter_that_diverges_is_one_voter_and_is_named():
    X, y = DIGITS[:200], LABELS[:200]
    net = clone(NET).set_params(normalize=False)
    dpa = DPAClassifier(net, n_partitions=8, on_voter_error="abstain")
    before = dpa.fit(X, y).votes(DIGITS[200:250])
    huge = np.full((1, 64), 3e38, dtype=np.float32)
    with pytest.warns(VoterWarning, match="1 of 8 voters failed .*training diverged") as warned:
        dpa.fit(np.vstack([X, huge]), np.append(y, 0))
    hit = dpa.partition_[-1]
    assert f"voter {hit} " in str(warned[0].message)
    assert dpa.estimators_[hit] is None
    others = np.arange(8) != hit
    np.testing.assert_array_equal(dpa.votes(DIGITS[200:250])[:, others], before[:, others])
    dpa.set_params(on_voter_error="raise")
    with pytest.raises(VoterError, match=f"failed to fit voter {hit} .*training diverged"):
        dpa.fit(np.vstack([X, huge]), np.append(y, 0))


def test_a_query_of_which_nothing_comes_is_one_query():
    X, y = DIGITS[:200], LABELS[:200]
    net = clone(NET).set_params(random_state=0).fit(X, y)
    queries = DIGITS[200:203].copy()
    queries[1] = 3e38
    with pytest.raises(LearnerError, match="The network makes no numbers of row 1; scale the rows"):
        net.predict(queries)
    for aggregation in ("plurality", "runoff"):
        dpa = DPAClassifier(NET, n_partitions=8, aggregation=aggregation).fit(X, y)
        votes, alone = dpa.votes(queries), dpa.votes(queries[[0, 2]])
        assert (votes[1] == -1).any()
        np.testing.assert_array_equal(votes[[0, 2]], alone)


@pytest.mark.parametrize(
    ("shape", "n_features"),
    [((3, 32, 32), 512), ((1, 28, 28), 512), ((1, 8, 8), 512), ((2, 17, 9), 480)],
)
def test_small_conv_nets_take_images_of_any_size(shape, n_features):
    network = SmallConvNet(shape, 5)
    assert network.output.in_features == n_features
    assert network(torch.zeros(2, *shape)).shape == (2, 5)
    deep = SmallConvNet(shape, 5, n_channels=(8, 8, 8))
    assert deep(torch.zeros(2, *shape)).shape == (2, 5)
