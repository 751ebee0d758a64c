"""Four filters against backdoors with wrong labels, on MNIST and CIFAR-10.

    pip install ".[torch]"
    python benchmarks/backdoors.py DATA_FOLDER --jobs 4 --results backdoors.jsonl

DATA_FOLDER holds ``mnist.npz`` (`X_train`, `y_train`, `X_test`, `y_test`; 28 x 28 uint8) or, for
``--dataset cifar10``, ``cifar10_jpeg.npz``: the images as JPEG files end to end in `jpeg_train` and
`jpeg_test`, where they end in `end_train` and `end_test`, and `y_train`, `y_test`.

A scenario is a source class, a target class, a share of the source class that is poisoned, and a
seed, from which all else is drawn: the training rows (MNIST: 10,000 of 60,000), which of them are
poisoned, the trigger and its place and colour, all random numbers of filters and networks. Of three
seeds one has a single pixel, one an L, one an X. Colours are even over 0.5 to 1 on MNIST, since
darker triggers do not take there, and over all colours on CIFAR-10. The pairs of the table
were not used to choose any setting; ``--pairs tuning`` runs those that were.

A network is trained on all rows, on the clean rows alone, and on what each filter keeps:

ISPL  inverse self-paced learning and boosting. It is not told how much poison there is. MNIST: the
      filter's defaults; CIFAR-10: appendix B.1 of the paper, epochs in proportion, but for
      self-training, which is the filter's.
SS    spectral signatures in a hidden layer of the network that was trained on all rows. It drops
      the paper's shares of each class: 20 %, and 30 % where more than 10 % are poisoned.
AC    activation clustering in the same layer: of two clusters of each class the smaller is dropped.
ITLM  iterative trimmed loss minimization. It keeps 98, 96 and 92 % of the rows at 5, 10 and 20 %,
      as in the paper, in 3 rounds of 2, 1 and 1 epochs on MNIST: stopping early helps it.

The layer is the last hidden one on MNIST and the input to the fourth group on CIFAR-10. ISPL and
ITLM train a network with random shifts (MNIST: 2 pixels); the final networks on MNIST have none.

Columns: C, accuracy on clean test rows in %; A, test rows of the source class that the trigger
turns into the target in %; FP, clean rows that were dropped; FN, poisoned rows that were kept; s,
seconds of the filter on one core (with several jobs side by side), SS and AC with the training of
their network. M is A of the network trained on the clean rows. A low A is worth little where C is
low too. The filters are measured against these attacks alone; none of them has a certificate. The
JPEG files are a little lossy: compare filters on them, not with the paper's figures.

References: "Defending Against Backdoor Attacks Using Ensembles of Weak Learners", section 6,
appendix B and Table 3; the other filters' papers are named in their classes.
"""

import argparse
import io
import json
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch
from _backdoor_networks import DEVICE, NETWORKS, make_filter, train
from joblib import Parallel, delayed

from sklearn_certify.datasets import make_backdoor
from sklearn_certify.metrics import (
    false_negatives,
    false_positives,
    targeted_misclassification_rate,
)

PAIRS = {
    "mnist": {
        "table": ((1, 7), (2, 3), (3, 8), (4, 9), (6, 0), (7, 1), (8, 5), (9, 6)),
        "tuning": ((0, 1), (5, 3), (7, 9), (8, 2)),
    },
    "cifar10": {"table": ((0, 2), (1, 3), (2, 5), (3, 5), (3, 7), (7, 4), (8, 6), (9, 2))},
}
SHAPES = ("pixel", "L", "X")
REFERENCES = ("undefended", "clean")  # trained on all rows, and on the clean rows
FILTERS = ("ISPL", "SS", "AC", "ITLM")
COLUMNS = ("C", "A", "FP", "FN", "s")


# ---- data


def load(name, folder):
    """Training images, their labels, test images and their labels; channels first, uint8."""
    if name == "mnist":
        with np.load(Path(folder) / "mnist.npz") as data:
            images, y, queries, truth = (
                data[key] for key in ("X_train", "y_train", "X_test", "y_test")
            )
        images, queries = images[:, np.newaxis], queries[:, np.newaxis]
    else:
        with np.load(Path(folder) / "cifar10_jpeg.npz") as data:
            images = decoded(data["jpeg_train"], data["end_train"])
            queries = decoded(data["jpeg_test"], data["end_test"])
            y, truth = data["y_train"], data["y_test"]
    return images, y.astype(np.int64), queries, truth.astype(np.int64)


