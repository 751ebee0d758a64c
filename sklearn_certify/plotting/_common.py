"""What the displays share: axes to draw on, the unit of poison, predictions to draw."""

import numpy as np

from ..audit import split_pipeline
from ..exceptions import MissingExtraError
from ..pipelines import predict_certified
from ..threat import find_threat_model

__all__ = [
    "certified_predictions",
    "check_matplotlib",
    "draw_steps",
    "make_axes",
    "poison_label",
    "radius_bins",
    "settings_of",
    "use_whole_ticks",
    "write_title",
]

_MAX_BARS = 30


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


def draw_steps(ax, poison_sizes, shares, style):
    """Draw shares of rows by poison size: a step function from 0 to 1.

    A step ends half a unit after its poison size, so that the curve can be read at whole sizes,
    and reaches back to the size before, so that it is nowhere better than what is proven.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to.
    poison_sizes, shares : array-like of shape (n_sizes,)
        Where a step ends, ascending, and its height.
    style : dict
        Keyword arguments of matplotlib's ``plot``; with a "label" there is a legend.

    Returns
    -------
    matplotlib Line2D
    """
    sizes, shares = np.asarray(poison_sizes), np.asarray(shares)
    (line,) = ax.plot(
        np.append(sizes[:1], sizes + 0.5),
        np.append(shares[:1], shares),
        drawstyle="steps-pre",
        **style,
    )
    line.sticky_edges.x[:] = [0]  # the axis starts at 0, however many curves it has
    use_whole_ticks(ax)
    ax.set_ylim(-0.01, 1.01)
    if style["label"] is not None:
        ax.legend()
    return line


def use_whole_ticks(ax):
    """Count in whole numbers along a linear x axis."""
    from matplotlib.ticker import MaxNLocator

    if ax.get_xscale() == "linear":
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def write_title(ax, name, own_name, **style):
    """Write a title: the name that ``plot`` was given, or the display's own, if there is one."""
    title = own_name if name is None else name
    if title is not None:
        ax.set_title(title, **style)


def poison_label(quantity, threat_model, grouped):
    """Return the label of an axis that counts poison, with its unit if that is known."""
    if threat_model is None and not grouped:
        return quantity
    # groups are told whatever the attacker does to them
    model = find_threat_model(threat_model or "insert_delete", of_a_classifier=True)
    words = model.words(grouped=grouped)
    return f"{quantity} ({words.many})"


def certified_predictions(estimator, X, name):
    """Predict X with the certified classifier inside a fitted estimator.

    Returns
    -------
    labels : ndarray of shape (n_samples,)
    radii : ndarray of int64, of shape (n_samples,)
    settings : dict
        The `name`, `threat_model` and `grouped` of a display.

    Raises
    ------
    UnsoundPipelineError
        If a step before the classifier was fitted on the training set.
    InvalidInputError
        If there is no certified classifier in `estimator`.
    """
    labels, radii = predict_certified(estimator, X)
    return labels, radii, settings_of(estimator, name)


def settings_of(estimator, name):
    """Return the `name`, `threat_model` and `grouped` of a display of a fitted estimator."""
    certified = split_pipeline(estimator)[1]
    return {
        "name": type(certified).__name__ if name is None else name,
        "threat_model": certified.threat_model,
        "grouped": getattr(certified, "poison_unit_", "row") == "group",
    }


def radius_bins(radii):
    """Return the left ends and the width of bars, and the edges between them.

    Bars are centred on whole radii and wide enough that they stay few. Abstentions (-1) never
    share a bar with radii.
    """
    width = -(-(int(radii.max()) + 1) // _MAX_BARS) or 1
    starts = np.arange(0, max(int(radii.max()), 0) + 1, width)
    if radii.min() < 0:
        starts = np.append(-width, starts)
    left = starts - 0.5
    return left, width, np.append(left, left[-1] + width)
