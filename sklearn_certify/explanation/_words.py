"""What an explanation says, whatever it looks like."""

from ..threat import find_threat_model
from ._words_of_labels import change, is_aimed, on_reached_target, on_rivals, target_is_reached

__all__ = [
    "counts",
    "leads",
    "meaning",
    "on_abstentions",
    "on_partitions",
    "remarks",
    "sentence",
    "table_lines",
    "unproven",
    "words",
]

_MOST_LABELS = 10  # of a table; the others have fewer votes


def sentence(explanation):
    """Say in one sentence what is predicted, and what it takes to change that.

    Parameters
    ----------
    explanation : Explanation
        What is known.

    Returns
    -------
    str
    """
    return f"{leads(explanation)}; {_bears(explanation)}"


def leads(explanation):
    """Say who votes for the prediction, and who for the label that comes next.

    Parameters
    ----------
    explanation : Explanation
        What is known.

    Returns
    -------
    str
        The first half of a sentence.
    """
    if not any(explanation.votes.values()):
        nobody = "no voter votes"
        if explanation.place:
            nobody = f"no training row lies {explanation.place}"
        return f"{explanation.prediction!r} is predicted, though {nobody}"
    votes, says, say, where = explanation.votes, "says", "say", ""
    voters = f"{explanation.n_voters:,} voters"
    if explanation.place:
        says, say = "is labelled", "are labelled"
        voters = f"the {explanation.n_voters:,} training rows {explanation.place}"
    elif explanation.second_round is not None:
        votes, says, say, where = explanation.second_round, "backs", "back", " in the second round"
    n_votes = votes[explanation.prediction]
    told = f"{n_votes:,} of {voters} {says if n_votes == 1 else say} {explanation.prediction!r}"
    other = _other(explanation, votes)
    if other is not None:
        n_votes = f"{votes[other]:,}" if votes[other] else "none"
        told += f", {n_votes} {says if votes[other] < 2 else say} {other!r}"
    told += where
    if is_aimed(explanation) and explanation.target not in votes:
        told += f", and {explanation.target!r} is not in it"
    return told


def _other(explanation, votes):
    """Return the target, the runner-up, or who else has most votes, None if nobody has any."""
    if is_aimed(explanation) and explanation.target in votes:
        return explanation.target
    others = [label for label, n in votes.items() if n and label != explanation.prediction]
    if explanation.runner_up in others:
        return explanation.runner_up
    return max(others, key=votes.get, default=None)


def _bears(explanation):
    units = words(explanation)
    if explanation.has_target:
        return target_is_reached(explanation)
    if explanation.radius < 0:
        if explanation.target is not None:
            return f"too close to tell that {explanation.target!r} trails, so nothing is certified."
        return "too close to tell which label leads, so nothing is certified."
    sure = ""
    if explanation.confidence is not None:
        sure = f"with {100 * explanation.confidence:.6g} % confidence "
    if explanation.radius == 0:
        return f"{units.one} may be enough to {change(explanation)}."
    return (
        f"{sure}it takes at least {explanation.radius + 1:,} {units.many} to {change(explanation)}."
    )


def words(explanation):
    """Return what the units of poison are called."""
    model = find_threat_model(explanation.threat_model, of_a_classifier=True)
    return model.words(grouped=explanation.unit == "group")


def remarks(explanation):
    """Say what else a reader has to know.

    Parameters
    ----------
    explanation : Explanation
        What is known.

    Returns
    -------
    list of str
        Sentences.
    """
    said = [_proof(explanation), meaning(explanation)]
    said += on_rivals(explanation)
    if explanation.opens_voters:
        said += _on_flips(explanation)
    said += on_partitions(explanation)
    said += on_abstentions(explanation)
    if explanation.confidence is not None:
        said.append(
            f"The certificate is about an ensemble of infinitely many such voters, and holds with "
            f"{100 * explanation.confidence:.6g} % confidence for this row alone; where many rows "
            "are certified together, each gets a share of what may go wrong, and its radius may be "
            "smaller."
        )
    return said


def meaning(explanation):
    """Say what poison counts."""
    return f"Poison counts {words(explanation).meaning}."


def on_partitions(explanation):
    """Say that one unit can corrupt several partitions, if it can: a list of sentences."""
    if (explanation.partitions_per_unit or 1) == 1:
        return []
    return [
        f"One unit can corrupt {explanation.partitions_per_unit} partitions: that which a row "
        "leaves and that which it enters."
    ]


