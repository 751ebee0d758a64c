"""A plan as text."""

from textwrap import fill, indent

from .._text import heading, remarks
from .._words import counted

__all__ = ["blocks_of_plan"]

_WIDTH = 90


def blocks_of_plan(plan):
    """Lay out a plan: what was compared, what is best at every size, what to take.

    Parameters
    ----------
    plan : DefencePlan
        The plan.

    Returns
    -------
    list of str
        Blocks of lines.
    """
    blocks = [
        heading(_about(plan), plan.report.notes + _left_out(plan)),
        remarks(plan.report),
        "Best that is to be expected, in % of the rows (cross-validated, on the rows that\n"
        "settings were chosen by: for choosing, no certificate)",
        _frontier(plan),
        f"Best setting of each classifier at poison size {plan.poison_size}, in % of the rows",
        _settings(plan),
        fill(plan.sentence(), _WIDTH),
    ]
    if plan.code() is not None:
        blocks.append(indent(plan.code(), "    "))
    blocks.append(_about_the_proof(plan))
    return [block for block in blocks if block]


def _about(plan):
    trials = plan.trials.trials
    n_repeats = max(len(trial.outcomes) for trial in trials)
    tried = counted(len(trials), "setting")
    rows = counted(len(plan.chosen_by.y), "trusted row" if plan.trusted else "row")
    return plan.report.about | {
        "Chosen by": f"{tried} tried on {rows}, up to {n_repeats} times with a fifth held out, in "
        f"{plan.seconds:.0f} s"
    }


def _left_out(plan):
    notes = [f"{name} is left out: it {reason}" for name, reason in plan.left_out.items()]
    if plan.trials.n_untried:
        untried = counted(plan.trials.n_untried, "setting")
        notes.append(f"{untried} found no time; more seconds would try them.")
    if plan.trials.failures:
        name, error = next(iter(plan.trials.failures.items()))
        failed = counted(len(plan.trials.failures), "setting")
        notes.append(f"{failed} failed, the first: {name}: {str(error).partition(chr(10))[0]}")
    return notes


def _frontier(plan):
    rows = [("poison size", "expected", "with")]
    for size, accuracy, candidate in plan.best_at_sizes():
        told = f"{candidate.name}: {candidate.told}" if candidate.settings else candidate.name
        rows.append((str(size), f"{100 * accuracy:.1f}", told if accuracy > 0 else "no setting"))
    return _lines(rows)


def _settings(plan):
    rows = [("", "expected", "held out", "settings")]
    for name, result in plan.report.results.items():
        trial = plan.trials.ranked(name)[0]
        measured = result.accuracies([plan.poison_size])[0]
        shares = [f"{100 * share:.1f}" for share in (plan.trials.at(trial), measured)]
        rows.append((name, *shares, trial.candidate.told))
    return _lines(rows)


def _lines(rows):
    """Align columns, the last one on its left."""
    *numbers, _ = zip(*rows, strict=True)
    widths = [max(map(len, column)) for column in numbers]
    return "\n".join(
        "  ".join(
            [*(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=False)), row[-1]]
        ).rstrip()
        for row in rows
    )


def _about_the_proof(plan):
    if plan.trusted:
        return fill(
            "Settings were chosen by trusted rows, and by how many training rows there are: "
            "certificates cover the choice, if that number counts as known beforehand.",
            _WIDTH,
        )
    return fill(
        "Settings were chosen by the training rows, which poison may have touched: certificates "
        "hold for a classifier with these settings, and do not cover the choice itself. To have "
        "it covered, choose by rows that nobody else can touch.",
        _WIDTH,
    )
