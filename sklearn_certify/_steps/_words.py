"""Say in words what is wrong with a step, and what to do about it."""

from typing import NamedTuple

from sklearn.base import RegressorMixin

from ..threat import find_threat_model
from ._judge import Fault, is_frozen

__all__ = ["kind_of", "mend", "place_of", "reason", "refusal"]

_VOID = "so one poisoned row can change every voter and no certificate holds"
_REASONS = {
    Fault.LEARNS: f"was fitted on all training rows, {_VOID}",
    Fault.UNKNOWN: f"is of an unknown kind and may have been fitted on all training rows, {_VOID}",
    Fault.CHOOSES_COLUMNS: f"chose its columns by a function of all training rows, {_VOID}",
    Fault.DRAWS: (
        "draws at random without a seed, so fits on the same rows differ and no certificate holds"
    ),
    Fault.FOLLOWS_MEMORY: (
        "gives other digits for rows whose cells lie in another order in memory, as those of the "
        "training rows do, so how they are put together changes voters and no certificate holds"
    ),
    Fault.MIXES: f"turns a row into something else when other rows are around it, {_VOID}",
    Fault.CHANGES_TYPES: (
        f"gives a row another type when other rows, such as some with gaps, are around it, {_VOID}"
    ),
    Fault.CUTS_TEXTS: f"turns a text into something else when a longer one is around it, {_VOID}",
    Fault.LEARNS_UNSAID: (
        f"says that it learns nothing (requires_fit=False), but works otherwise when fitted, "
        f"{_VOID}"
    ),
    Fault.UNSTEADY: (
        "turns the same rows into something else when it is asked again, so no certificate holds"
    ),
    Fault.FOLLOWS_DENSITY: f"gives dense or sparse rows by the cells of all of them, {_VOID}",
}
_MENDS = {
    Fault.CHOOSES_COLUMNS: "Name the columns, or use make_column_selector.",
    Fault.FOLLOWS_MEMORY: "Fit on np.ascontiguousarray(X), or on a copy of a DataFrame.",
    Fault.CHANGES_TYPES: "Let it return one type whatever it gets, as by .astype(float).",
    Fault.CUTS_TEXTS: "Pass texts as objects, X.astype(object).",
    Fault.UNSTEADY: "Give it a seed, or leave it out.",
    Fault.FOLLOWS_DENSITY: (
        "Set sparse_threshold=0, let all of its parts give dense rows (sparse_output=False), or "
        "use a FeatureUnion, which gives sparse rows whenever one of its parts does."
    ),
}


class Place(NamedTuple):
    """The certified classifier, or regressor, that a step belongs to."""

    classifier: str
    kind: str  # "classifier" or "regressor"
    has_voters: bool  # whether there is an estimator inside that a step could go into


def place_of(classifier):
    """Return what words need to know of a certified classifier, or regressor."""
    return Place(
        type(classifier).__name__,
        "regressor" if isinstance(classifier, RegressorMixin) else "classifier",
        has_voters=hasattr(classifier, "estimator"),
    )


def kind_of(finding):
    """Return the name of the kind of a step."""
    return ("frozen " if is_frozen(finding.step) else "") + _own_kind(finding)


def _own_kind(finding):
    step = finding.step
    return type(step.estimator if is_frozen(step) else step).__name__


def reason(finding, place, threat_model):
    """Say what is wrong with a step in front of a classifier, in words that follow its name."""
    if finding.fault is Fault.CHOOSES_ROWS:
        return (
            "chose among all training rows, so one poisoned row can change what every voter "
            f"learns from, and the certificate of {place.classifier} is void"
        )
    if finding.fault is Fault.NOT_ALONE:
        return f"{finding.rule.why or 'computes with several rows at once'}, {_VOID}"
    if (
        finding.fault is Fault.LEARNS
        and find_threat_model(threat_model, of_a_classifier=True).labels_alone
    ):
        return (
            "was fitted on all labels, so one flipped label can change every voter and no "
            "certificate holds"
        )
    return _REASONS[finding.fault]


