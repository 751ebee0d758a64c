"""Tables beside that of certified accuracy: other attackers, and one attack on all rows."""

from dataclasses import dataclass

from ..metrics._predictions import are_label
from ._words import counted, describe, no_joint_certificate, unit_of, voters_in_words

__all__ = ["MoreTable", "more_tables", "tables_of_attackers"]


@dataclass(frozen=True)
class MoreTable:
    """A table in words.

    Attributes
    ----------
    title : str
        What its numbers are.
    heads : list of str
        What its columns are.
    rows : list of list of str
        Cells.
    explanation : list of str
        How to read it, in paragraphs.
    """

    title: str
    heads: list
    rows: list
    explanation: list


def more_tables(report):
    """Return the tables that a report has besides that of certified accuracy.

    Parameters
    ----------
    report : CertificationReport
        The report.

    Returns
    -------
    list of MoreTable
        One on all rows together, if that was asked for, before those of other attackers.
    """
    joint = report.joint_accuracies() if report.joint else {}
    return [
        *([_of_all_together(report, joint)] if joint else []),
        *tables_of_attackers(report, joint=report.joint),
    ]


def tables_of_attackers(report, *, joint=False):
    """Return the tables on attackers who want something else than any wrong label.

    Parameters
    ----------
    report : CertificationReport
        The report.
    joint : bool, default=False
        Whether one attack on all rows together is told of, too.

    Returns
    -------
    list of MoreTable
        One if attacks want a label, and one if the rows have periods.
    """
    tables = []
    if report.attack_target is not None and report.results:
        tables.append(_of_success_rates(report))
    if report.temporal is not None:
        tables.append(_of_periods(report.temporal, joint=joint))
    return tables


def _of_all_together(report, joint):
    n_rows = len(report.results[next(iter(joint))].radii)
    explanation = [
        "The first table gives each test row an attacker of its own. Here is a single attacker "
        "with one budget for all rows: no attack of that size leaves fewer of them right."
    ]
    if unknown := [name for name in report.results if name not in joint]:
        explanation.append(no_joint_certificate(unknown))
    return MoreTable(
        f"Certified accuracy in % of the {counted(n_rows, 'test row')}, under one attack on all of "
        "them together",
        [unit_of(report), *joint],
        _in_percent(report.poison_sizes, joint.values()),
        explanation,
    )


def _of_success_rates(report):
    results = list(report.results.values())
    target, sizes = report.attack_target, report.poison_sizes
    n_rows = int((~are_label(results[0].y_true, target)).sum())
    columns = [result.attack_success_rates(sizes) for result in results]
    middle = len(sizes) // 2
    best = min(range(len(results)), key=lambda number: columns[number][middle])
    return MoreTable(
        f"Attack success rate toward {target!r} in %, at most, of the "
        f"{counted(n_rows, 'test row')} of other labels",
        [unit_of(report), *report.results],
        _in_percent(sizes, columns),
        [
            f"{_percent(columns[best][middle])} at poison size {sizes[middle]} "
            f"({results[best].name}): no attack of that size makes more of these rows {target!r}, "
            "even if each of them has an attacker of its own. At poison size 0 it is the share "
            "that is taken for it without poison. Lower is better."
        ],
    )


def _of_periods(result, *, joint):
    periods = result.periods
    columns = [result.accuracies(periods), result.accuracies_by_earliness(periods)]
    names, said_of_joint = ["any in a row", "the last"], []
    if joint:
        columns.append(result.joint_accuracies)
        names.append("the same for all")
        said_of_joint.append(
            '"the same for all": one attacker poisons so many consecutive periods, whichever they '
            "are, and that is all that any test row meets."
        )
    return MoreTable(
        f"Certified accuracy in % of the {counted(len(result.radii), 'test row')}, by the number "
        "of poisoned periods",
        ["periods", *names],
        _in_percent(periods, columns),
        [
            f"{result.name} is {describe(result.estimator)}{voters_in_words(result.classifier)}. "
            "This table counts periods, and no rows: in a poisoned period any number of rows may "
            "have been added, changed and removed.",
            '"any in a row": so many consecutive periods are poisoned, whichever they are. "the '
            'last": poison began so many periods before the end, and has gone on since.',
            *said_of_joint,
            "The period of a row must come from the collector's clock. Test rows were held out "
            "without regard to periods, and are taken to be clean.",
        ],
    )


def _in_percent(sizes, columns):
    """Return the rows of a table of shares by size."""
    return [
        [str(size), *map(_percent, shares)] for size, *shares in zip(sizes, *columns, strict=True)
    ]


def _percent(share):
    return f"{100 * share:.1f}"
