"""Radii of votes, and scores of radii, by every public function for rows one by one."""

from itertools import product

import numpy as np

from sklearn_certify.certificates import (
    bagging_radius,
    count_votes,
    flip_radius,
    infinite_aggregation_radius,
    knn_radius,
    overlap_radius,
    plurality_radius,
    rnn_radius,
    runoff_radius,
    runoff_votes,
    temporal_earliness,
    temporal_radius,
)
from sklearn_certify.metrics import (
    certified_accuracy_curve,
    certified_accuracy_score,
    false_negatives,
    false_positives,
    median_certified_radius,
    targeted_misclassification_rate,
)
from sklearn_certify.partition import cyclic_spread
from sklearn_certify.threat import THREAT_MODELS, check_poison_sizes, partitions_per_unit

from .data import integers, irregular_spread, lopsided_scores, lopsided_votes
from .targets import against_each
from .values import Cases

CASES = Cases()

SIZES = ((200, 9, 3), (200, 60, 10), (100, 300, 4), (200, 40, 2))  # rows, voters, classes
ABSTAINING = (4, 25)  # percent


COSTS = (
    {"cost": 1, "phantom": True},
    {"cost": 1, "phantom": False},
    {"cost": 2, "phantom": True},
)


def _choices(**choices):
    """Return all combinations of options."""
    return [dict(zip(choices, chosen, strict=True)) for chosen in product(*choices.values())]


def _radii(certificate, choices):
    """Return the predictions, and the radii for every choice of options, by name."""
    values = {}
    for options in choices:
        predicted, radii = certificate(**options)
        values["predicted"] = predicted
        values[" ".join(map(_as_text, options, options.values()))] = radii
    return values


def _as_text(name, value):
    return value if isinstance(value, str) else f"{name}={value}"


def _gather(parts):
    """Put the names of parts before those of their values."""
    return {f"{p}: {name}": v for p, values in parts.items() for name, v in values.items()}


@CASES.add()
def plurality():
    parts = {}
    for seed, (n_rows, n_voters, n_classes) in enumerate((*SIZES, (50, 7, 1))):
        percent = ABSTAINING[n_classes == 2]  # many, and labels that are invented count
        votes = lopsided_votes(seed, n_rows, n_voters, n_classes, percent_abstaining=percent)

        def certificate(votes=votes, n_classes=n_classes, **options):
            return plurality_radius(votes, n_classes, **options)

        parts[f"{n_voters} voters"] = {
            "counts": count_votes(votes.astype(np.int8), n_classes),
            **_radii(certificate, COSTS),
        }
    return _gather(parts)


@CASES.add()
def overlap():
    random = np.random.RandomState(0)
    settings = {
        "few voters": ((200, 12, 3), cyclic_spread(12, 3, random)),
        "many classes": ((200, 60, 10), cyclic_spread(60, 4, random)),
        "many voters": ((40, 3000, 4), cyclic_spread(3000, 8, random)),
        "no pattern": ((200, 30, 3), irregular_spread(1, 45, 30, 5)),
        "many without pattern": ((40, 3000, 3), irregular_spread(1, 2000, 3000, 12)),
        "idle voters": ((200, 40, 3), irregular_spread(2, 6, 40, 2)),
        "one each": ((200, 20, 5), np.arange(20)[:, np.newaxis]),
    }
    parts = {}
    for seed, (name, (size, spread)) in enumerate(settings.items()):
        percent = ABSTAINING[name == "no pattern"]
        votes = lopsided_votes(10 + seed, *size, percent_abstaining=percent)

        def certificate(votes=votes, spread=spread, n_classes=size[2], **options):
            return overlap_radius(votes, spread, n_classes, **options)

        choices = [{"tighten": tighten, **cost} for tighten in (False, True) for cost in COSTS]
        parts[name] = _radii(certificate, choices)
    return _gather(parts)


@CASES.add()
def runoff():
    random = np.random.RandomState(0)
    settings = {
        "few voters": ((200, 9, 3), None),
        "many classes": ((100, 60, 10), None),
        "two classes": ((200, 40, 2), None),
        "cyclic": ((200, 24, 4), cyclic_spread(24, 3, random)),
        "many cyclic": ((60, 200, 5), cyclic_spread(200, 8, random)),
        "no pattern": ((200, 20, 4), irregular_spread(3, 30, 20, 4)),
    }
    parts = {}
    for seed, (name, (size, spread)) in enumerate(settings.items()):
        percent = ABSTAINING[name in ("two classes", "no pattern")]
        scores = lopsided_scores(20 + seed, *size, percent_abstaining=percent)

        def certificate(scores=scores, spread=spread, **options):
            return runoff_radius(scores, spread=spread, **options)

        parts[name] = {
            "votes": runoff_votes(scores.astype(np.float32)),
            **_radii(certificate, COSTS),
        }
    return _gather(parts)


@CASES.add()
def bagging():
    few = count_votes(lopsided_votes(30, 60, 300, 3, percent_abstaining=0), 3)
    many = count_votes(lopsided_votes(31, 60, 2000, 10), 10)
    settings = {
        "few rows": (few, {"n_rows": 150, "max_samples": 10, "alpha": 0.05}),
        "many rows": (many, {"n_rows": 60_000, "max_samples": 100, "n_voters": 2000}),
        "share": (few, {"n_rows": 3000, "max_samples": 0.01}),
    }
    parts = {}
    for name, (counts, fixed) in settings.items():

        def certificate(counts=counts, fixed=fixed, **options):
            return bagging_radius(counts, **fixed, **options)

        samplings = ("with_replacement", "without_replacement", "bernoulli")
        choices = _choices(sampling=samplings, threat_model=THREAT_MODELS)
        parts[name] = _radii(certificate, choices)
    return _gather(parts)