def decoded(files, ends):
    """Images from JPEG files that lie end to end."""
    try:
        from PIL import Image
    except ImportError:
        raise SystemExit("CIFAR-10 comes as JPEG files: pip install pillow to read them.") from None
    starts = np.concatenate([[0], ends[:-1]])
    images = [
        np.asarray(Image.open(io.BytesIO(files[start:end].tobytes())))
        for start, end in zip(starts, ends, strict=True)
    ]
    return np.ascontiguousarray(np.moveaxis(np.array(images), -1, 1))


# ---- scenarios


class Scenario(NamedTuple):
    """What names a scenario; its results are found again by all of it."""

    dataset: str
    source: int
    target: int
    share: float
    seed: int
    n_rows: int
    n_queries: int
    n_epochs: int


def scenarios_of(args):
    """All scenarios that the command line asks for."""
    defaults = {"mnist": (10_000, 6), "cifar10": (50_000, 200)}[args.dataset]
    sizes = (args.rows or defaults[0], args.test_rows, args.epochs or defaults[1])
    return [
        Scenario(args.dataset, *pair, share, seed, *sizes)
        for seed in range(args.seeds)  # first, so that an interrupted run has seen all pairs
        for share in args.shares
        for pair in PAIRS[args.dataset][args.pairs]
    ]


