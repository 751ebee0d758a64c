"""A plurality vote whose certificate opens the voters and counts the labels that turn them."""

import numpy as np

from ..certificates import flip_radius
from ..exceptions import InvalidInputError
from ..threat import find_threat_model
from ._elections import Election

__all__ = ["FlipPlurality", "check_white_box"]


class FlipPlurality(Election):
    """The class with most votes wins; voters on partitions, whose labels may be flipped.

    Parameters
    ----------
    n_classes : int
        Number of classes.
    n_rows : ndarray of int, of shape (n_voters,)
        Number of rows of each voter.
    """

    ballots = "flip_costs"
    bytes_per_ballot = 64  # sixteen classes, whatever their number

    def __init__(self, n_classes, *, n_rows):
        super().__init__(n_classes)
        self.n_rows = n_rows

    def votes(self, ballots):
        are_votes = ballots == 0
        return np.where(are_votes.any(axis=2), are_votes.argmax(axis=2), -1)

    def tally(self, ballots):
        return self.targeted_tally(ballots, None)

    def targeted_tally(self, ballots, target):
        costs = self.costs(ballots)
        winners, radii = flip_radius(self.votes(ballots), costs, self.n_classes, target=target)
        return winners, np.minimum(radii, self.n_rows.sum())

    def costs(self, ballots):
        """Return what certificates count as the cost of each vote."""
        # who has no rows has no labels to flip, and abstains for ever
        never = np.iinfo(ballots.dtype).max
        return np.where((self.n_rows > 0)[:, np.newaxis], ballots, never)


def check_white_box(ensemble, *, grouped):
    """Raise unless what flipped labels do can be counted inside the voters.

    Parameters
    ----------
    ensemble : DPAClassifier
        Its parameters count.
    grouped : bool
        Whether a unit of poison is a group of rows.

    Raises
    ------
    InvalidInputError
        With the first reason why it cannot.
    """
    reasons = {
        "threat_model='label_flip'": find_threat_model(ensemble.threat_model).labels_alone,
        "partition_by='features'": ensemble.partition_by == "features",
        "all labels in classes, so that nobody can invent one": ensemble.classes is not None,
        "aggregation='plurality'": ensemble.aggregation == "plurality",
        "single rows as units of poison, and no groups": not grouped,
        "an estimator that offers flip_costs, such as StackedRidgeClassifier(store_rows=True) "
        "without class_weight, where each copy must follow from its row alone, and steps of a "
        "pipeline come before the ensemble": hasattr(ensemble.estimator, "flip_costs"),
    }
    for needed, is_there in reasons.items():
        if not is_there:
            raise InvalidInputError(
                f"label_flips='white_box' needs {needed}; else use label_flips='black_box'."
            )
