"""What an explanation says of a predicted number."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from math import inf, isinf

from ._words import meaning, on_abstentions, on_partitions, unproven, words

__all__ = ["intervals_table", "remarks", "sentence"]

_MOST_INTERVALS = 12  # of a table
_DIGITS = 6


def sentence(explanation):
    """Say in one sentence what is predicted, and how much poison moves it how far.

    Parameters
    ----------
    explanation : RegressionExplanation
        What is known.

    Returns
    -------
    str
    """
    return f"{_leads(explanation)}; {_bears(explanation)}"


def _leads(explanation):
    values = [carrier["value"] for carrier in explanation.carriers if carrier["value"] is not None]
    if not values:
        return f"None of {explanation.n_voters:,} voters answers"
    who = f"{len(values):,} voters answer"
    if explanation.n_abstaining:
        who = f"{len(values):,} of {explanation.n_voters:,} voters answer"
    if explanation.place:
        who = f"The {len(values):,} training rows {explanation.place} have targets"
    if values[0] == values[-1]:
        return f"{who}{' of' if explanation.place else ''} {values[0]:.6g}, the prediction"
    between = f"from {values[0]:.6g} to {values[-1]:.6g}"
    return f"{who} {between}, of which the prediction is the median, {explanation.prediction:.6g}"


def _bears(explanation):
    units, radius = words(explanation), explanation.radius
    if explanation.n_abstaining == explanation.n_voters:
        return "nothing is predicted, and nothing is certified."
    if radius is None:
        return _grows(explanation, units)
    far = f"move it by more than {explanation.tolerance:.15g}"
    if radius == 0:
        return f"{units.one} may be enough to {far}."
    return f"it takes at least {radius + 1:,} {units.many} to {far}."


def _grows(explanation, units):
    unbounded = explanation.unbounded_from
    if len(explanation.intervals) == 1:
        return "no amount of poison that was looked at moves it."
    step = explanation.intervals[1]
    size = step["poison_size"]
    if size == unbounded == 1:
        return f"{units.one} may be enough to move it to any number."
    if size == unbounded:
        return f"it takes at least {size:,} {units.many} to move it, and they may move it anywhere."
    between = f"between {_down(step['low'])} and {_up(step['high'])}"
    if size == 1:
        told = f"{units.one} leaves it {between}"
    else:
        told = f"it takes at least {size:,} {units.many} to move it, which leave it {between}"
    if unbounded is None:
        return f"{told}."
    more = "" if size > 1 else f" {units.many}"
    return f"{told}, and it takes at least {unbounded:,}{more} to move it without bound."


def remarks(explanation):
    """Say what else a reader has to know.

    Parameters
    ----------
    explanation : RegressionExplanation
        What is known.

    Returns
    -------
    list of str
        Sentences.
    """
    return [
        _proof(explanation),
        meaning(explanation),
        *_on_median(explanation),
        *on_partitions(explanation),
        *on_abstentions(explanation, "an answer"),
    ]


def _proof(explanation):
    units, radius = words(explanation), explanation.radius
    if explanation.n_abstaining == explanation.n_voters:
        return "Nothing is proven: nobody answers."
    if radius is None:
        return (
            f"Proven: no attack of a size in the table ({units.many}) moves the prediction out of "
            "the interval beside it, which does not say that an attack moves it so far."
        )
    if radius == 0:
        return unproven(f", not even for {units.one}")
    return (
        f"Proven: no attack of up to {radius:,} ({units.many}) moves the prediction by more than "
        f"{explanation.tolerance:.15g}. {unproven(f' for {radius + 1:,}')}"
    )


def _on_median(explanation):
    """Say who stands next to the median: a list of sentences."""
    called = {"partitions": "partition", "voters": "voter", "neighbors": "row"}
    name = called[explanation.carriers_are]
    placed = {carrier["from_median"]: carrier for carrier in explanation.carriers}
    if 0 not in placed:
        return []
    where = " and ".join(
        f"{name} {placed[place][name]} {side} it ({placed[place]['value']:.6g})"
        for place, side in ((-1, "below"), (1, "above"))
        if place in placed
    )
    whose = "the target" if explanation.place else "the answer"
    said = f"The median is {whose} of {name} {placed[0][name]}"
    if where:
        said += f"; next to it {'stand' if ' and ' in where else 'stands'} {where}"
    return [f"{said}."]


def intervals_table(explanation):
    """Return the rows of a table of intervals: its head, then poison sizes with their ends.

    An interval holds for all sizes up to that which it is of.

    Parameters
    ----------
    explanation : RegressionExplanation
        What is known.

    Returns
    -------
    list of list of str
    """
    rows = [["poison size", "from", "to", ""]]
    intervals = explanation.intervals
    shown = range(len(intervals))
    if len(shown) > _MOST_INTERVALS:  # the first, the last two, and some between
        last = len(intervals) - 1
        step = (last - 1) / (_MOST_INTERVALS - 2)
        shown = [*(round(place * step) for place in range(_MOST_INTERVALS - 1)), last]
    for place in shown:
        interval = intervals[place]
        size = interval["poison_size"]
        if place + 1 == len(intervals):
            size = f"{size:,} or more" if _is_unbounded(interval) else f"{size:,}"
        else:
            last = intervals[place + 1]["poison_size"] - 1
            size = f"up to {last:,}" if last else "0"
        mark = "  the prediction" if place == 0 else ""
        ends = [_down(interval["low"]), _up(interval["high"])]
        if interval["low"] == interval["high"]:
            ends = [f"{interval['low']:.{_DIGITS}g}"] * 2
        rows.append([size, *ends, mark])
    return rows


def _is_unbounded(interval):
    return interval["low"] == -inf and interval["high"] == inf


def _down(value):
    """Return a lower end as text, which is never above it."""
    return _rounded(value, ROUND_FLOOR)


def _up(value):
    """Return an upper end as text, which is never below it."""
    return _rounded(value, ROUND_CEILING)


def _rounded(value, rounding):
    if isinf(value):
        return "-inf" if value < 0 else "inf"
    context = Context(prec=_DIGITS, rounding=rounding)
    return f"{float(context.create_decimal_from_float(value)):.{_DIGITS}g}"
