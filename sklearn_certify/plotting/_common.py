"""What the displays share: axes to draw on, the unit of poison, certified predictions."""

from ..audit import transform_queries
from ..exceptions import MissingExtraError
from ..threat import check_threat_model

__all__ = [
    "certified_predictions",
    "check_matplotlib",
    "make_axes",
    "poison_label",
    "poison_unit",
    "use_whole_ticks",
]

_UNITS = {
    "insert": "rows inserted",
    "delete": "rows deleted",
    "insert_delete": "rows inserted or deleted",
    "modify": "rows changed, inserted or deleted",
    "label_flip": "labels changed",
}


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


def poison_unit(threat_model, *, grouped=False):
    """Say in words what a poison size counts.

    Parameters
    ----------
    threat_model : str
        Name of a threat model.
    grouped : bool, default=False
        Whether a unit is a whole group (a contributor).

    Returns
    -------
    str

    Raises
    ------
    InvalidInputError
        If no threat model has that name.
    """
    return "contributors" if grouped else _UNITS[check_threat_model(threat_model)]


def poison_label(quantity, threat_model, grouped):
    """Return the label of an axis that counts poison, with its unit if that is known."""
    if threat_model is None and not grouped:
        return quantity
    return f"{quantity} ({poison_unit(threat_model, grouped=grouped)})"


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
    classifier, X = transform_queries(estimator, X)
    labels, radii = classifier.predict_certified(X)
    settings = {
        "name": type(classifier).__name__ if name is None else name,
        "threat_model": classifier.threat_model,
        "grouped": getattr(classifier, "poison_unit_", "row") == "group",
    }
    return labels, radii, settings
