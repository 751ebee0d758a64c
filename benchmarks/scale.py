"""What does a data set larger than memory cost: laid out, read, learned from, asked?

    python benchmarks/scale.py --page docs/scaling.md

Rows of float32 columns come from a generator, so that no process ever holds them all. Each step
runs in a process of its own, whose peak memory is measured, as is that of its workers. From the
smaller sizes follow unit costs (_scaling_model.py), and from these what the larger ones should
take, beside what they do, and what a thousand million rows would take. The tables are those of
docs/scaling.md.
"""

import argparse
import multiprocessing
import os
import re
import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import joblib
import numpy as np
import psutil
from _scaling_model import CLOCKS, UNITS, UNITS_OF_STEPS, Size, fit_costs, predict, project
from joblib.externals.loky import get_reusable_executor

from sklearn_certify import DPAClassifier
from sklearn_certify.ensemble._rows_of_partitions import RowsOfPartitions
from sklearn_certify.partition import PartitionedDataset, hash_labels, hash_rows, split

N_JOBS = 2
BYTES_AT_A_TIME = 20 << 20

# more of them than a step has unit costs, so that no single one decides any
SMALLER = (
    Size(4_000_000),
    Size(8_000_000, n_queries=40_000),
    Size(4_000_000, n_partitions=8000),  # which tells what a partition costs
    Size(1_000_000, 100, n_queries=40_000),  # and what a column does
    Size(2_500_000, 100, 8000),
)
LARGER = (Size(20_000_000, n_queries=100_000), Size(4_000_000, 100, 10_000))
PROJECTED, N_WORKERS = Size(10**9, 100, 10_000, 10**6), 100
FIGURES, END_OF_FIGURES, TOLD = "<!-- figures of benchmarks/scale.py -->", "<!-- end -->", []

# ---- the steps


class Watch:
    """Seconds on each clock, of what runs inside of ``with watch.running():``."""

    def __init__(self):
        self.times = np.zeros(len(CLOCKS))

    @contextmanager
    def running(self):
        before = self._now()
        yield
        self.times += self._now() - before

    def _now(self):
        children = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
        of_children = sum(times.user + times.system for times in children)
        return np.array([perf_counter(), process_time() + of_children])

    def read(self):
        return dict(zip(CLOCKS, self.times.tolist(), strict=True))


class Blocks:
    """Rows and labels, the same each time, and how long it took to make them up."""

    def __init__(self, size):
        self.size, self.watch = size, Watch()

    def __iter__(self):
        n_columns = self.size.n_columns
        weights = np.random.default_rng(0).normal(size=n_columns).astype(np.float32)
        n_at_a_time = BYTES_AT_A_TIME // (4 * n_columns)
        for start in range(0, self.size.n_rows, n_at_a_time):
            with self.watch.running():
                shape = (min(n_at_a_time, self.size.n_rows - start), n_columns)
                X = np.random.default_rng(start).random(shape, dtype=np.float32)
                y = (X @ weights > weights.sum() / 2).astype(np.int8)
            yield X, y


def hash_all(size, folder):
    watch = Watch()
    for X, y in Blocks(size):
        with watch.running():
            split(hash_rows(X), size.n_partitions)
            hash_labels(y)
    return watch.read()


def lay_out(size, folder):
    blocks, watch = Blocks(size), Watch()
    with watch.running():
        PartitionedDataset.write(f"{folder}/rows", blocks, size.n_partitions)
    whole = watch.read()["seconds"]
    watch.times -= blocks.watch.times
    files = list(os.scandir(f"{folder}/rows"))
    return {
        **watch.read(),
        "MB/s": size.n_mb / whole,  # rows made up at the same time
        "files": len(files),
        "MB": sum(file.stat().st_size for file in files) / 1e6,
    }


def read_and_sort(size, folder):
    """Read partitions in one process, one by one."""
    source = RowsOfPartitions(PartitionedDataset(f"{folder}/rows"), classifier(size))
    watch = Watch()
    with watch.running():
        for number in range(size.n_partitions):
            source.rows_of([number])
    return watch.read()


def fit(size, folder, backend="loky"):
    """Fit by processes, as on many machines."""
    watch = Watch()
    with joblib.parallel_config(backend, n_jobs=N_JOBS):
        start_workers()
        with watch.running():
            fitted = classifier(size).fit(PartitionedDataset(f"{folder}/rows"))
    joblib.dump(fitted, f"{folder}/fitted")
    return watch.read()


def ask(size, folder):
    fitted, watch = joblib.load(f"{folder}/fitted"), Watch()
    rng = np.random.default_rng(1)
    queries = rng.random((size.n_queries, size.n_columns), dtype=np.float32)
    fitted.predict_certified(queries[:16])
    with watch.running():
        fitted.predict_certified(queries)
    return watch.read()


def fit_in_threads(size, folder):
    """Fit by threads, as such voters are unless another engine is chosen."""
    return fit(size, folder, "threading")


def fit_in_memory(size, folder):
    X, y = map(np.concatenate, zip(*Blocks(size), strict=True))
    start_workers()
    watch = Watch()
    with watch.running():
        classifier(size).fit(X, y)
    return watch.read()


def classifier(size):
    return DPAClassifier(n_partitions=size.n_partitions, n_jobs=N_JOBS)


def start_workers():
    """Let workers import what they need: joblib keeps them from one fit to the next."""
    DPAClassifier(n_partitions=8).fit(np.random.default_rng(0).random((65, 2)), np.arange(65) % 2)


STEPS = {
    "hash": hash_all,
    "lay out": lay_out,
    "read and sort": read_and_sort,
    "fit": fit,
    "ask": ask,
}
BESIDE_MEMORY = {"fit in threads": fit_in_threads, "fit in memory": fit_in_memory}


