"""Elections: which ballots voters cast, who wins, and how much poison the outcome survives."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from ..base import shares_of_counts
from ..certificates import (
    bagging_radius,
    count_votes,
    joint_partition_accuracy,
    runoff_radius,
    runoff_votes,
)
from ..certificates.joint import RunoffBallots, joint_accuracy_of_ballots, runoff_ballots

__all__ = ["Election", "Plurality", "Runoff", "SampledPlurality"]


class Election(ABC):
    """How an ensemble makes a prediction and a certificate of its voters' ballots.

    Ballots come some rows at a time, and answers are arrays with one entry a row.

    Parameters
    ----------
    n_classes : int
        Number of classes.

    Attributes
    ----------
    ballots : {"votes", "scores"}
        What voters are asked for: the method of `Voters` that collects it.
    bytes_per_ballot : int
        What a voter's ballot on one row takes, about.
    has_joint_accuracy : bool
        Whether a joint certificate is known.
    description : str
        Name of the election, for messages.
    """

    ballots: ClassVar[str] = "votes"
    bytes_per_ballot: ClassVar[int] = 1
    has_joint_accuracy: ClassVar[bool] = False
    description: ClassVar[str] = "a plurality vote"

    def __init__(self, n_classes):
        self.n_classes = n_classes

    def votes(self, ballots):
        """Return the vote of every voter, int of shape (n_samples, n_voters); -1 = abstains."""
        return ballots

    def counts(self, ballots):
        """Count the votes for every class, int64 of shape (n_samples, n_classes)."""
        return count_votes(self.votes(ballots), self.n_classes)

    def winners(self, ballots):
        """Return the class that wins each row, int64 of shape (n_samples,)."""
        return self.counts(ballots).argmax(axis=1)

    def shares(self, ballots):
        """Return shares of the votes that decide, float64 of shape (n_samples, n_classes).

        They add up to one, and the first of the largest is the winner's.
        """
        counts = self.counts(ballots)
        return shares_of_counts(counts, counts.argmax(axis=1))

    @abstractmethod
    def tally(self, ballots):
        """Return what the certificates of some rows need of their ballots: a tuple of arrays."""

    def targeted_tally(self, ballots, target):
        """Return what they need if attacks shall make one label win.

        The target is a class index, or `n_classes` for an invented label. Who makes it win changes
        the winner: unless an election knows more, all is as without a target.
        """
        return self.tally(ballots)

    def certificates(self, *tallies, target=None):
        """Return winners and radii of all rows, two int64 arrays, from their tallies together."""
        return tallies

    def joint_tally(self, ballots):
        """Return what the joint certificate of some rows needs: a tuple of arrays."""
        raise NotImplementedError

    def joint_accuracy(self, tallies, y, poison_sizes):
        """Bound the accuracy under one attack on all rows from below, where this is known.

        `tallies` are those of `joint_tally`, of all rows together. y holds class indices, -1 for
        a label that is no class.
        """
        raise NotImplementedError


class Plurality(Election):
    """The class with most votes wins; voters on partitions.

    Parameters
    ----------
    n_classes : int
        Number of classes.
    radius : callable
        ``radius(votes, n_classes=..., cost=..., phantom=..., target=...)`` returns winners and
        radii, such as `sklearn_certify.certificates.plurality_radius`.
    spread : ndarray of int64, of shape (n_partitions, spreading_degree)
        The voters that use each partition.
    cost : int
        Partitions that one unit of poison corrupts.
    phantom : bool
        Whether the attacker may invent a label.
    """

    has_joint_accuracy = True

    def __init__(self, n_classes, *, radius, spread, cost, phantom):
        super().__init__(n_classes)
        self.radius, self.spread = radius, spread
        self.rules = {"cost": cost, "phantom": phantom}

    def tally(self, ballots):
        return self.radius(ballots, n_classes=self.n_classes, **self.rules)

    def targeted_tally(self, ballots, target):
        return self.radius(ballots, n_classes=self.n_classes, target=target, **self.rules)

    def joint_tally(self, ballots):
        return (ballots,)

    def joint_accuracy(self, tallies, y, poison_sizes):
        return joint_partition_accuracy(
            *tallies, y, poison_sizes, spread=self.spread, n_classes=self.n_classes, **self.rules
        )


class Runoff(Election):
    """The two classes with most votes meet in a second round; voters on partitions.

    Parameters
    ----------
    n_classes : int
        Number of classes.
    spread : ndarray of int64, of shape (n_partitions, spreading_degree)
        The voters that use each partition.
    cost : int
        Partitions that one unit of poison corrupts.
    phantom : bool
        Whether the attacker may invent a label.
    may_abstain : bool, default=False
        Whether a voter whose scores are all -inf abstains in the second round as well.
    """

    ballots = "scores"
    has_joint_accuracy = True
    description = "a run-off election"
    bytes_per_ballot = 128  # sixteen classes, whatever their number

    def __init__(self, n_classes, *, spread, cost, phantom, may_abstain=False):
        super().__init__(n_classes)
        self.may_abstain = may_abstain
        self.rules = {"spread": spread, "cost": cost, "phantom": phantom}

    def votes(self, ballots):
        return runoff_votes(ballots)

    def winners(self, ballots):
        return self.shares(ballots).argmax(axis=1)

    def shares(self, ballots):
        counts = self.counts(ballots)
        if self.n_classes == 1:
            return np.ones(counts.shape)
        # ties go to the smaller index: between classes for the second round, and for a voter in it
        finalists = np.sort(np.argsort(-counts, axis=1, kind="stable")[:, :2], axis=1)
        low, high = np.moveaxis(
            np.take_along_axis(ballots, finalists[:, np.newaxis, :], axis=2), 2, 0
        )
        take_part = self.votes(ballots) >= 0 if self.may_abstain else np.full(low.shape, True)
        backers = np.stack([(low >= high) & take_part, low < high], axis=-1).sum(axis=1)
        together = np.zeros(counts.shape, dtype=np.int64)
        np.put_along_axis(together, finalists, backers, axis=1)
        return shares_of_counts(together, finalists[:, 0])

    def tally(self, ballots):
        return runoff_radius(ballots, may_abstain=self.may_abstain, **self.rules)

    def targeted_tally(self, ballots, target):
        return runoff_radius(ballots, may_abstain=self.may_abstain, target=target, **self.rules)

    def joint_tally(self, ballots):
        in_partitions = self.rules | {"cost": 1}
        results = runoff_radius(ballots, may_abstain=self.may_abstain, **in_partitions)
        return tuple(runoff_ballots(ballots, *results, np.arange(len(ballots))))

    def joint_accuracy(self, tallies, y, poison_sizes):
        return joint_accuracy_of_ballots(
            RunoffBallots(*tallies),
            y,
            poison_sizes,
            n_classes=self.n_classes,
            may_abstain=self.may_abstain,
            **self.rules,
        )


class SampledPlurality(Election):
    """The class with most votes wins; voters on random samples of the rows.

    Parameters
    ----------
    n_classes : int
        Number of classes.
    seen : ndarray of bool, of shape (n_classes,)
        Whether a training row has the label.
    n_units : int
        Number of rows, or of groups, that samples are drawn from.
    **rules
        Further arguments of `sklearn_certify.certificates.bagging_radius`.
    """

    def __init__(self, n_classes, *, seen, n_units, **rules):
        super().__init__(n_classes)
        self.seen, self.n_units, self.rules = seen, n_units, rules

    description = "random subsamples"

    def tally(self, ballots):
        return (self.counts(ballots),)

    def certificates(self, counts, target=None):
        # the confidence is spent on all rows of a call together.
        # a label that no row has gets no votes, and confidence need not be spent on it
        kept = self.seen if not counts[:, ~self.seen].any() else np.full(self.n_classes, True)
        if target is not None:  # which has a bound of its own, also without votes
            kept = kept | (np.arange(self.n_classes) == target)
            target = int(kept[:target].sum())
        radii = bagging_radius(counts[:, kept], self.n_units, target=target, **self.rules)[1]
        return counts.argmax(axis=1), radii
