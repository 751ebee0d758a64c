"""What an attacker knows and can do."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._compat import _safe_indexing
from .._rows import stack_rows
from ..threat import find_threat_model
from ._odd_rows import as_numbers, moved_copies
from ._training_set import Unit, like_labels

__all__ = ["Scene"]

_ROWS_OF_A_NEW_GROUP = 3


@dataclass(eq=False)
class Scene:
    """What an attacker knows: the clean rows, the queries, and what is claimed about them.

    Parameters
    ----------
    trials : Trials
        The classifier under attack.
    rng : Generator
        Moves the attackers' rows.
    """

    trials: Any
    rng: Any

    def __post_init__(self):
        trials = self.trials
        self.training_set, self.queries = trials.training_set, trials.queries
        self.model = find_threat_model(trials.threat_model, of_a_classifier=True)
        self.labels, self.radii = trials.before.labels, trials.before.radii
        self.train_labels = np.empty(len(self.training_set), dtype=object)
        self.train_labels[:] = self.training_set.labels()
        self.n_new_groups = 0
        train, queries = as_numbers(self.training_set.X), as_numbers(self.queries)
        scale = train.std(axis=0)
        self.coordinates = train / np.where(scale > 0, scale, 1)
        self.query_coordinates = queries / np.where(scale > 0, scale, 1)

    def invented_labels(self):
        """Return labels that nobody has: one that sorts first, and one that sorts last."""
        if getattr(self.trials.subject.classifier, "classes", None) is not None:
            return []  # they would be refused
        known = set(self.train_labels.tolist())
        if all(isinstance(label, str) for label in known):
            return ["!", "~" * 100]
        if any(isinstance(label, (bool, str, bytes)) for label in known):
            return []
        unsigned = getattr(getattr(self.training_set.y, "dtype", None), "kind", "i") == "u"
        least, most = min(known), max(known)
        below = [least - 1] if not unsigned or least > 0 else []
        return [*below, most + 1]

    def rivals(self, query):
        """Return the labels to turn a prediction to, the most promising first."""
        counts = self.trials.before.counts
        tally = counts[query] if counts else {}
        distances = self.distances(query)
        others = sorted(
            set(self.train_labels.tolist()) - {self.labels[query]},
            key=lambda label: (
                -tally.get(label, 0),
                distances[self.train_labels == label].min(),
            ),
        )
        return [*others[:1], *self.invented_labels()[:1], *others[1:]]

    def sizes(self, query, rival):
        """Return how large attacks are that must not turn a prediction, or not to a rival."""
        radius, against = self.radii[query], self.trials.radii_against(rival)[query]
        return sorted({int(radius), int(max(radius, against))})

    def weights(self, votes, query, rival):
        """Return what turning each voter to a rival is worth, by its vote on a query."""
        winner = self.labels[query]
        return np.array([1 + (vote == winner) - (vote == rival) for vote in votes])

    def distances(self, query):
        """Return the distance of each training row to a query."""
        return np.abs(self.coordinates - self.query_coordinates[query]).sum(axis=1)

    def supporters(self, query):
        """Return the training rows with the label that is predicted, the nearest first."""
        order = np.argsort(self.distances(query), kind="stable")
        return order[self.train_labels[order] == self.labels[query]]

    def hopeful_queries(self):
        """Return the queries that are certified at 1 or more, the least certain first."""
        order = np.argsort(self.radii, kind="stable")
        return order[self.radii[order] >= 1]

    def query_row(self, query):
        """Return a query as an array-like of one row."""
        return _safe_indexing(self.queries, [int(query)])

    def copies(self, query, n_copies):
        """Return rows next to a query."""
        return moved_copies(self.query_row(query), self.training_set.X, n_copies, self.rng)

    def adding(self, rows, label, group=None):
        """Return a unit that adds one row, or a new contributor with its rows."""
        y = like_labels(self.training_set.y, [label])
        if self.training_set.groups is None:
            return Unit((), rows, y)
        rows, y = (stack_rows([part] * _ROWS_OF_A_NEW_GROUP) for part in (rows, y))
        name = self.new_group() if group is None else group
        names = like_labels(self.training_set.groups, [name] * _ROWS_OF_A_NEW_GROUP)
        return Unit((), rows, y, names)

    def new_group(self):
        """Return the name of a contributor who was not there before."""
        self.n_new_groups += 1
        names = self.training_set.contributors()
        if all(isinstance(name, str) for name in names):
            return f"new contributor {self.n_new_groups}"
        return max(names) + self.n_new_groups

    def removing(self, row):
        """Return a unit that removes a row, or the contributor of the row."""
        return Unit(self.training_set.rows_of(row))

    def replacing(self, row, new_row, label):
        """Return a unit that turns a row into another one, or all rows of its contributor."""
        removed = self.training_set.rows_of(row)
        old = self.training_set.take(removed)
        X = stack_rows([new_row] * len(removed))
        return Unit(removed, X, like_labels(old.y, [label] * len(removed)), old.groups)

    def flipping(self, row, label):
        """Return a unit that turns the label of a row, or of all rows of its contributor."""
        removed = self.training_set.rows_of(row)
        old = self.training_set.take(removed)
        return Unit(removed, old.X, like_labels(old.y, [label] * len(removed)), old.groups)

    def against(self, row, new_row, label):
        """Return units that turn a supporter, as the threat model allows."""
        if self.model.labels_alone:
            return [self.flipping(row, label)]
        if self.model.relabels:  # one unit takes a label and gives another
            return [self.replacing(row, new_row, label)]
        units = []
        if self.model.inserts:
            units.append(self.adding(new_row, label))
        if self.model.deletes:
            units.append(self.removing(row))
        return units
