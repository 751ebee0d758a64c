"""The benchmarks with networks as voters, on a few made-up images."""

import importlib.util
import io
import re
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="benchmarks are in the sources alone")


def script(name, monkeypatch):
    for extra in ("torch", "skorch"):
        pytest.importorskip(extra)
    monkeypatch.syspath_prepend(FOLDER)  # they import each other
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # loaders of data look there for their classes
    spec.loader.exec_module(module)
    return module


def table_of(printed, name):
    found = re.search(rf"^{name}  +([\d. ]+)", printed, re.MULTILINE)
    return np.array(found[1].split()[:6], dtype=float)


def test_cifar_10_quickly_on_a_processor(tmp_path, monkeypatch, capsys):
    from PIL import Image

    rng = np.random.RandomState(0)
    parts = {}
    for part, n_images in (("train", 120), ("test", 20)):
        files = []
        for image in rng.randint(256, size=(n_images, 32, 32, 3)).astype(np.uint8):
            buffer = io.BytesIO()
            Image.fromarray(image).save(buffer, "jpeg")
            files.append(np.frombuffer(buffer.getvalue(), np.uint8))
        parts[f"jpeg_{part}"] = np.concatenate(files)
        parts[f"end_{part}"] = np.cumsum([len(file) for file in files])
        parts[f"y_{part}"] = np.arange(n_images) % 10
    np.savez(tmp_path / "cifar10_jpeg.npz", **parts)
    benchmark = script("cifar10_networks", monkeypatch)
    command = ["cifar10_networks.py", str(tmp_path), "--quick", "--n-alone", "1"]
    monkeypatch.setattr(sys, "argv", command)
    benchmark.main()
    printed = capsys.readouterr().out
    assert "k = 10, augmentation: flip; 120 images, 20 queries" in printed
    assert table_of(printed, "DPA, paper")[0] == 55.84
    assert (np.diff(table_of(printed, "DPA")) <= 0).all()
    assert "times as long" in printed
    monkeypatch.setattr(benchmark.torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", command[:2])
    with pytest.raises(SystemExit):
        benchmark.main()
    assert "needs a GPU" in capsys.readouterr().err


def test_the_policy_of_autoaugment_draws_from_a_voters_seed_alone(monkeypatch):
    torch = pytest.importorskip("torch")
    pytest.importorskip("kornia")
    from sklearn_certify.networks import StackedNetClassifier

    policy = script("cifar10_networks", monkeypatch).AutoAugmented()
    images = np.random.RandomState(0).randint(256, size=(30, 32, 32, 3)).astype(np.uint8)
    samples = [(images[i::3], np.arange(10) % 2, i) for i in range(3)]
    net = StackedNetClassifier(augmentation=policy, n_epochs=2, n_stacked=3, random_state=2)
    together = net.fit_stack(samples)[2].module_
    torch.manual_seed(5)
    alone = net.fit(*samples[2][:2]).module_
    assert all(map(torch.equal, together.parameters(), alone.parameters()))
    plain = net.set_params(augmentation=None).fit(*samples[2][:2]).module_
    assert not torch.equal(plain.output.weight, alone.output.weight)


def test_mnist_quickly(tmp_path, monkeypatch, capsys):
    rng = np.random.RandomState(0)
    y = np.arange(1200) % 10
    images = np.zeros((1200, 28, 28), dtype=np.uint8)
    rows = 4 + 2 * y
    for offset in range(2):  # a bar whose height tells the label
        images[np.arange(1200), rows + offset, 4:24] = rng.randint(150, 255, size=(1200, 20))
    np.savez(tmp_path / "mnist.npz", X_train=images, y_train=y, X_test=images[:50], y_test=y[:50])
    benchmark = script("mnist_networks", monkeypatch)
    command = ["mnist_networks.py", str(tmp_path), "--quick", "--n-epochs", "2", "--n-alone", "1"]
    command += ["--degrees", "2"]
    monkeypatch.setattr(sys, "argv", command)
    benchmark.main()
    printed = capsys.readouterr().out
    assert "60 images, 5 queries" in printed
    assert "one by one, skorch" in printed and "DPA, run-off" in printed
    assert (np.diff(table_of(printed, r"DPA\*")) <= 0).all()
    assert (np.diff(table_of(printed, r"DPA\*, run-off")) <= 0).all()
    assert (np.diff(table_of(printed, "FA, d = 2, tightened")) <= 0).all()
