"""What an explanation says where units of poison are periods."""

from ._words import leads, meaning, on_abstentions, unproven
from ._words_of_labels import change, name_of, on_reached_target, target_is_reached

__all__ = ["remarks", "sentence"]


def sentence(explanation):
    """Say in one sentence what is predicted, and which poison does not change that.

    Parameters
    ----------
    explanation : TemporalExplanation
        What is known.

    Returns
    -------
    str
    """
    return f"{leads(explanation)}; {_bears(explanation)}"


def _bears(explanation):
    if explanation.has_target:
        return target_is_reached(explanation)
    duration, earliness = explanation.radius, explanation.earliness
    if duration == 0:
        told = f"poison within a single period may be enough to {change(explanation)}"
        return told + (f", though none within {_last(earliness)} is." if earliness else ".")
    told = f"any amount of poison within {_consecutive(duration)} cannot {change(explanation)}"
    return told + (f", nor can any within {_last(earliness)}." if earliness > duration else ".")


def _consecutive(n_periods):
    return "any single period" if n_periods == 1 else f"{n_periods:,} consecutive periods"


def _last(n_periods):
    return "the last period" if n_periods == 1 else f"the last {n_periods:,} periods"


def remarks(explanation):
    """Say what else a reader has to know.

    Parameters
    ----------
    explanation : TemporalExplanation
        What is known.

    Returns
    -------
    list of str
        Sentences.
    """
    said = [_proof(explanation), meaning(explanation)]
    said.append(
        f"Each voter learns from {explanation.window:,} consecutive periods, and poison of T "
        f"consecutive periods reaches T + {explanation.window - 1:,} voters."
        if explanation.window > 1
        else "Each voter learns from one period, and poison reaches those of its own periods alone."
    )
    if not explanation.has_target:
        said += _on_weakest(explanation)
        if explanation.target is not None:
            said.append(
                f"That is what any change takes: no more is known of attackers who want "
                f"{explanation.target!r}."
            )
    return said + on_abstentions(explanation)


def _proof(explanation):
    if explanation.has_target:
        return on_reached_target(explanation)
    duration, earliness = explanation.radius, explanation.earliness
    does = "change the prediction"
    if explanation.target is not None:
        does = f"make it {explanation.target!r}"
    proven = []
    if duration:
        proven.append(
            "within any single period"
            if duration == 1
            else f"within any {duration:,} consecutive periods"
        )
    if earliness > duration:
        last = explanation.last_period
        since = last - (earliness - 1)
        where = f", {last}" if earliness == 1 else f", from {since} to {last}"
        proven.append(f"within {_last(earliness)}{where},")
    nothing = unproven(
        f" for {duration + 1:,} consecutive periods anywhere"
        if duration
        else " for a single period, wherever it is"
    )
    if not proven:
        return nothing
    told = ", or ".join(proven)
    return f"Proven: no rows added, changed and removed {told} {does}. {nothing}"


def _on_weakest(explanation):
    weakest = explanation.weakest
    if weakest is None:
        return ["No other label can win, as far as the certificate looks."]
    rival = name_of(weakest["rival"])
    first, last = weakest["first_period"], weakest["last_period"]
    is_one = first == last
    where = f"period {first}" if is_one else f"the periods from {first} to {last}"
    n_voters = len(explanation.carriers)
    learn = "1 voter learns" if n_voters == 1 else f"{n_voters:,} voters learn"
    said = (
        f"The weakest {'period is' if is_one else 'of such stretches are'} {where}: {learn} from "
        f"{'it' if is_one else 'them'}, and poison there may shrink the lead over {rival} by up to "
        f"{weakest['damage']:,}, of which it bears {weakest['bears']:,}."
    )
    if weakest["n_added"] > 0:
        said += (
            f" {weakest['n_added']:,} of that is owed to voters that are not there yet, in periods "
            "that nobody has declared."
        )
    others = weakest["n_spans"] - 1
    if others:
        said += f" {others:,} other{' is' if others == 1 else 's are'} not proven either."
    return [said]