def on_abstentions(explanation, given="a vote"):
    """Say that voters abstain, if some do: a list of sentences."""
    if not explanation.n_abstaining:
        return []
    verb = "abstains" if explanation.n_abstaining == 1 else "abstain"
    without = explanation.n_without_model
    why = f", {without} of them without rows or a model" if without else ""
    return [
        f"{explanation.n_abstaining} of {explanation.n_voters} voters {verb}{why}; poison may "
        f"give them {given}, which the radius counts on."
    ]


def _proof(explanation):
    if explanation.has_target:
        return on_reached_target(explanation)
    if explanation.radius < 0:
        if explanation.target is not None:
            return f"Nothing is proven: the votes do not tell that {explanation.target!r} trails."
        return "Nothing is proven: the classifier abstains."
    units = words(explanation)
    if explanation.radius == 0:
        return unproven(f", not even for {units.one}")
    does, more = "changes the prediction", ""
    if explanation.target is not None:
        does = f"makes it {explanation.target!r}"
        more = " It may become another label with less than that."
    return (
        f"Proven: no attack of up to {explanation.radius:,} ({units.many}) {does}.{more} "
        f"{unproven(f' for {explanation.radius + 1:,}')}"
    )


def unproven(of_what):
    """Say that nothing is proven of some attacks, which does not mean that there are any."""
    return f"Nothing is proven{of_what}, which does not say that such an attack exists."


def _on_flips(explanation):
    said = [
        "Flips are counted inside the voters: each tells how many of the labels that it learned "
        "from must change, at least, before it votes otherwise."
    ]
    cheapest = explanation.carriers[0] if explanation.carriers else {}
    if explanation.radius >= 0 and cheapest.get("flips_per_vote") is not None:
        names = ("flips_to_leave", "flips_to_runner_up", "flips_to_target")
        flips = [cheapest[name] for name in names if cheapest.get(name) is not None]
        said.append(
            f"The lead is cheapest in partition {cheapest['partition']}, where at least "
            f"{min(flips):,} of {cheapest['n_rows']:,} labels must change before any of it is lost."
        )
    return said


def counts(explanation):
    """Return the rows of a table of votes: its head, then labels with their numbers.

    Parameters
    ----------
    explanation : Explanation
        What is known.

    Returns
    -------
    list of list of str
    """
    columns = [explanation.votes]
    head = ["label", "votes"]
    if explanation.second_round is not None:
        columns.append(explanation.second_round)
        head = ["label", "first round", "second round"]
    if explanation.lacks is not None:
        columns.append(explanation.lacks)
        head.append("ahead of the target")
    shown = [*explanation.votes][:_MOST_LABELS]
    rest = [*explanation.votes][_MOST_LABELS:]
    rival = "  target" if is_aimed(explanation) else "  runner-up"
    marks = dict.fromkeys(explanation.runners_up, rival)
    marks[explanation.prediction] = (
        "  prediction, and the target" if explanation.has_target else "  prediction"
    )
    shown += [label for label in marks if label in rest]
    rest = [label for label in rest if label not in marks]
    rows = [[*head, ""]]
    for label in shown:
        rows.append(
            [str(label), *(_number(votes, label) for votes in columns), marks.get(label, "")]
        )
    if rest:
        n_votes = sum(explanation.votes[label] for label in rest)
        others = "1 other" if len(rest) == 1 else f"{len(rest)} others"
        rows.append([others, str(n_votes), *[""] * (len(columns) - 1), ""])
    if explanation.n_abstaining:
        rows.append(["(abstain)", str(explanation.n_abstaining), *[""] * (len(columns) - 1), ""])
    return rows


def _number(votes, label):
    return str(votes[label]) if label in votes else ""


def table_lines(rows):
    """Lay out a table as text.

    Parameters
    ----------
    rows : list of list of str
        Cells, of which the last of a row is a mark that stands behind the others.

    Returns
    -------
    list of str
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *numbers, mark in rows:
        cells = [f"{first:<{widths[0]}}"]
        cells += [f"{cell:>{w}}" for cell, w in zip(numbers, widths[1:-1], strict=True)]
        lines.append(("  ".join(cells) + mark).rstrip())
    return lines