# ---- measured


def peak_of_this_process():
    """Return the most MB that this process had in memory."""
    try:
        return int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1]) / 1e3
    except OSError:
        return _peak(resource.RUSAGE_SELF)


def peak_of_workers():
    """Stop the workers, and return the most MB that any of them had in memory, 0 without any."""
    get_reusable_executor().shutdown(wait=True)
    return _peak(resource.RUSAGE_CHILDREN)


def _peak(whose):
    return resource.getrusage(whose).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def measure(step, size, folder):
    result = step(size, folder)
    return {
        **result,
        "peak": peak_of_this_process(),
        "peak of workers": peak_of_workers() if step is fit else 0.0,
    }


def in_its_own_process(step, size, folder):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(measure, step, size, folder).result()


def in_this_process(step, size, folder):
    """Do a step without a look at memory, and without processes of its own."""
    step = fit_in_threads if step is fit else step
    return {**step(size, folder), "peak": np.nan, "peak of workers": 0.0}


def run(size, parent, call, with_memory, n_times):
    """Return of each step what came of it: the least seconds of some times, the highest peaks."""
    steps = {**STEPS, **BESIDE_MEMORY} if with_memory else STEPS
    results = {name: [] for name in steps}
    for _ in range(n_times):
        with TemporaryDirectory(dir=parent) as folder:
            for name, step in steps.items():
                results[name].append(call(step, size, folder))
    return {name: _best_of(found) for name, found in results.items()}


def _best_of(found):
    best = dict(found[0])
    for clock in CLOCKS:
        best[clock] = min(result[clock] for result in found)
    for peak in ("peak", "peak of workers"):
        best[peak] = max(result[peak] for result in found)
    best["MB/s"] = max(result.get("MB/s", 0) for result in found)
    return best


# ---- told


def tell(line=""):
    print(line, flush=True)
    TOLD.append(line)


def table(head, *rows):
    for cells in (head, ["---"] * len(head), *rows):
        tell(f"| {' | '.join(map(str, cells))} |")
    tell()


def write_into(page):
    """Let a page show these figures in the place of those that it has."""
    before, _, rest = page.read_text().partition(FIGURES)
    _, _, after = rest.partition(END_OF_FIGURES)
    parts = [before + FIGURES, *TOLD, END_OF_FIGURES + after]
    page.write_text("\n".join(parts))


def tell_of_size(size, results):
    tell(f"{size}, {size.n_mb:,.0f} MB; {size.n_queries:,} queries")
    tell()
    rows = (
        (
            name,
            *(f"{result[clock]:.2f}" for clock in CLOCKS),
            "" if name == "ask" else f"{size.n_mb / result['seconds']:.0f}",
            f"{result['peak']:.0f}",
            f"{result['peak of workers']:.0f}" if result["peak of workers"] else "",
        )
        for name, result in results.items()
    )
    table(["step", *CLOCKS, "MB/s", "peak MB", "of a worker"], *rows)
    laid_out = results["lay out"]
    tell(f"Laid out at {laid_out['MB/s']:.0f} MB/s with the time that the generator takes;")
    tell(f"{laid_out['files']} files, {laid_out['MB']:,.0f} MB on disk.")
    if "fit in memory" in results:
        ratio = results["fit in threads"]["seconds"] / results["fit in memory"]["seconds"]
        tell(f"A fit on disk took {ratio:.2f} of the time of a fit in memory, both in threads.")
    tell()


def tell_of_costs(costs, clock):
    rows = (
        (step, *(f"{1e6 * of_units[unit]:.3g}" if unit in of_units else "" for unit in UNITS))
        for step, of_units in costs.items()
    )
    table([f"millionths, {clock}", *(f"a {unit}" for unit in UNITS)], *rows)


def tell_of_prediction(size, costs, results):
    rows = []
    foretold = {clock: predict(costs[clock], size) for clock in CLOCKS}
    for step in UNITS_OF_STEPS:
        cells = []
        for clock in CLOCKS:
            seconds, took = foretold[clock][step], results[step][clock]
            cells += [f"{seconds:.2f}", f"{took:.2f}", f"{seconds / took - 1:+.0%}"]
        rows.append((step, *cells))
    head = [cell for clock in CLOCKS for cell in (f"{clock}, foretold", "measured", "error")]
    table([f"{size}", *head], *rows)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="few rows, in this process")
    parser.add_argument("--folder", help="where the data set goes; needs three times its size")
    parser.add_argument("--times", type=int, default=2, help="the fastest of so many runs counts")
    parser.add_argument("--page", type=Path, help="a page of Markdown that is to show the tables")
    arguments = parser.parse_args(argv)
    TOLD.clear()
    smaller, larger, call = SMALLER, LARGER, in_its_own_process
    if arguments.quick:
        smaller = Size(2000, 5, 10, 20), Size(2000, 5, 40, 20), Size(1000, 20, 10, 40)
        larger, call = (Size(8000, 5, 10, 80),), in_this_process
    measured = {}
    for size in (*smaller, *larger):
        with_memory = size == smaller[0]
        measured[size] = run(size, arguments.folder, call, with_memory, arguments.times)
        tell_of_size(size, measured[size])
    known = {size: measured[size] for size in smaller}
    costs = {clock: fit_costs(known, clock) for clock in CLOCKS}
    for clock in CLOCKS:
        tell_of_costs(costs[clock], clock)
    for size in larger:
        tell_of_prediction(size, costs, measured[size])
    found = project(costs["of processors"], PROJECTED, N_WORKERS)
    rows = ((what, f"{number:,.3g}") for what, number in found.items())
    table([f"{PROJECTED}, {N_WORKERS} workers", ""], *rows)
    if arguments.page:
        write_into(arguments.page)


if __name__ == "__main__":
    main()
