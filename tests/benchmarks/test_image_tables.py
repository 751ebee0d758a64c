"""The benchmarks on MNIST and CIFAR-10, on scikit-learn's digits in their files' form."""

import importlib.util
import io
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

FOLDER = Path(__file__).parents[2] / "benchmarks"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="benchmarks are in the sources alone")
N_TRAIN = 1200


@pytest.fixture(scope="module")
def digits():
    """Return digits as images of 28 x 28 pixels, and their labels."""
    images, y = load_digits(return_X_y=True)
    images = np.kron(images.reshape(-1, 8, 8), np.ones((3, 3))) * 255 / 16
    return np.pad(images, ((0, 0), (2, 2), (2, 2))).astype(np.uint8), y.astype(np.uint8)


@pytest.fixture
def folder(digits, tmp_path):
    """Return a folder with the files of both data sets."""
    from PIL import Image

    images, y = digits
    np.savez(
        tmp_path / "mnist.npz",
        X_train=images[:N_TRAIN],
        y_train=y[:N_TRAIN],
        X_test=images[N_TRAIN:],
        y_test=y[N_TRAIN:],
    )
    parts = {}
    for name, rows in (("train", slice(N_TRAIN)), ("test", slice(N_TRAIN, None))):
        files = []
        for image in images[rows]:
            buffer = io.BytesIO()
            padded = np.pad(image, 2)
            Image.fromarray(np.dstack([padded, padded, 255 - padded])).save(buffer, "jpeg")
            files.append(np.frombuffer(buffer.getvalue(), np.uint8))
        parts |= {
            f"jpeg_{name}": np.concatenate(files),
            f"end_{name}": np.cumsum([len(file) for file in files]),
            f"y_{name}": y[rows],
        }
    np.savez(tmp_path / "cifar10_jpeg.npz", **parts)
    return tmp_path


def table(script, folder, monkeypatch, capsys, *arguments):
    """Run a benchmark and return the figures of each method's line, by its name."""
    spec = importlib.util.spec_from_file_location(script, FOLDER / f"{script}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(sys, "argv", [script, str(folder), *arguments])
    module.main()
    lines = re.findall(r"^(\S.*?) {2,}(.*\d\.\d\d)", capsys.readouterr().out, re.MULTILINE)
    lines = [(name, re.sub(r"^- ", "nan ", figures)) for name, figures in lines]
    return {name: np.array(figures.split(), dtype=float) for name, figures in lines}


def assert_certified(figures):
    """Most rows are right, and the share that is certified falls from there."""
    assert figures[0] > 80 and (np.diff(figures) <= 0).all()


def test_mnist(folder, monkeypatch, capsys):
    figures = table("mnist_partitions", folder, monkeypatch, capsys, "--degrees", "1", "2")
    for name in ("DPA", "DPA, run-off", "FA, d = 2", "FA, d = 2, tightened"):
        assert_certified(figures[name])
    for name in ("DPA, Table 2", "FA, d = 2, Table 2"):
        voters, share, gain = figures[name]
        assert 15 < voters < 100  # by chance 10
        assert (share > 0) == (gain > 0)
    assert figures["DPA, Table 2"][1] == 0


def test_cifar10(folder, monkeypatch, capsys):
    for voter in ("fourier", "kernel"):
        options = ("--n-partitions", "50", "--n-copies", "1", "--voter", voter)
        assert_certified(table("cifar10_partitions", folder, monkeypatch, capsys, *options)["DPA"])


def test_label_flips(folder, monkeypatch, capsys):
    figures = table("label_flips", folder, monkeypatch, capsys)
    methods = [name for name in figures if name.startswith(("DPA", "kNN", "rNN"))]
    assert len(methods) == 9
    for name in methods:
        median, *shares = figures[name]
        assert_certified(shares)
        assert median > 0


def test_white_box_flips_on_copies(folder, monkeypatch, capsys):
    monkeypatch.syspath_prepend(FOLDER)
    figures = table("white_box_flips", folder, monkeypatch, capsys, "--n-copies", "1", "--test")
    assert len(figures) == 6
    for white, black, *shares in figures.values():
        assert_certified(shares)
        assert white > black


def test_white_box_flips(folder, monkeypatch, capsys):
    monkeypatch.syspath_prepend(FOLDER)
    figures = table("white_box_flips", folder, monkeypatch, capsys, "--test")
    embedded = table("label_flips", folder, monkeypatch, capsys)
    assert set(embedded) - set(figures) == {"DPA, k = 24, ridge, not embedded"}
    for name, (white, black, *shares) in figures.items():
        assert_certified(shares)
        assert not white < black, name
