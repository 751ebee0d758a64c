"""What the displays share: axes to draw on, the unit of poison, predictions to draw."""

import numpy as np

from ..audit import split_pipeline
from ..exceptions import MissingExtraError
from ..pipelines import predict_certified
from ..threat import find_threat_model

__all__ = [
    "certified_predictions",
    "check_matplotlib",
    "make_axes",
    "poison_label",
    "radius_bins",
    "settings_of",
    "use_whole_ticks",
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
