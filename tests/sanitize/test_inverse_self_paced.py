"""InverseSelfPacedFilter: what it finds, what it takes, what it says."""

import pickle

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import make_blobs
from sklearn.ensemble import RandomForestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier

from sklearn_certify.datasets import FeatureTrigger, make_backdoor
from sklearn_certify.exceptions import FilterWarning, InvalidInputError, LearnerError
from sklearn_certify.metrics import (
    false_negatives,
    false_positives,
    targeted_misclassification_rate,
)
from sklearn_certify.sanitize import InverseSelfPacedFilter
from sklearn_certify.sanitize._self_training import likely_enough

QUICK = {"n_rounds": 3, "n_bags": 2, "self_training_cycles": 2, "self_training_epochs": 1}


@pytest.fixture(scope="module")
def backdoor():
    """Five classes in ten features, and a trigger in two that are otherwise idle."""
    X, y = make_blobs(2400, n_features=10, centers=5, cluster_std=2.0, random_state=0)
    idle = np.random.RandomState(0).uniform(size=(len(X), 2))
    X, X_test = np.split(np.hstack([X, idle]), [2000])
    y, y_test = np.split(y, [2000])
    trigger = FeatureTrigger(columns=(10, 11), values=(3.0, -2.0))
    poisoned = make_backdoor(X, y, source=1, target=3, poison_share=0.15, trigger=trigger)
    return (*poisoned, X_test, y_test)


def test_a_backdoor_is_found(backdoor):
    X, y, poisoned, trigger, X_test, y_test = backdoor

    def rate(X, y):
        victim = MLPClassifier(random_state=0).fit(X, y)
        answers = victim.predict(X_test), victim.predict(trigger(X_test))
        return targeted_misclassification_rate(y_test, *answers, source=1, target=3)

    found = InverseSelfPacedFilter()
    X_kept, y_kept = found.fit_resample(X, y)
    assert rate(X, y) > 0.85
    assert rate(X_kept, y_kept) < 0.02
    assert false_negatives(poisoned, found.keep_mask_) <= 0.03 * poisoned.sum()
    assert false_positives(poisoned, found.keep_mask_) <= 0.025 * (~poisoned).sum()
    assert (found.suspicion_[poisoned] > 0.7).mean() > 0.95


def test_clean_data_stay(digits):
    X, y = digits[:2]
    assert InverseSelfPacedFilter().fit(X, y).keep_mask_.mean() > 0.97


def test_attributes_fit_together(backdoor):
    X, y = backdoor[:2]
    fitted = InverseSelfPacedFilter(**QUICK).fit(X, y)
    assert fitted.votes_.shape == (2000, 6)
    assert len(fitted.components_) == 6
    for bag in (fitted.components_[:3], fitted.components_[3:]):
        assert sorted(np.concatenate(bag).tolist()) == list(range(2000))
    own = (fitted.classes_[fitted.votes_] == y[:, np.newaxis]).mean(axis=1)
    assert fitted.vote_share_.tolist() == own.tolist()
    assert (fitted.keep_mask_before_self_training_ == (own > 0.5)).all()
    assert (fitted.keep_mask_ == likely_enough(fitted.own_probability_, y, 0.25, 1.5)).all()
    assert (fitted.suspicion_ == 1 - fitted.own_probability_).all()
    assert fitted.n_features_in_ == 12


def test_without_self_training_the_votes_decide(backdoor):
    X, y = backdoor[:2]
    fitted = InverseSelfPacedFilter(n_bags=1, self_training_cycles=0, threshold=0.7).fit(X, y)
    assert (fitted.keep_mask_ == fitted.keep_mask_before_self_training_).all()
    assert (fitted.keep_mask_ == (fitted.vote_share_ > 0.7)).all()
    assert (fitted.suspicion_ == 1 - fitted.vote_share_).all()
    assert fitted.own_probability_ is None


def test_the_modal_vote(backdoor):
    X, y = backdoor[:2]
    fitted = InverseSelfPacedFilter(n_bags=1, self_training_cycles=0, keep="modal").fit(X, y)
    counts = np.stack([(fitted.votes_ == label).sum(axis=1) for label in range(5)], axis=1)
    own = counts[np.arange(len(y)), y]
    most = counts.max(axis=1)
    tied = (counts == most[:, np.newaxis]).sum(axis=1) > 1
    assert not fitted.keep_mask_[own < most].any()
    assert fitted.keep_mask_[(own == most) & ~tied].all()
    among = fitted.keep_mask_[(own == most) & tied]
    assert 0 < among.mean() < 1  # ties are broken at random


