"""What an attacker knows and can do who has the data for some consecutive periods."""

from dataclasses import dataclass, replace

import numpy as np

from ..audit import split_pipeline
from ._odd_rows import odd_rows
from ._scene import Scene
from ._temporal_trials import spans_of
from ._training_set import Attack, Unit, like_labels

__all__ = ["TemporalAttack", "TemporalScene"]

_MOST_COPIES = 30  # that come in a period


@dataclass(frozen=True, eq=False)
class TemporalAttack(Attack):
    """Poison in consecutive periods from the first one on: a unit in each, which may do nothing."""

    first_period: int = 0

    def without(self, start, stop):
        """Return the attack in the periods before or behind some of its own, if it is longer."""
        before, behind = self.units[:start], self.units[stop:]
        if len(before) >= len(behind):
            return replace(self, name=self.name if before else "fitted once more", units=before)
        return replace(self, units=behind, first_period=self.first_period + stop)


@dataclass(eq=False)
class TemporalScene(Scene):
    """What an attacker knows who has the data for some time: besides, which voter sees what."""

    def __post_init__(self):
        super().__post_init__()
        self.periods = np.asarray(self.training_set.groups)
        self.spans = spans_of(self.trials.fitted)
        classifier = split_pipeline(self.trials.fitted)[1]
        ends = ("first_period", "last_period")
        self.declared = [getattr(classifier, name, None) for name in ends]
        n_usual = int(np.median(np.unique(self.periods, return_counts=True)[1]))
        self.n_copies = min(max(n_usual, 1), _MOST_COPIES)

    def within_declared(self, starts, n_periods):
        """Return the nearest starts from which so many periods lie within the declared ones."""
        first, last = self.declared
        if last is not None:
            starts = np.minimum(starts, last - n_periods + 1)
        return starts if first is None else np.maximum(starts, first)

    def worst_start(self, query, rival, n_periods):
        """Return where so many periods reach the voters whose turning is worth most."""
        if self.spans is None:
            return int(self.rng.choice(self.periods))
        votes = self.trials.before.votes[query]
        weights = self.weights(votes, query, rival)
        first, last = np.asarray(self.spans).T
        starts = self.within_declared(np.unique(last), n_periods)
        reached = (first < starts[:, np.newaxis] + n_periods) & (last >= starts[:, np.newaxis])
        return int(starts[(reached @ weights).argmax()])

    def attack(self, way, query, rival, start, n_periods):
        """Return an attack in one way on all periods from a start on.

        Parameters
        ----------
        way : {"replaced", "added", "removed", "relabelled", "odd"}
            What is done to the rows of each period.
        query : int
            The query to turn.
        rival : label
            What to turn it to.
        start, n_periods : int
            When.

        Returns
        -------
        TemporalAttack
        """
        words = {
            "replaced": "rows of some periods replaced by copies of a query with another label",
            "added": "copies of a query with another label added in some periods",
            "removed": "rows of some periods removed",
            "relabelled": "rows of some periods relabelled",
            "odd": "odd rows added in some periods",
        }
        units = [
            self._unit(way, query, rival, period) for period in range(start, start + n_periods)
        ]
        return TemporalAttack(words[way], tuple(units), start)

    def _unit(self, way, query, rival, period):
        rows = np.flatnonzero(self.periods == period).tolist()
        if way == "relabelled":
            return self.flipping(rows[0], rival) if rows else Unit()
        removed = tuple(rows) if way in ("replaced", "removed") else ()
        if way == "removed":
            return Unit(removed)
        if way == "odd":
            new = self.rng.choice(len(odd := odd_rows(self.query_row(query), self.rng)))
            X, n_new = odd[int(new)][1], 1
        else:
            X, n_new = self.copies(query, self.n_copies), self.n_copies
        y = like_labels(self.training_set.y, [rival] * n_new)
        return Unit(removed, X, y, np.full(n_new, period, dtype=np.int64))