@CASES.add()
def nearest_neighbors():
    settings = {
        "5 of 30": ((200, 30, 3), {"n_neighbors": 5}),
        "20 of 60": ((200, 60, 10), {"n_neighbors": 20, "n_rows": 500}),
        "all rows known": ((200, 25, 2), {"n_neighbors": 11, "n_rows": 25}),
        "fewer rows than votes": ((200, 7, 3), {"n_neighbors": 9, "n_rows": 7}),
    }
    parts = {}
    for seed, (name, (size, fixed)) in enumerate(settings.items()):
        labels = lopsided_votes(40 + seed, *size, percent_abstaining=0)

        def certificate(labels=labels, n_classes=size[2], fixed=fixed, **options):
            return knn_radius(labels, n_classes=n_classes, **fixed, **options)

        choices = _choices(threat_model=THREAT_MODELS, phantom=(True, False))
        parts[name] = _radii(certificate, choices)
    return _gather(parts)


@CASES.add()
def radius_neighbors():
    parts = {}
    for seed, (n_rows, n_voters, n_classes) in enumerate((*SIZES[1:3], (50, 7, 1))):
        votes = lopsided_votes(50 + seed, n_rows, n_voters, n_classes, percent_abstaining=30)
        votes[::20] = -1  # no neighbours
        counts = count_votes(votes, n_classes)

        def certificate(counts=counts, **options):
            return rnn_radius(counts, **options)

        choices = _choices(threat_model=THREAT_MODELS, phantom=(True, False))
        parts[f"{n_voters} voters"] = _radii(certificate, choices)
    return _gather(parts)


@CASES.add()
def temporal():
    random = np.random.RandomState(0)
    settings = {
        "one period each": ((200, 40, 4), np.arange(40), 0),
        "windows": ((200, 40, 4), np.arange(40), 2),
        "few ragged spans": ((60, 8, 3), integers(random, 12, 8), integers(random, 3, 8)),
        "ragged spans": ((100, 60, 3), integers(random, 50, 60), integers(random, 9, 60)),
    }
    parts = {}
    for seed, (name, (size, first, length)) in enumerate(settings.items()):
        votes = lopsided_votes(60 + seed, *size, percent_abstaining=10)
        periods = first, first + length
        parts[name] = {
            f"{what} phantom={phantom}": radius(votes, *periods, size[2], phantom=phantom)[1]
            for what, radius in (("duration", temporal_radius), ("earliness", temporal_earliness))
            for phantom in (True, False)
        }
    return _gather(parts)


@CASES.add()
def flips():
    values = {}
    for seed, size in enumerate(((100, 6, 3), (60, 60, 8))):
        n_classes, random = size[2], np.random.RandomState(seed)
        votes = lopsided_votes(130 + seed, *size)
        costs = integers(random, 15, size)

        def certificate(votes=votes, costs=costs, n_classes=n_classes, **options):
            return flip_radius(votes, costs, n_classes, **options)

        name = f"{size[1]} voters"
        values[f"{name}: radii"] = certificate()[1]
        values[f"{name}: targeted"] = against_each(certificate, n_classes - 1)
    return values


@CASES.add()
def infinite_aggregation():
    random = np.random.RandomState(0)
    drawn = integers(random, 10, (20_000, 60)) == 0
    others = integers(random, 20, (8, 20_000), low=1)
    loyalty = np.arange(30, 62, 4)[:, np.newaxis]  # percent
    votes = np.where(integers(random, 100, (8, 20_000)) < loyalty, 0, others)
    return {
        model: infinite_aggregation_radius(votes, drawn, 21, 0.1, threat_model=model)[1]
        for model in THREAT_MODELS
    }


@CASES.add()
def scores():
    random = np.random.RandomState(60)
    truth, predicted = integers(random, 3, 200), integers(random, 3, 200)
    predicted = np.where(integers(random, 10, 200) < 7, truth, predicted)
    triggered = np.where(integers(random, 10, 200) < 5, 2, predicted)
    radii = integers(random, 12, 200, low=-1)
    poisoned, kept = integers(random, 2, 200) > 0, integers(random, 3, 200) > 0
    sizes, accuracies = certified_accuracy_curve(truth, predicted, radii)
    return {
        "accuracy": certified_accuracy_score(truth, predicted, radii, [0, 1, 5, 11, 12]),
        "curve, sizes": sizes,
        "curve, accuracies": accuracies,
        "median": median_certified_radius(truth, predicted, radii),
        "misclassification": targeted_misclassification_rate(
            truth, predicted, triggered, source=0, target=2
        ),
        "false negatives": false_negatives(poisoned, kept),
        "false positives": false_positives(poisoned, kept),
        "share of false negatives": false_negatives(poisoned, kept, normalize=True),
        "share of false positives": false_positives(poisoned, kept, normalize=True),
    }


@CASES.add()
def threat_models():
    values = {"names": THREAT_MODELS}
    for name in THREAT_MODELS:
        values[name] = [
            partitions_per_unit(name, partition_sees_labels=sees_labels, grouped=grouped)
            for sees_labels, grouped in product((False, True), repeat=2)
        ]
    largest = np.array([3, 2**63 + 7], dtype=np.uint64)
    return {**values, "sizes": check_poison_sizes([0, 5, 10]), "large": check_poison_sizes(largest)}
