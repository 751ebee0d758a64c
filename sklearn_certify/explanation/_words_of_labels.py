"""What an explanation says of rivals, and of labels that attackers want."""

__all__ = ["change", "is_aimed", "name_of", "on_reached_target", "on_rivals", "target_is_reached"]

_MOST_NAMED = 3  # of labels in a sentence


def name_of(rival):
    """Return what a rival is called, None for one that the attacker invents."""
    return "a label that the attacker invents" if rival is None else repr(rival)


def is_aimed(explanation):
    """Whether it is about attackers who want a label that is not predicted yet."""
    return explanation.target is not None and not explanation.has_target


def change(explanation):
    """Say what attacks would do that the certificate is about, as the end of "it takes ... to".

    Parameters
    ----------
    explanation : Explanation
        What is known.

    Returns
    -------
    str
    """
    if explanation.target is None:
        return "change that"
    return f"make it {explanation.target!r}"


def target_is_reached(explanation):
    """Say in half a sentence that the target is predicted."""
    return f"{explanation.target!r} is the target already, so there is nothing to certify."


def on_reached_target(explanation):
    """Say that there is nothing to prove where the target is predicted."""
    return (
        f"{explanation.target!r} is predicted without any poison, so nothing keeps it from being "
        "so. Explain the row without a target to read what it takes to change that."
    )


def on_rivals(explanation):
    """Say which labels limit the radius: a list of sentences."""
    if explanation.radius < 0:
        return []
    if explanation.target is not None:
        return _on_target(explanation)
    if not explanation.rivals:
        return ["No other label can win, as far as the certificate looks."]
    names = [name_of(rival) for rival in explanation.rivals]
    if explanation.decided_in_round == 1:
        rivals = " and ".join(names)
        if explanation.rivals == [None, None]:
            rivals = "two labels that the attacker invents"
        return [
            f"The first round limits the radius, in which {rivals} together may come before "
            f"{explanation.prediction!r}."
        ]
    where = " in the second round" if explanation.decided_in_round == 2 else ""
    others = len(names) - 1
    alike = f", and alike by that over {others} other label{'s'[: others > 1]}" if others else ""
    return [f"The radius is limited by the lead over {names[0]}{where}{alike}."]


def _on_target(explanation):
    target = repr(explanation.target)
    if explanation.second_round is not None:
        return _on_target_of_runoff(explanation)
    if explanation.lacks is None:
        return [f"{target} is predicted where no training row lies {explanation.place}."]
    if not any(explanation.lacks.values()):
        return []
    must = f"To win, {target} must pass all other labels"
    passed = explanation.rivals
    if not passed:
        first = max(explanation.lacks, key=explanation.lacks.get)
        return [f"{must}, of which {first!r} is ahead of it by {explanation.lacks[first]:,}."]
    named = [repr(label) for label in passed[:_MOST_NAMED]]
    ahead = [f"{explanation.lacks[label]:,}" for label in passed[:_MOST_NAMED]]
    if len(passed) > _MOST_NAMED:
        others = len(passed) - _MOST_NAMED
        named.append(f"{others} other{'s'[: others > 1]}")
        ahead.append("no more")
    if len(passed) == 1:
        return [f"{must}; the radius is limited by {named[0]}, which is ahead of it by {ahead[0]}."]
    return [
        f"{must}; the radius is limited by {_listed(named)} together, which are ahead of it by "
        f"{_listed(ahead)}."
    ]


def _on_target_of_runoff(explanation):
    target = repr(explanation.target)
    names = [name_of(rival) for rival in explanation.rivals]
    if not names:
        return [f"The radius is that of any change: no more is known of attacks for {target}."]
    if explanation.decided_in_round == 2:
        return [f"The radius is limited by the second round of {target} against {names[0]}."]
    return [
        f"The radius is limited by the first round, which {target} must leave together with "
        f"{names[0]}."
    ]


def _listed(names):
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
