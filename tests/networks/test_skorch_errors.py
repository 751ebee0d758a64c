"""What goes wrong with a network is told in one sentence that says what to do."""

import numpy as np
import pytest

from sklearn_certify import DPAClassifier
from sklearn_certify.exceptions import LearnerError, VoterError, VoterWarning

from .modules import Convolution, Failing, torch

skorch = pytest.importorskip("skorch")
from skorch.dataset import ValidSplit  # noqa: E402

from sklearn_certify.networks import NetClassifier  # noqa: E402

X = np.random.RandomState(0).uniform(size=(40, 8, 8))
Y = np.arange(40) % 4


class Interrupting(Convolution):
    def forward(self, X):
        if self.training:
            raise KeyboardInterrupt
        return super().forward(X)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            "upsample_backward does not have a deterministic implementation, but you set 'torch",
            "upsample_backward has no deterministic kernel on 'cpu', .* use another layer",
        ),
        (
            "Deterministic behavior was enabled with ... set CUBLAS_WORKSPACE_CONFIG=:4096:8",
            "A product of matrices has no deterministic kernel on 'cpu'",
        ),
        (
            "CUDA out of memory. Tried to allocate 2.00 GiB",
            "'cpu' has no room for batches of 32 rows; use a smaller batch_size",
        ),
        (
            "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
            "'cpu' has no room",
        ),
        (
            "Expected more than 1 value per channel when training, got input size",
            "A batch had a single row, .* use GroupNorm",
        ),
    ],
)
def test_errors_of_torch_are_explained(message, words):
    failing = NetClassifier(Failing, module__message=message)
    with pytest.raises(LearnerError, match=words) as caught:
        failing.fit(X, Y)
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")
    assert message in str(caught.value.__cause__)
    with pytest.raises(VoterError, match=f"voter 0 on its [0-9]+ rows .*{words}"):
        DPAClassifier(failing, n_partitions=2).fit(X, Y)


def test_other_errors_stay_as_they_are():
    with pytest.raises(RuntimeError, match="something else"):
        NetClassifier(Failing, module__message="something else").fit(X, Y)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_device_that_is_not_there():
    with pytest.raises(LearnerError, match="torch finds no device 'cuda' here; use device='cpu'"):
        NetClassifier(Convolution, device="cuda").fit(X, Y)


def test_too_few_outputs():
    few = NetClassifier(Convolution, module__n_outputs=3)
    with pytest.raises(LearnerError, match="but there are 4 labels; give it one output per label"):
        few.fit(X, Y)
    whole = NetClassifier(torch.nn.Conv2d(1, 4, 3))
    with pytest.raises((LearnerError, RuntimeError, ValueError)):
        whole.fit(X, Y).predict(X)


def test_rows_that_cannot_be_held_out():
    with pytest.raises(LearnerError, match="cannot hold out some of 3 rows .* leave it at None"):
        NetClassifier(Convolution, train_split=ValidSplit(5)).fit(X[:3], Y[:3])


def test_a_training_that_diverges():
    with pytest.raises(LearnerError, match="its loss in epoch [12] is (nan|inf); lower lr=1e"):
        NetClassifier(Convolution, lr=1e30, max_epochs=2).fit(X, Y)
    one_step = NetClassifier(Convolution, optimizer=torch.optim.SGD, lr=3e38, max_epochs=1)
    with pytest.raises(LearnerError, match=r"diverged, layers.\d.weight holds weights that are no"):
        one_step.fit(1e4 * X[:9], Y[:9])
    gap = X.copy()
    gap[3, 2, 2] = np.nan
    with pytest.raises(LearnerError, match="fill in what they miss"):
        NetClassifier(Convolution).fit(gap, Y)
    with pytest.raises(LearnerError, match="no numbers of row 3"):
        NetClassifier(Convolution, max_epochs=1).fit(X, Y).predict(gap)


def test_a_voter_that_diverges_is_one_voter_and_is_named():
    voters = DPAClassifier(NetClassifier(Convolution, max_epochs=2), 4, on_voter_error="abstain")
    clean = voters.fit(X, Y)
    expected = clean.votes(X)
    rows = np.where(np.arange(40) == 7, 1e300, 1.0)[:, np.newaxis, np.newaxis] * X
    with pytest.warns(VoterWarning, match="1 of 4 voters failed .* The training diverged"):
        poisoned = voters.fit(rows, Y)
    votes = poisoned.votes(X)
    changed = (votes != expected).any(axis=0)
    silent = (votes == -1).all(axis=0)
    assert silent.sum() == 1 and changed.sum() <= 2  # it left a partition for another


def test_an_interrupt_is_no_end_of_training():
    with pytest.raises(KeyboardInterrupt):
        NetClassifier(Interrupting).fit(X, Y)
    with pytest.raises(KeyboardInterrupt):
        DPAClassifier(NetClassifier(Interrupting), n_partitions=2).fit(X, Y)
