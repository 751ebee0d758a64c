"""The benchmark on traffic signs, on a few made-up signs."""

import importlib.util
import io
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gtsrb_partitions.py"
pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="benchmarks are in the sources alone")


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("gtsrb_partitions", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def signs():
    """Return noisy images of a bar that leans in one of three directions, and which."""
    rng = np.random.RandomState(0)
    labels = np.arange(180) % 3
    rows, columns = np.indices((32, 32)) - 15.5
    angles = np.pi * labels[:, np.newaxis, np.newaxis] / 3
    bars = np.abs(np.sin(angles) * rows + np.cos(angles) * columns) < 3
    light = rng.uniform(20, 200, (180, 1, 1, 3))
    images = bars[..., np.newaxis] * light + rng.uniform(0, 40, (180, 32, 32, 3))
    return images.astype(np.uint8), labels


def test_any_images_are_certified(script, signs):
    images, labels = signs
    model = script.fit(images[:150], labels[:150], n_partitions=10, n_copies=1, n_jobs=2)
    predicted, radii = script.certify(model, images[150:])
    assert np.mean(predicted == labels[150:]) > 0.9
    assert radii.max() == 5  # a tie of ten voters goes to the first class
    alone = [script.certify(model, images[[row]]) for row in range(150, 153)]
    np.testing.assert_array_equal(np.concatenate(alone, axis=1), [predicted[:3], radii[:3]])
    shared = script.fit(images[:150], labels[:150], n_partitions=5, spreading_degree=2, n_copies=0)
    assert shared.n_voters_ == 10 and len(shared.estimators_) == 10


def test_tables_are_printed_of_tracks_held_out(script, signs, tmp_path, monkeypatch, capsys):
    from PIL import Image

    images, labels = signs
    files = []
    for image in images:
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "webp", quality=90)
        files.append(np.frombuffer(buffer.getvalue(), np.uint8))
    ends = np.cumsum([len(file) for file in files])
    tracks = np.arange(180) // 3 % 10  # six images of each sign
    np.savez(
        tmp_path / "gtsrb_train.npz", webp=np.concatenate(files), end=ends, y=labels, track=tracks
    )
    loaded, loaded_labels, loaded_tracks = script.load(tmp_path)
    assert np.abs(loaded.astype(int) - images).mean() < 20
    np.testing.assert_array_equal(loaded_labels, labels)
    assert np.bincount(loaded_tracks).tolist() == [6] * 30

    command = ["gtsrb_partitions.py", str(tmp_path), "--quick", "--n-partitions", "50"]
    monkeypatch.setattr(sys, "argv", command)
    script.main()
    printed = capsys.readouterr().out
    assert "144 images of 24 tracks, 4 queries of 3 other tracks" in printed
    assert "FA, d = 32, paper           88.64" in printed and "DPA       " in printed