def test_the_same_for_any_number_of_jobs(backdoor):
    X, y = backdoor[0][:600], backdoor[1][:600]
    alone = InverseSelfPacedFilter(**QUICK, random_state=3).fit(X, y)
    np.random.seed(99)  # what others draw has no say
    together = InverseSelfPacedFilter(**QUICK, random_state=3, n_jobs=2).fit(X, y)
    other = InverseSelfPacedFilter(**QUICK, random_state=4).fit(X, y)
    assert alone.own_probability_.tobytes() == together.own_probability_.tobytes()
    assert (alone.votes_ == together.votes_).all()
    assert alone.own_probability_.tobytes() != other.own_probability_.tobytes()


@pytest.fixture(scope="module")
def module():
    torch = pytest.importorskip("torch")
    pytest.importorskip("skorch")
    return torch.nn.Sequential(torch.nn.Linear(12, 16), torch.nn.ReLU(), torch.nn.Linear(16, 5))


@pytest.mark.parametrize(
    "learner",
    [MLPClassifier((32,), learning_rate_init=0.02), GaussianNB(), lambda seed: GaussianNB()],
    ids=["scikit-learn", "no random state", "factory"],
)
def test_learners_of_all_kinds(learner, backdoor):
    X, y = backdoor[0][:600], backdoor[1][:600]
    first, again, other = (
        InverseSelfPacedFilter(learner, **QUICK, random_state=seed).fit(X, y) for seed in (0, 0, 1)
    )
    assert first.own_probability_.tobytes() == again.own_probability_.tobytes()
    assert first.own_probability_.tobytes() != other.own_probability_.tobytes()
    chance = 1 / 5
    assert (first.votes_ == y[:, np.newaxis]).mean() > 1.5 * chance


def test_torch_modules_and_global_state(backdoor, module):
    import torch

    X, y = backdoor[0][:300], backdoor[1][:300]
    before = [parameter.detach().clone() for parameter in module.parameters()]
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    quickest = {**QUICK, "n_bags": 1, "self_training_cycles": 1}
    first = InverseSelfPacedFilter(module, **quickest).fit(X, y)
    assert torch.rand(1) == expected  # the user's generator is as it was
    for parameter, value in zip(module.parameters(), before, strict=True):
        assert torch.equal(parameter, value)  # and so is the module
    again = InverseSelfPacedFilter(module, **quickest).fit(X, y)
    assert first.own_probability_.tobytes() == again.own_probability_.tobytes()


class Recorder(ClassifierMixin, BaseEstimator):
    """Learns nothing and remembers the first feature, a row number, of what it saw."""

    log = ()

    def partial_fit(self, X, y, classes):
        self.classes_ = classes
        self.epochs_ = [*getattr(self, "epochs_", []), set(X[:, 0].astype(int))]
        return self

    def predict_proba(self, X):
        type(self).log.append((self.epochs_, set(X[:, 0].astype(int))))
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


@pytest.fixture
def records(monkeypatch):
    monkeypatch.setattr(Recorder, "log", [])
    X = np.arange(12_000)[:, np.newaxis].astype(float)
    InverseSelfPacedFilter(
        Recorder(), n_rounds=2, n_bags=1, threshold=0, self_training_epoch_size=2000
    ).fit(X, np.arange(12_000) % 2)
    return Recorder.log


def test_self_training_judges_rows_that_were_not_seen(records):
    self_training = [(epochs, judged) for epochs, judged in records if len(epochs) == 3][-12:]
    for epochs, judged in self_training:
        assert not set.union(*epochs) & judged


def test_the_number_of_steps_is_bounded(records):
    sizes = {len(epoch) for epochs, _ in records for epoch in epochs}
    assert max(sizes) == 2000
    assert sizes - {2000} and max(sizes - {2000}) == 1250


class Broken(GaussianNB):
    def predict_proba(self, X):
        return super().predict_proba(X) * np.nan


@pytest.mark.parametrize(
    ("learner", "error", "message"),
    [
        (RandomForestClassifier(), InvalidInputError, "RandomForestClassifier has no partial_fit"),
        (Broken(), LearnerError, "no numbers"),
    ],
)
def test_learners_that_will_not_do(learner, error, message, backdoor):
    with pytest.raises(error, match=message):
        InverseSelfPacedFilter(learner).fit(*backdoor[:2])


def test_a_module_with_too_few_outputs(backdoor, module):
    X, y = backdoor[0][:600], np.arange(600) % 6
    with pytest.raises(LearnerError, match="6 classes"):
        InverseSelfPacedFilter(module).fit(X, y)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_missing_values_are_refused(broken, backdoor):
    X, y = backdoor[0].copy(), backdoor[1]
    X[3, 4] = broken
    with pytest.raises(ValueError, match="Input X contains NaN or infinity"):
        InverseSelfPacedFilter().fit(X, y)


