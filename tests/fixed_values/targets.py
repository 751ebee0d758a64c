"""Radii against attackers who want one label, by every public function."""

import numpy as np

from sklearn_certify.certificates import (
    bagging_radius,
    count_votes,
    knn_radius,
    overlap_radius,
    plurality_radius,
    rnn_radius,
    runoff_radius,
)
from sklearn_certify.partition import cyclic_spread
from sklearn_certify.threat import THREAT_MODELS

from .data import irregular_spread, lopsided_scores, lopsided_votes
from .values import Cases

CASES = Cases()

SIZES = ((40, 6, 3), (100, 60, 10))  # rows, voters, classes


def against_each(certificate, n_classes):
    """Return radii of shape (n_classes + 1, n_rows), the last for a label that is invented."""
    return np.array([certificate(target=target)[1] for target in range(n_classes + 1)])


@CASES.add()
def plurality():
    values = {}
    for seed, size in enumerate(SIZES):
        votes = lopsided_votes(70 + seed, *size)
        for cost in (1, 2):

            def certificate(votes=votes, n_classes=size[2], cost=cost, **options):
                return plurality_radius(votes, n_classes, cost=cost, **options)

            values[f"{size[1]} voters cost={cost}"] = against_each(certificate, size[2])
    return values


@CASES.add()
def overlap():
    random = np.random.RandomState(0)
    settings = {
        "few voters": (SIZES[0], cyclic_spread(6, 2, random)),
        "many classes": (SIZES[1], cyclic_spread(60, 4, random)),
        "no pattern": (SIZES[0], irregular_spread(5, 9, 6, 3)),
    }
    values = {}
    for seed, (name, (size, spread)) in enumerate(settings.items()):
        votes = lopsided_votes(80 + seed, *size, percent_abstaining=10)
        for tighten in (False, True):

            def certificate(votes=votes, spread=spread, tighten=tighten, size=size, **options):
                return overlap_radius(votes, spread, size[2], tighten=tighten, **options)

            values[f"{name}: tighten={tighten}"] = against_each(certificate, size[2])
    return values


@CASES.add()
def runoff():
    random = np.random.RandomState(0)
    settings = {
        "few voters": (SIZES[0], None),
        "cyclic": (SIZES[0], cyclic_spread(6, 2, random)),
        "many classes": (SIZES[1], irregular_spread(6, 40, 60, 4)),
    }
    values = {}
    for seed, (name, (size, spread)) in enumerate(settings.items()):
        scores = lopsided_scores(90 + seed, *size)

        def certificate(scores=scores, spread=spread, **options):
            return runoff_radius(scores, spread=spread, **options)

        values[name] = against_each(certificate, size[2])
    return values


@CASES.add()
def bagging():
    counts = count_votes(lopsided_votes(100, 60, 300, 4, percent_abstaining=0), 4)
    values = {}
    for threat_model in THREAT_MODELS:

        def certificate(threat_model=threat_model, **options):
            return bagging_radius(counts, 5000, 20, threat_model=threat_model, **options)

        values[threat_model] = against_each(certificate, 4)
    return values


@CASES.add()
def nearest_neighbors():
    settings = {
        "3 of 6": (SIZES[0], {"n_neighbors": 3, "n_rows": 6}),
        "20 of 60": (SIZES[1], {"n_neighbors": 20, "n_rows": 500}),
    }
    values = {}
    for seed, (name, (size, fixed)) in enumerate(settings.items()):
        labels = lopsided_votes(110 + seed, *size, percent_abstaining=0)
        for threat_model in THREAT_MODELS:

            def certificate(labels=labels, size=size, fixed=fixed, model=threat_model, **options):
                return knn_radius(labels, n_classes=size[2], threat_model=model, **fixed, **options)

            values[f"{name}: {threat_model}"] = against_each(certificate, size[2])
    return values


@CASES.add()
def radius_neighbors():
    votes = lopsided_votes(120, *SIZES[0], percent_abstaining=30)
    votes[::20] = -1  # no neighbours
    counts = count_votes(votes, SIZES[0][2])
    values = {}
    for threat_model in THREAT_MODELS:

        def certificate(threat_model=threat_model, **options):
            return rnn_radius(counts, threat_model=threat_model, **options)

        values[threat_model] = against_each(certificate, SIZES[0][2])
    return values
