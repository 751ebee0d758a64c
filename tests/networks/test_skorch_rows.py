"""Rows become what a module takes, by their form and not by what is in them."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix

from .modules import Convolution, Words, torch

pytest.importorskip("skorch")
from sklearn_certify.networks import NetClassifier

RNG = np.random.RandomState(0)
IMAGES = RNG.randint(0, 17, (60, 8, 8))
Y = np.arange(60) % 3


def votes_of(X, module=Convolution, **params):
    fitted = NetClassifier(module, max_epochs=2, random_state=0, **params).fit(X, Y)
    shares = fitted.predict_proba(X)
    np.testing.assert_array_equal(fitted.predict_proba(X), shares)
    return shares


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, np.uint8, np.int64, bool])
def test_numbers_of_any_type(dtype):
    X = IMAGES.astype(dtype)
    expected = votes_of(X.astype(np.float32)[:, np.newaxis])
    np.testing.assert_array_equal(votes_of(X[:, np.newaxis]), expected)


def test_images_with_their_channels_anywhere():
    expected = votes_of(IMAGES.astype(np.float32)[:, np.newaxis])
    np.testing.assert_array_equal(votes_of(IMAGES), expected)
    np.testing.assert_array_equal(votes_of(IMAGES[..., np.newaxis]), expected)
    np.testing.assert_array_equal(votes_of(np.asfortranarray(IMAGES)), expected)


def colored():
    return torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3), torch.nn.Flatten(), torch.nn.Linear(72, 3))


def test_channels_move_only_where_the_module_does_not_take_them():
    X = RNG.uniform(size=(60, 3, 8, 8))
    torch.manual_seed(0)
    module = colored()
    expected = votes_of(X, module)
    np.testing.assert_array_equal(votes_of(np.moveaxis(X, 1, -1), module), expected)
    both = RNG.uniform(size=(60, 3, 8, 3))  # as it is taken, the first axis has the channels
    module = torch.nn.Sequential(
        torch.nn.Conv2d(3, 2, (3, 1)), torch.nn.Flatten(), torch.nn.Linear(36, 3)
    )
    fitted = NetClassifier(module, max_epochs=1).fit(both, Y)
    with torch.no_grad():
        scores = fitted.module_(torch.from_numpy(both.astype(np.float32)))
    np.testing.assert_allclose(fitted.predict_proba(both), scores.softmax(1).numpy(), rtol=1e-5)


class AddsItsChannel(Convolution):
    def forward(self, X):
        return super().forward(X.unsqueeze(1))


def test_a_module_that_adds_its_channel_gets_images_as_they_are():
    shares = votes_of(IMAGES.astype(np.float32), AddsItsChannel)
    np.testing.assert_array_equal(votes_of(IMAGES, AddsItsChannel), shares)


def test_words_stay_whole_numbers():
    words = RNG.randint(0, 50, (60, 8))
    high = words.mean(axis=1) > 24
    fitted = NetClassifier(Words, max_epochs=60, random_state=0).fit(words, high)
    assert fitted.score(words, high) > 0.9


def test_double_precision_stays_where_the_module_has_it():
    fitted = NetClassifier(torch.nn.Linear(4, 3).double(), max_epochs=1)
    fitted.fit(RNG.uniform(size=(60, 4)), Y)
    assert fitted.module_.weight.dtype == torch.float64


@pytest.mark.parametrize("container", [csr_matrix, csr_array])
def test_sparse_rows(container):
    X = RNG.poisson(0.5, (60, 12)) * 1.0
    torch.manual_seed(0)
    module = torch.nn.Linear(12, 3)
    dense = NetClassifier(module, random_state=0, max_epochs=2).fit(X, Y).predict_proba(X)
    sparse = NetClassifier(module, random_state=0, max_epochs=2).fit(container(X), Y)
    np.testing.assert_allclose(sparse.predict_proba(container(X)), dense, rtol=1e-5)
    counts = container(X.astype(int))
    assert NetClassifier(module, max_epochs=1).fit(counts, Y).predict(counts).shape == (60,)


def test_shapes_that_the_module_lacks_are_its_error():
    with pytest.raises(RuntimeError, match="shape|size|input"):
        NetClassifier(Convolution).fit(RNG.uniform(size=(60, 5)), Y)


def test_shapes_that_a_module_finds_out():
    fitted = NetClassifier(torch.nn.LazyLinear(3), max_epochs=1).fit(IMAGES.reshape(60, 64) / 1, Y)
    assert fitted.predict(IMAGES.reshape(60, 64) / 1).shape == (60,)


class Scaled(torch.utils.data.Dataset):
    """A dataset of one's own gets rows as they come."""

    def __init__(self, X, y=None):
        assert X.dtype == np.uint8
        self.X, self.y = X, np.zeros(len(X), dtype=int) if y is None else y

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return np.float32(self.X[i] / 16)[np.newaxis], self.y[i]


def test_a_dataset_of_ones_own():
    assert votes_of(IMAGES.astype(np.uint8), dataset=Scaled).shape == (60, 3)


def test_nothing_is_written_to_and_nothing_warned_of():
    X = np.ascontiguousarray(IMAGES[:, np.newaxis], dtype=np.float32)
    X.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        votes_of(X)
        votes_of(IMAGES[:1].repeat(60, axis=0))
