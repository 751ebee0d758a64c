"""An explanation with a target says what the targeted certificate says."""

import re

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from sklearn_certify import CertifiedKNN, CertifiedRNN, certified_radius, certify, explain

from .cases import CLASSIFIERS, FLIPS, TEMPORAL, make_rows


@pytest.fixture(scope="module")
def fitted():
    X, y, _ = make_rows()
    models = {name: clone(model).fit(X, y) for name, model in CLASSIFIERS.items()}
    periods = np.arange(len(y)) // 5
    models |= {name: clone(model).fit(X, y, periods=periods) for name, model in TEMPORAL.items()}
    return models | {"flips": clone(FLIPS).fit(X, y)}


EVERY = pytest.mark.parametrize("name", [*CLASSIFIERS, *TEMPORAL, "flips"])


def targets_of(classifier):
    return [*classifier.classes_.tolist(), *["zebra"] * (not classifier._labels_are_fixed)]


@EVERY
def test_it_agrees_with_the_certificate(fitted, name):
    classifier = fitted[name]
    for x in make_rows()[2][:12]:
        prediction = explain(classifier, x).prediction
        for target in targets_of(classifier):
            found = explain(classifier, x, target=target)
            row = x[np.newaxis]
            assert found.radius == certified_radius(classifier, row, target=target)[0]
            assert (found.target, found.prediction) == (target, prediction)
            assert found.has_target == (target == prediction)
            assert repr(target) in found.sentence
            assert str(found).startswith(found.sentence)
            if found.has_target:
                assert "is the target already" in found.sentence
                assert found.radius == -1
                continue
            assert found.runner_up == target
            assert not re.search("change that", found.sentence)
            claimed = re.search(r"at least ([\d,]+) .* to make it|within ([\d,]+) con", str(found))
            if found.radius > 0 and name not in TEMPORAL:
                size = int(claimed[1])
                assert size == found.radius + 1
                assert certify(classifier, row, [size - 1, size], target=target).tolist() == [
                    [True, False]
                ]
            elif found.radius == 0 and name not in TEMPORAL:
                assert f"may be enough to make it {target!r}" in found.sentence


@EVERY
def test_who_votes_for_it_and_what_it_lacks(fitted, name):
    classifier = fitted[name]
    labels = classifier.classes_.tolist()
    for x in make_rows()[2][:8]:
        counts = dict(zip(labels, classifier.vote_counts(x[np.newaxis])[0].tolist(), strict=True))
        for target in targets_of(classifier):
            found = explain(classifier, x, target=target)
            if found.has_target or found.lacks is None:
                continue
            assert found.votes[target] == counts.get(target, 0)
            for label, lead in found.lacks.items():
                ties = target in labels and labels.index(label) < labels.index(target)
                assert lead == max(counts[label] - counts.get(target, 0) + ties, 0) or not any(
                    counts.values()
                )
            if name in ("dpa", "fa", "fa, tight"):
                assert found.rivals
                assert all(found.lacks[label] > 0 for label in found.rivals)


@pytest.mark.parametrize("name", ["dpa", "fa", "dpa, run-off", "fa, run-off"])
def test_what_partitions_can_give_the_target(fitted, name):
    classifier = fitted[name]
    for x in make_rows()[2]:
        found = explain(classifier, x, target="c")
        if found.has_target:
            continue
        frame = found.to_frame()
        assert "for_runner_up" not in frame
        assert (np.diff(frame["at_stake"]) <= 0).all()
        degree = classifier.spread_.shape[1]
        if classifier.aggregation == "plurality":
            assert frame["for_target"].sum() == degree * found.votes["c"]
            # so many partitions take less than what the labels to pass are ahead of the target
            needed = sum(found.lacks[label] for label in found.rivals)
            assert frame["at_stake"][: found.radius].sum() < needed
        else:
            assert found.decided_in_round in (1, 2, None)
            assert len(found.rivals) == (found.decided_in_round is not None)


def test_without_votes_for_it_the_sentence_says_none():
    X, y, _ = make_rows()
    found = explain(CertifiedKNN(9).fit(X, y), X[0], target="zebra")
    assert "none is labelled 'zebra'" in found.sentence
    assert "zebra" in found.votes


def test_an_outlier_label_is_a_target_too():
    X, y, _ = make_rows()
    model = CertifiedRNN(2.0, outlier_label="none", threat_model="delete", classes=["a", "b", "c"])
    found = explain(model.fit(X, y), X[0], target="none")
    assert found.radius == found.n_voters - 1
    assert "predicted where no training row lies within 2 of it" in str(found)
    shared = CertifiedRNN(2.0, outlier_label="b", threat_model="delete", classes=["a", "b", "c"])
    shared.fit(X, y)
    found = next(e for e in (explain(shared, x, target="b") for x in X) if not e.has_target)
    assert "predicted where no training row lies" in str(found)
    assert explain(shared, X[0], target="c").has_target or explain(shared, X[0], target="c").lacks


def test_it_looks_through_pipelines():
    X, y, queries = make_rows()
    pipeline = make_pipeline(Normalizer(), CertifiedKNN(9)).fit(X, y)
    radius = certified_radius(pipeline, queries[:1], target="c")[0]
    assert explain(pipeline, queries[0], target="c").radius == radius


@EVERY
def test_what_it_looks_like(fitted, name):
    pytest.importorskip("matplotlib").use("Agg")
    import matplotlib.pyplot as plt

    for target in targets_of(fitted[name]):
        found = explain(fitted[name], make_rows()[2][0], target=target)
        page = found._repr_html_()
        assert page.count("<table") == page.count("</table>") >= 1
        display = found.plot()
        assert str(found.prediction) in display.ax_.get_title()
        plt.close(display.figure_)


def test_a_reached_target_keeps_the_rest(fitted):
    for x in make_rows()[2][:5]:
        plain = explain(fitted["dpa"], x)
        reached = explain(fitted["dpa"], x, target=plain.prediction)
        assert reached.carriers == plain.carriers
        assert reached.votes == plain.votes
        assert "  prediction, and the target" in str(reached)
