"""The curves of a report: certified accuracy, attacks that want one label, and poison in time."""

from ..plotting import AttackSuccessRateDisplay, CertifiedAccuracyDisplay
from ._words import counted

__all__ = ["panels", "title_of_picture"]

_ANYWHERE = {"color": "0.1", "linewidth": 2}
_AT_THE_END = {"color": "0.5", "linewidth": 2, "linestyle": "--"}
_CIRCLES = {"linestyle": "", "marker": "o", "markersize": 5, "markerfacecolor": "none"}


def title_of_picture(report):
    """Return what all curves are about."""
    facts = report.facts
    return f"Certified accuracy on {facts['source']}, {counted(facts['n_test'], 'test row')}"


def panels(report):
    """Return what draws the curves of a report, as `write_picture` takes it.

    Parameters
    ----------
    report : CertificationReport
        The report.

    Returns
    -------
    list of callable
        One more if attacks want a label, and one more if the rows have periods.
    """
    wanted = [(_draw_success_rates, report.attack_target), (_draw_periods, report.temporal)]
    return [_draw_accuracies, *(draw for draw, of_what in wanted if of_what is not None)]


def _draw_accuracies(report, ax, styles):
    for result, style in zip(report.results.values(), styles, strict=True):
        CertifiedAccuracyDisplay.from_predictions(
            result.y_true,
            result.y_pred,
            result.radii,
            name=result.name,
            threat_model=report.facts["threat_model"],
            grouped=report.grouped,
            ax=ax,
            curve_kwargs=style,
        )
    gap = " " if len(panels(report)) == 1 else "\n"  # a panel of several is not as tall
    ax.set_ylabel(f"Certified accuracy:{gap}share of test rows that stay right")
    ax.get_legend().remove()
    if report.joint:
        _mark_all_together(report, ax, styles)


def _mark_all_together(report, ax, styles):
    colors = dict(zip(report.results, (style["color"] for style in styles), strict=True))
    for name, accuracies in report.joint_accuracies().items():
        _mark(ax, report.poison_sizes, accuracies, color=colors[name])
    ax.plot([], [], color="0.4", label="one attack on all rows", **_CIRCLES)


def _mark(ax, sizes, accuracies, **style):
    n_shown = int((accuracies > 0).sum())  # they fall
    ax.plot(sizes[:n_shown], accuracies[:n_shown], **style, **_CIRCLES)


def _draw_success_rates(report, ax, styles):
    for result, style in zip(report.results.values(), styles, strict=True):
        AttackSuccessRateDisplay.from_predictions(
            result.y_true,
            result.targeted_radii,
            target=report.attack_target,
            name=result.name,
            threat_model=report.facts["threat_model"],
            grouped=report.grouped,
            ax=ax,
            curve_kwargs=style,
        )
    ax.set_ylabel(f"Attack success rate\ntoward {report.attack_target!r}, at most")
    ax.get_legend().remove()


def _draw_periods(report, ax, _):
    result = report.temporal
    for radii, words, style in (
        (result.radii, "any periods in a row", _ANYWHERE),
        (result.earliness, "the last periods", _AT_THE_END),
    ):
        name = f"{result.name}, {words}"
        CertifiedAccuracyDisplay.from_predictions(
            result.y_true, result.y_pred, radii, name=name, ax=ax, curve_kwargs=style
        )
    if report.joint:
        words = f"{result.name}, the same for all rows"
        _mark(ax, result.periods, result.joint_accuracies, label=words, color=_ANYWHERE["color"])
    ax.set(xlabel="Number of poisoned periods", ylabel="Certified accuracy")
    ax.legend(frameon=False)
