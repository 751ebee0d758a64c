"""Label flips counted inside the voters, as one more classifier of a report."""

import inspect

import numpy as np
from sklearn.base import clone

from ..ensemble import DPAClassifier
from ..threat import find_threat_model
from ._settings import make

__all__ = ["with_white_box"]

_BLACK_BOX = "dpa"


def with_white_box(chosen, settings, split):
    """Add DPA with white-box label flips after DPA that goes by name, where it is offered.

    Parameters
    ----------
    chosen : dict of str to class or estimator
        What the report is on.
    settings : dict
        Parameters of classifiers that go by name; `estimator` is one.
    split : Split
        The rows.

    Returns
    -------
    chosen : dict of str to class or estimator
    notes : list of str
        What a reader has to know.
    """
    name, base = f"{_BLACK_BOX}-white-box", settings["estimator"]
    if (
        not inspect.isclass(chosen.get(_BLACK_BOX))
        or name in chosen
        or not find_threat_model(settings["threat_model"]).labels_alone
        or settings.get("aggregation") == "runoff"
        or split.groups_train is not None
    ):
        return chosen, []
    if "store_rows" in base.get_params(deep=False):
        base = clone(base).set_params(store_rows=True)
    if not hasattr(base, "flip_costs"):
        return chosen, []
    inside = {
        "estimator": base,
        "classes": np.unique(split.y_train).tolist(),
        "label_flips": "white_box",
    }
    white_box = make(DPAClassifier, {**settings, **inside})
    with_it = {}
    for other, item in chosen.items():
        with_it[other] = item
        if other == _BLACK_BOX:
            with_it[name] = white_box
    return with_it, [
        f"{name} is {_BLACK_BOX} with label flips counted inside the voters, if nobody can invent "
        "a label."
    ]