def test_one_class_is_refused(backdoor):
    with pytest.raises(InvalidInputError, match="one class only: 'a'"):
        InverseSelfPacedFilter().fit(backdoor[0][:50], ["a"] * 50)


def test_rows_as_users_bring_them(backdoor):
    pd = pytest.importorskip("pandas")
    X, y = backdoor[0][:600], backdoor[1][:600]
    quick = InverseSelfPacedFilter(**QUICK)
    expected = clone(quick).fit(X, y)
    images = clone(quick).fit(X.reshape(600, 3, 4), y)
    assert images.own_probability_.tobytes() == expected.own_probability_.tobytes()
    frame = pd.DataFrame(X, columns=[f"feature {i}" for i in range(12)], index=np.arange(600) + 7)
    labels = pd.Series(np.array(list("abcde"))[y], index=frame.index)
    X_kept, y_kept = quick.fit_resample(frame, labels)
    assert quick.own_probability_.tobytes() == expected.own_probability_.tobytes()
    assert X_kept.equals(frame[expected.keep_mask_])
    assert y_kept.equals(labels[expected.keep_mask_])
    assert quick.classes_.tolist() == list("abcde")
    assert quick.feature_names_in_.tolist() == list(frame.columns)
    kept = clone(quick).fit_resample(csr_matrix(np.maximum(X, 0)).tocoo(), y)[0]
    assert 300 < kept.shape[0] <= 600


def test_filters_clone_and_pickle(backdoor):
    X, y = backdoor[:2]
    fitted = InverseSelfPacedFilter(**QUICK).fit(X[:500], y[:500])
    again = pickle.loads(pickle.dumps(fitted))
    assert (again.keep_mask_ == fitted.keep_mask_).all()
    assert clone(fitted).get_params() == fitted.get_params()
    assert not hasattr(clone(fitted), "keep_mask_")


def test_a_failed_fit_loses_nothing(backdoor):
    X, y = backdoor[:2]
    fitted = InverseSelfPacedFilter(**QUICK).fit(X[:500], y[:500])
    before = dict(vars(fitted))
    fitted.learner = Broken()
    with pytest.raises(LearnerError):
        fitted.fit(X, y)
    fitted.learner = None
    assert vars(fitted) == before


def test_progress(backdoor, capsys):
    X, y = backdoor[0][:500], backdoor[1][:500]
    InverseSelfPacedFilter(**QUICK).fit(X, y)
    assert capsys.readouterr().out == ""
    InverseSelfPacedFilter(**QUICK, verbose=1).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 * 3 + 2
    assert lines[0].startswith("InverseSelfPacedFilter: bag 1 of 2, round 1 of 3: ")
    assert lines[-1].startswith("InverseSelfPacedFilter: self-training, cycle 2")


@pytest.mark.parametrize(
    "parameters",
    [
        {"learner": 3},
        {"n_rounds": 1},
        {"n_bags": 0},
        {"expansion_factor": 0.0},
        {"momentum": 1.0},
        {"initial_share": 0.5},
        {"min_class_share": 1.5},
        {"weak_epochs": 0},
        {"keep": "all"},
        {"threshold": 1.0},
        {"self_training_folds": 1},
        {"self_training_threshold": 0.0},
        {"self_training_deviations": -1.0},
    ],
)
def test_parameters_are_validated(parameters, backdoor):
    with pytest.raises(ValueError, match=next(iter(parameters))):
        InverseSelfPacedFilter(**parameters).fit(*backdoor[:2])


class Blind(GaussianNB):
    """Never predicts the last class."""

    def predict_proba(self, X):
        shares = super().predict_proba(X)
        shares[:, -1] = 0
        return shares


def test_a_class_that_the_votes_reject_is_kept_by_half_with_a_warning(backdoor):
    X, y = backdoor[:2]
    with pytest.warns(FilterWarning, match=r"reject nearly all rows of \[4\]") as warned:
        fitted = InverseSelfPacedFilter(Blind(), **QUICK).fit(X, y)
    assert [w.filename for w in warned if w.category is FilterWarning] == [__file__]
    assert not fitted.keep_mask_before_self_training_[y == 4].any()
    assert fitted.keep_mask_[y == 4].mean() >= 0.5


@pytest.mark.parametrize("n_rows", [2, 3, 5])
def test_tiny_tables_are_refused(n_rows):
    with pytest.raises(InvalidInputError, match=f"{n_rows} rows .* too few"):
        InverseSelfPacedFilter().fit(np.arange(n_rows)[:, np.newaxis], np.arange(n_rows) % 2)
