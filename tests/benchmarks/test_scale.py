"""What a data set larger than memory costs: few rows, and costs that are made up."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "scale.py"
pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="benchmarks are in the sources alone")
for needed in ("psutil", "pyarrow"):
    pytest.importorskip(needed)


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("scale", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["scale"] = module
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPT.parent)  # of the model that it imports
        try:
            spec.loader.exec_module(module)
            yield module
        finally:
            del sys.modules["scale"]


COSTS = {
    "hash": {"row": 2e-8, "MB": 1e-3},
    "lay out": {"partition": 1e-4, "row": 1e-7, "MB": 4e-3},
    "read and sort": {"partition": 1e-3, "row": 2e-7, "MB": 0.0},
    "fit": {"partition": 2e-3, "row": 3e-7, "MB": 1e-3},
    "ask": {"voter and chunk": 1e-6, "vote": 1e-8, "vote and column": 2e-10},
}


def results(script, size):
    seconds = script.predict(COSTS, size)
    return {step: {"seconds": took, "of processors": 2 * took} for step, took in seconds.items()}


def test_costs_are_found_again_and_foretell_larger_sizes(script):
    measured = {size: results(script, size) for size in script.SMALLER}
    for clock, factor in (("seconds", 1), ("of processors", 2)):
        costs = script.fit_costs(measured, clock)
        for step, units in COSTS.items():
            for unit, cost in units.items():
                assert costs[step][unit] == pytest.approx(factor * cost, rel=1e-6, abs=1e-12)
        for size in script.LARGER:
            for step, seconds in script.predict(costs, size).items():
                assert seconds == pytest.approx(factor * results(script, size)[step]["seconds"])


def test_no_cost_is_negative_where_measurements_contradict_each_other(script):
    measured = {size: results(script, size) for size in script.SMALLER}
    most = max(measured, key=lambda size: size.n_rows)
    measured[most]["fit"]["seconds"] /= 100
    costs = script.fit_costs(measured, "seconds")
    assert min(costs["fit"].values()) >= 0 and max(costs["fit"].values()) > 0


def test_no_single_size_decides_what_a_step_costs(script):
    """A step that one of the sizes finds slow by chance is not foretold by that size alone."""
    assert all(len(units) < len(script.SMALLER) for units in script.UNITS_OF_STEPS.values())
    for slow in script.SMALLER:
        measured = {size: results(script, size) for size in script.SMALLER}
        for found in measured[slow].values():
            found["seconds"] *= 1.15
        costs = script.fit_costs(measured, "seconds")
        for size in script.LARGER:
            for step, seconds in script.predict(costs, size).items():
                assert seconds == pytest.approx(results(script, size)[step]["seconds"], rel=0.2)


def test_queries_are_asked_in_chunks(script):
    many = script.Size(1000, n_partitions=10_000, n_queries=10**6)
    assert many.n_chunks == -(-(10**6) // (2**25 // 10_000))
    assert script.Size(1000, n_partitions=2, n_queries=2**17).n_chunks == 2


def test_a_projection_counts_hours_bytes_and_files(script):
    size = script.Size(10**9, 100, 10_000, 10**6)
    found = script.project(COSTS, size, n_workers=100)
    assert found["hours to lay out, one process"] == pytest.approx(1701 / 3600)
    assert found["hours to read, sort and fit"] == pytest.approx((20 + 300 + 400) / 100 / 3600)
    assert found["hours to ask about 1,000,000 rows"] == pytest.approx(302.99 / 100 / 3600)
    assert found["GB that the layout writes, half of them for a while"] == 800
    assert found["GB/s of the storage that keep workers from waiting"] == pytest.approx(400 / 7.2)
    assert found["files"] == pytest.approx(4e11 / 2**27)
    assert found["MB of a partition, in the memory of a worker"] == 40
    assert found["MB that are sorted at a time, in the memory of the layout"] == 400_000 / 1024
    few = script.project(COSTS, script.Size(1000, 1, 5120), n_workers=2)
    assert few["files"] == 20


def test_all_tables_are_printed(script, tmp_path, capsys):
    page, folder = tmp_path / "page.md", tmp_path / "folder"
    page.write_text(f"Before\n{script.FIGURES}\nold figures\n{script.END_OF_FIGURES}\nAfter\n")
    folder.mkdir()
    command = ["--quick", "--times", "1", "--folder", str(folder), "--page", str(page)]
    script.main(command)
    printed = capsys.readouterr().out
    for step in script.STEPS:
        assert printed.count(f"| {step} |") == 4 + 2 + 1
    assert "A fit on disk took " in printed and "MB/s with the time that the generator" in printed
    assert "| 1,000,000,000 x 100, 10,000 partitions, 100 workers |  |" in printed
    assert not list(folder.iterdir())
    for _ in range(2):  # the second time in the place of what the first has written
        content = page.read_text()
        assert content.startswith(f"Before\n{script.FIGURES}\n2,000 x 5, 10 partitions, 0 MB")
        assert content.endswith(f"\n{script.END_OF_FIGURES}\nAfter\n")
        assert "old figures" not in content and content.count("100 workers") == 1
        script.write_into(page)


def test_peaks_of_processes_are_found(script):
    before = script.peak_of_this_process()
    cells = np.ones(2**23)
    assert script.peak_of_this_process() >= before >= 50
    assert cells.nbytes / 1e6 < script.peak_of_this_process() < 1e6