def mend(finding, place):
    """Say what to do about a step in front of a classifier: one sentence."""
    fault, rule = finding.fault, finding.rule
    if fault is Fault.CHOOSES_ROWS:
        return _without_filter(finding, place)
    if fault is Fault.DRAWS:
        return rule.how_to_seed
    if fault is Fault.NOT_ALONE:
        return f"{rule.mend or _give_to_classifier(finding, place)}."
    if fault is Fault.MIXES:
        if finding.frozen:
            return f"{_give_to_classifier(finding, place)}."
        ways = [
            "use a function of each row alone, to the last digit",
            f"give it to the {place.kind} as transformer=, where each row goes alone",
        ]
        if place.has_voters:
            ways.insert(1, f"move it into the estimator of the {place.kind}")
        return _one_of(ways)
    if fault is Fault.LEARNS:
        return _one_of([*_ways_to_learn_nothing(rule), *_ways_to_learn(finding, place)])
    if fault is Fault.UNKNOWN:
        return _one_of([*_ways_to_be_known(), *_ways_to_learn(finding, place)])
    if fault is Fault.LEARNS_UNSAID:
        return _one_of(_ways_to_learn(finding, place))
    return _MENDS[fault]


def refusal(finding, place):
    """Say why a classifier does not take a step as its transformer, and what to do."""
    kind = _own_kind(finding)
    if finding.fault is Fault.CHOOSES_ROWS:
        return f"transformer holds {kind}, which chooses training rows, and gets one row at a time."
    if finding.fault is Fault.DRAWS:
        return (
            f"transformer holds {kind}, which draws at random without a seed, so that a row comes "
            f"out otherwise each time. {finding.rule.how_to_seed}"
        )
    known = finding.fault is Fault.LEARNS
    ways = [
        *(_ways_to_learn_nothing(finding.rule) if known else _ways_to_be_known()),
        "fit it on trusted data and wrap it in sklearn.frozen.FrozenEstimator",
    ]
    if place.has_voters:
        ways.append(
            f"move it into estimator, make_pipeline({kind}(...), estimator), where each voter "
            "fits its own"
        )
    learns = "learns from" if known else "is of an unknown kind and may learn from"
    return (
        f"transformer holds {kind}, which {learns} rows in fit, but each row goes through it "
        f"alone. {_one_of(ways)}"
    )


def _without_filter(finding, place):
    if not place.has_voters or place.kind == "regressor":  # which no filter is for
        return "Leave the filter out."
    return (
        f"Leave the filter out, or move it into the classifier, {place.classifier}("
        f"SanitizedClassifier(estimator, {_own_kind(finding)}(...))), where each voter filters "
        "its own rows."
    )


def _give_to_classifier(finding, place):
    step = f"{_own_kind(finding)}(...)"
    step = f"FrozenEstimator({step})" if finding.frozen else step
    return (
        f"Give it to the {place.kind}, {place.classifier}(..., transformer={step}), where each row "
        "goes alone"
    )


def _ways_to_learn(finding, place):
    kind, rule = _own_kind(finding), finding.rule
    ways = []
    if place.has_voters:
        ways.append(
            f"move it into the {place.kind}, {place.classifier}(make_pipeline({kind}(...), "
            "estimator)), where each voter fits its own"
        )
    if rule is not None and rule.is_alone(finding.step) is False:
        frozen = f"transformer=FrozenEstimator({kind}(...))"
        ways.append(f"fit it on trusted data and give it to the {place.kind} as {frozen}")
    else:
        ways.append("fit it on trusted data and wrap it in sklearn.frozen.FrozenEstimator")
    return ways


def _ways_to_learn_nothing(rule):
    return [] if rule.mend is None else [rule.mend[0].lower() + rule.mend[1:]]


def _ways_to_be_known():
    return [
        "if its fit learns nothing, say so by tags.requires_fit = False in its __sklearn_tags__",
        "add a rule for it (sklearn_certify.audit.register_rule)",
    ]


def _one_of(ways):
    """Return a sentence of the ways there are."""
    text = ", or ".join(ways)
    return f"{text[0].upper()}{text[1:]}."
