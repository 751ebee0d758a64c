"""What an explanation says, whatever it looks like."""

from ..threat import find_threat_model

__all__ = ["counts", "remarks", "sentence", "table_lines"]

_MOST_LABELS = 10  # of a table; the others have fewer votes
_INVENTED = "a label that the attacker invents"


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
    return f"{_leads(explanation)}; {_bears(explanation)}"


def _leads(explanation):
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
        told += f", {votes[other]:,} {says if votes[other] == 1 else say} {other!r}"
    return told + where


def _other(explanation, votes):
    """Return the runner-up, or who else has most votes, None if nobody has any."""
    others = [label for label, n in votes.items() if n and label != explanation.prediction]
    if explanation.runner_up in others:
        return explanation.runner_up
    return max(others, key=votes.get, default=None)


def _bears(explanation):
    units = _words(explanation)
    if explanation.radius < 0:
        return "too close to tell which label leads, so nothing is certified."
    sure = ""
    if explanation.confidence is not None:
        sure = f"with {100 * explanation.confidence:.6g} % confidence "
    if explanation.radius == 0:
        return f"{units.one} may be enough to change that."
    return f"{sure}it takes at least {explanation.radius + 1:,} {units.many} to change that."


def _words(explanation):
    model = find_threat_model(explanation.threat_model)
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
    said = [_proof(explanation), f"Poison counts {_words(explanation).meaning}."]
    said += _on_rivals(explanation)
    if (explanation.partitions_per_unit or 1) > 1:
        said.append(
            f"One unit can corrupt {explanation.partitions_per_unit} partitions: that which a row "
            "leaves and that which it enters."
        )
    if explanation.n_abstaining:
        verb = "abstains" if explanation.n_abstaining == 1 else "abstain"
        without = explanation.n_without_model
        why = f", {without} of them without rows or a model" if without else ""
        said.append(
            f"{explanation.n_abstaining} of {explanation.n_voters} voters {verb}{why}; poison may "
            "give them a vote, which the radius counts on."
        )
    if explanation.confidence is not None:
        said.append(
            f"The certificate is about an ensemble of infinitely many such voters, and holds with "
            f"{100 * explanation.confidence:.6g} % confidence for this row alone; where many rows "
            "are certified together, each gets a share of what may go wrong, and its radius may be "
            "smaller."
        )
    return said


def _proof(explanation):
    if explanation.radius < 0:
        return "Nothing is proven: the classifier abstains."
    units = _words(explanation)
    if explanation.radius == 0:
        told = f"Nothing is proven, not even for {units.one}"
        return f"{told}, which does not say that such an attack exists."
    return (
        f"Proven: no attack of up to {explanation.radius:,} ({units.many}) changes the prediction. "
        f"Nothing is proven for {explanation.radius + 1:,}, which does not say that such an attack "
        "exists."
    )


def _on_rivals(explanation):
    if explanation.radius < 0:
        return []
    if not explanation.rivals:
        return ["No other label can win, as far as the certificate looks."]
    names = [_INVENTED if rival is None else repr(rival) for rival in explanation.rivals]
    if explanation.decided_in_round == 1:
        rivals = " and ".join(names)
        if names == [_INVENTED, _INVENTED]:
            rivals = "two labels that the attacker invents"
        return [
            f"The first round limits the radius, in which {rivals} together may come before "
            f"{explanation.prediction!r}."
        ]
    where = " in the second round" if explanation.decided_in_round == 2 else ""
    others = len(names) - 1
    alike = f", and alike by that over {others} other label{'s'[: others > 1]}" if others else ""
    return [f"The radius is limited by the lead over {names[0]}{where}{alike}."]


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
    rounds = [explanation.votes]
    head = ["label", "votes"]
    if explanation.second_round is not None:
        rounds.append(explanation.second_round)
        head = ["label", "first round", "second round"]
    shown = [*explanation.votes][:_MOST_LABELS]
    rest = [*explanation.votes][_MOST_LABELS:]
    marks = dict.fromkeys(explanation.runners_up, "  runner-up")
    marks[explanation.prediction] = "  prediction"
    shown += [label for label in marks if label in rest]
    rest = [label for label in rest if label not in marks]
    rows = [[*head, ""]]
    for label in shown:
        rows.append(
            [str(label), *(_number(votes, label) for votes in rounds), marks.get(label, "")]
        )
    if rest:
        n_votes = sum(explanation.votes[label] for label in rest)
        others = "1 other" if len(rest) == 1 else f"{len(rest)} others"
        rows.append([others, str(n_votes), *[""] * (len(rounds) - 1), ""])
    if explanation.n_abstaining:
        rows.append(["(abstain)", str(explanation.n_abstaining), *[""] * (len(rounds) - 1), ""])
    return rows


def _number(votes, label):
    return str(votes[label]) if label in votes else ""


def table_lines(explanation):
    """Lay out the table of votes as text.

    Parameters
    ----------
    explanation : Explanation
        What is known.

    Returns
    -------
    list of str
    """
    rows = counts(explanation)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *numbers, mark in rows:
        cells = [f"{first:<{widths[0]}}"]
        cells += [f"{cell:>{w}}" for cell, w in zip(numbers, widths[1:-1], strict=True)]
        lines.append(("  ".join(cells) + mark).rstrip())
    return lines