def poisoned_rows(scenario, images, y):
    """The backdoor of a scenario, its shape and colour, and a seed for all that is trained."""
    name = [sorted(PAIRS).index(scenario.dataset), scenario.source, scenario.target]
    name.append(round(10_000 * scenario.share))
    # the seeds of one pair and share take turns in the shapes, in an order of its own
    shapes = np.random.RandomState(np.random.SeedSequence(name).generate_state(1)).permutation(3)
    shape = SHAPES[shapes[scenario.seed % 3]]
    numbers = np.random.SeedSequence([*name, scenario.seed]).generate_state(3)
    draws = np.random.RandomState(numbers[0])
    rows = draws.permutation(len(y))[: scenario.n_rows]
    if scenario.dataset == "mnist":
        color = [draws.uniform(0.5, 1)]
    else:
        color = (draws.randint(256, size=3) / 255).tolist()
    backdoor = make_backdoor(
        as_floats(images[rows]),
        y[rows],
        source=scenario.source,
        target=scenario.target,
        poison_share=scenario.share,
        trigger=shape,
        color=color,
        channels="first",
        random_state=numbers[1],
    )
    return backdoor, shape, color, int(numbers[2] // 2)


def as_floats(images):
    return (images / 255).astype(np.float32)


# ---- one scenario


def run_scenario(scenario, wanted, data):
    """Results of the wanted filters and references, by name."""
    torch.set_num_threads(1)
    images, y, queries, truth = data
    backdoor, shape, color, seed = poisoned_rows(scenario, images, y)
    queries, truth = as_floats(queries[: scenario.n_queries]), truth[: scenario.n_queries]
    victim = NETWORKS[scenario.dataset].victim
    record = {
        **scenario._asdict(),
        "shape": shape,
        "position": list(backdoor.trigger.position),
        "color": color,
        "n_poisoned": int(backdoor.poisoned.sum()),
        "results": {},
    }

    def judge(keep, seconds, network=None):
        if network is None:
            network = train(victim, backdoor.X[keep], backdoor.y[keep], scenario.n_epochs, seed)
        predicted = network.predict(queries)
        of_source = truth == scenario.source
        triggered = predicted.copy()
        triggered[of_source] = network.predict(backdoor.trigger(queries[of_source]))
        classes = {"source": scenario.source, "target": scenario.target}
        rate = targeted_misclassification_rate(truth, predicted, triggered, **classes)
        return {
            "C": float((predicted == truth).mean()),
            "A": rate,
            "FP": false_positives(backdoor.poisoned, keep),
            "FN": false_negatives(backdoor.poisoned, keep),
            "s": seconds,
        }

    start = perf_counter()
    undefended = train(victim, backdoor.X, backdoor.y, scenario.n_epochs, seed)
    training_time = perf_counter() - start
    everything = np.ones(len(backdoor.y), dtype=bool)
    for name in wanted:
        if name in REFERENCES:
            whole = name == "undefended"
            kept, network = (everything, undefended) if whole else (~backdoor.poisoned, None)
            record["results"][name] = judge(kept, 0.0, network)
            continue
        start = perf_counter()
        try:
            made = make_filter(name, scenario, undefended, seed).fit(backdoor.X, backdoor.y)
        except ValueError as error:  # it would keep nothing, say
            record["results"][name] = {"error": str(error)}
            continue
        seconds = perf_counter() - start + (training_time if name in ("SS", "AC") else 0)
        record["results"][name] = judge(made.keep_mask_, seconds)
    return record


def time_filter(scenario, data):
    """Seconds of ISPL on one scenario with three jobs."""
    backdoor, _, _, seed = poisoned_rows(scenario, *data[:2])
    start = perf_counter()
    made = make_filter("ISPL", scenario, None, seed, n_jobs=3).fit(backdoor.X, backdoor.y)
    print(f"ISPL, {len(backdoor.y):,} rows, 3 jobs: {perf_counter() - start:.0f} s")
    print(f"kept {false_negatives(backdoor.poisoned, made.keep_mask_)} poisoned rows")


# ---- results


def key_of(record):
    return Scenario(*(record[field] for field in Scenario._fields))


def read_results(path):
    """Records by scenario; a later line adds to an earlier one."""
    records = {}
    if path is not None and path.exists():
        for line in path.read_text().splitlines():
            merge(records, json.loads(line))
    return records


def merge(records, record):
    merged = records.setdefault(key_of(record), record)
    merged["results"] |= record["results"]
    return merged


def missing_results(record, names):
    results = record["results"] if record else {}
    return [name for name in names if name not in results or "error" in results[name]]


def print_header():
    print("\n" + " " * 24 + "clean  undefended" + "".join(f"{name:^31}" for name in FILTERS))
    columns = "".join(f"{column:>6}" for column in COLUMNS)
    print(f"{'S / T':6}{'share':>5}  # shape{'M':>7}{'C':>6}{'A':>6}" + f" {columns}" * 4)


def print_line(record):
    results = record["results"]
    undefended = results["undefended"]
    line = f"{record['source']} / {record['target']} {record['share']:5.0%} {record['seed']:2} "
    line += f"{record['shape']:5}{100 * results['clean']['A']:7.1f}"
    line += f"{100 * undefended['C']:6.1f}{100 * undefended['A']:6.1f}"
    for name in FILTERS:
        result = results.get(name, {"error": "-"})
        if "error" in result:
            line += f" {result['error'][:29]:>30}"
            continue
        line += f" {100 * result['C']:6.1f}{100 * result['A']:6.1f}"
        line += f"{result['FP']:6}{result['FN']:6}{result['s']:6.0f}"
    print(line, flush=True)


# ---- summary


def is_counted(record):
    """Whether the backdoor works, and clean rows alone do not have its effect."""
    results = record["results"]
    return results["undefended"]["A"] >= 0.85 and results["clean"]["A"] <= 0.01


def succeeds(record, name):
    limit = 0.02 if record["share"] <= 0.1 else 0.05
    return record["results"][name].get("A", 1) <= limit


def print_summary(records):
    """Successes and costs by share of poison and filter, and where ISPL fails."""
    records = [record for record in records if not missing_results(record, REFERENCES)]
    others = [record for record in records if not is_counted(record)]
    print(
        f"\n{len(records)} scenarios. {len(records) - len(others)} count: A >= 85 % undefended and "
        "M <= 1 %. A success is A <= 2 %, or 5 % where more than 10 % are poisoned.\n"
        "FN in % of the poison, FP in % of the clean rows, drop of C in points against undefended, "
        "over those that count."
    )
    print("share filter  successes  of all  median FN  median FP  max FP  mean drop  median s")
    for share in [*sorted({record["share"] for record in records}), None]:
        for name in FILTERS:
            of_share = [r for r in records if share in (None, r["share"]) and name in r["results"]]
            print_summary_line(of_share, name, share)
    failures = [r for r in records if "ISPL" in r["results"] and not succeeds(r, "ISPL")]
    for title, listed in (("ISPL fails", failures), ("Do not count", others)):
        print(f"\n{title}: {len(listed)}")
        for record in listed:
            print_failure(record)


def print_summary_line(records, name, share):
    if not records:
        return
    counted = [record for record in records if is_counted(record)]
    n_successes = sum(succeeds(record, name) for record in counted)
    n_of_all = sum(succeeds(record, name) for record in records)
    line = f"{'all' if share is None else format(share, '.0%'):>5} {name:6}"
    line += f"{n_successes:5} / {len(counted):2}{n_of_all:4} / {len(records):2}"
    rows = []
    for record in counted:
        result, n_poisoned = record["results"][name], record["n_poisoned"]
        if "error" not in result:
            drop = record["results"]["undefended"]["C"] - result["C"]
            n_clean = record["n_rows"] - n_poisoned
            rows.append((result["FN"] / n_poisoned, result["FP"] / n_clean, drop, result["s"]))
    if rows:
        missed, dropped, drops, seconds = np.array(rows).T
        line += f"{100 * np.median(missed):11.1f}{100 * np.median(dropped):11.2f}"
        line += f"{100 * dropped.max():8.2f}{100 * drops.mean():11.2f}{np.median(seconds):10.0f}"
    print(line)


def print_failure(record):
    results = record["results"]
    line = f"{record['source']} / {record['target']} {record['share']:5.0%} seed {record['seed']} "
    line += f"{record['shape']} at {tuple(record['position'])} in "
    line += ", ".join(f"{value:.2f}" for value in record["color"])
    line += f": M {results['clean']['A']:.1%}, undefended {results['undefended']['A']:.1%}"
    result = results.get("ISPL")
    if result and "error" in result:
        line += f", ISPL {result['error']}"
    elif result:
        line += f", ISPL A {result['A']:.1%}, FN {result['FN']} of {record['n_poisoned']}"
    print(line + ("" if is_counted(record) else " (does not count)"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_folder")
    parser.add_argument("--dataset", choices=PAIRS, default="mnist")
    parser.add_argument("--pairs", choices=("table", "tuning"), default="table")
    parser.add_argument("--shares", type=float, nargs="+", default=[0.05, 0.1, 0.2])
    parser.add_argument("--seeds", type=int, default=3, help="scenarios per pair and share")
    parser.add_argument("--rows", type=int, help="default: 10,000 (MNIST), 50,000 (CIFAR-10)")
    parser.add_argument("--test-rows", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, help="default: 6 (MNIST), 200 (CIFAR-10)")
    parser.add_argument("--jobs", type=int, default=1, help="scenarios side by side")
    parser.add_argument("--only-ispl", action="store_true", help="leave out the other filters")
    parser.add_argument("--results", type=Path, help="file to add to, .jsonl; a later run goes on")
    parser.add_argument("--summary-only", action="store_true", help="of the results file")
    parser.add_argument("--timing", action="store_true", help="only time ISPL with 3 jobs, once")
    args = parser.parse_args()
    if args.pairs not in PAIRS[args.dataset]:
        parser.error(f"{args.dataset} has no {args.pairs} pairs")
    scenarios = scenarios_of(args)
    records = read_results(args.results)
    wanted = [*REFERENCES, *(FILTERS[:1] if args.only_ispl else FILTERS)]
    to_do = {scenario: missing_results(records.get(scenario), wanted) for scenario in scenarios}
    to_do = {s: names for s, names in to_do.items() if names and not args.summary_only}
    data = load(args.dataset, args.data_folder) if to_do or args.timing else None
    if args.timing:
        time_filter(scenarios[0], data)
        return
    print(f"{len(scenarios)} scenarios, {len(to_do)} to run, networks on {DEVICE}")
    print_header()
    for scenario in scenarios:
        if scenario in records and scenario not in to_do:
            print_line(records[scenario])
    finished = Parallel(n_jobs=args.jobs, return_as="generator_unordered")(
        delayed(run_scenario)(scenario, names, data) for scenario, names in to_do.items()
    )
    for record in finished:
        if args.results is not None:
            with args.results.open("a") as file:
                file.write(json.dumps(record) + "\n")
        print_line(merge(records, record))
    print_summary([records[scenario] for scenario in scenarios if scenario in records])


if __name__ == "__main__":
    main()
