"""What the displays share: axes to draw on, and the unit of poison along them."""

from ..exceptions import MissingExtraError
from ..threat import find_threat_model

__all__ = [
    "check_matplotlib",
    "make_axes",
    "poison_label",
    "use_whole_ticks",
]


def check_matplotlib():
    """Raise one line that says what to install if matplotlib is missing."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            'Plots need matplotlib: pip install "sklearn-certify[plot]"'
        ) from error


def make_axes(ax):
    """Return `ax`, or the axes of a new figure if it is None."""
    check_matplotlib()
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(layout="constrained")
    return ax


def use_whole_ticks(ax):
    """Count in whole numbers along a linear x axis."""
    from matplotlib.ticker import MaxNLocator

    if ax.get_xscale() == "linear":
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def poison_label(quantity, threat_model, grouped):
    """Return the label of an axis that counts poison, with its unit if that is known."""
    if threat_model is None and not grouped:
        return quantity
    # groups are told whatever the attacker does to them
    words = find_threat_model(threat_model or "insert_delete").words(grouped=grouped)
    return f"{quantity} ({words.many})"
