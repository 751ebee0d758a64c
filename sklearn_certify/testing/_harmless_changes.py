"""Changes after which voters must be what they were, and which voters changed all the same."""

from dataclasses import replace

import numpy as np

from .._compat import _num_samples, _safe_indexing
from ..exceptions import CertifyError
from ._odd_rows import odd_rows
from ._rearrangements import rearrangements
from ._temporal_trials import untouched_voters
from ._training_set import Unit, like_labels

__all__ = ["changed_voters"]

_N_QUERIES = 20
_MOST_NAMED = 8
_MOST_VOTES = 2  # that one row gives and takes where neighbours vote
_LOOK = (
    "Look for what fits share, in the base estimator and in steps before the classifier: a random "
    "generator without a seed, caches, warm starts, what is computed from all rows or their order. "
    "sklearn_certify.testing.check_soundness looks for the smallest example."
)
_TYPE = "Pass X in the widest type that its numbers may ever need, such as float64."


def changed_voters(subject, training_set, random_state):
    """Fit after harmless changes, and find the voters that changed and should not have.

    Parameters
    ----------
    subject : Subject
        What is audited.
    training_set : TrainingSet
        The rows.
    random_state : int
        Chooses rows.

    Returns
    -------
    names : list of str
        What was tried.
    found : list of (str, str)
        What changed, in a sentence, and what to do.
    """
    rng = np.random.default_rng(random_state)
    numbers = rng.permutation(len(training_set))[:_N_QUERIES]
    queries = _safe_indexing(training_set.X, np.sort(numbers).tolist())
    comparison = _Comparison(subject, training_set, queries)
    names, found = [], []
    for name, fit, mend in _without_poison(subject, training_set, rng):
        names.append(name)
        found += _told(name, comparison.after_rearranging(fit), mend)
    for name, units in _with_one_unit(training_set, rng):
        names.append(name)
        found += _told(name, comparison.after_poison(units), _LOOK)
    return names, found


def _without_poison(subject, training_set, rng):
    """Yield ways to fit the same rows: their names, the ways, and what to do if they matter."""
    for name, fit in rearrangements(subject, training_set, rng):
        yield name, fit, _LOOK
    X = training_set.X
    if isinstance(X, np.ndarray) and X.dtype.kind in "biuf" and X.dtype != np.float64:
        wider = replace(training_set, X=X.astype(np.float64))
        if (wider.X == X).all():  # one row with such a number would make all of them so
            yield "rows as float64", lambda subject, rows: subject.fit(wider), _TYPE


def _with_one_unit(training_set, rng):
    """Yield what one row can do: its name, and the units of poison."""
    row = int(rng.integers(len(training_set)))
    alone = training_set.take([row])
    far = odd_rows(alone.X, rng)
    if far:
        yield "one far row added", [Unit((), far[0][1], alone.y, alone.groups)]
    yield "one row removed", [Unit((row,))]
    labels = training_set.labels()
    other = next((label for label in labels if label != labels[row]), None)
    if other is not None:
        relabelled = like_labels(training_set.y, [other])
        yield "one label changed", [Unit((row,), alone.X, relabelled, alone.groups)]


def _told(name, changed, mend):
    """Yield a sentence on what changed, if anything did."""
    if isinstance(changed, str):
        yield f"After {name}: {changed}", mend
    elif changed:
        voters = ", ".join(map(str, changed[:_MOST_NAMED]))
        more = ", ..." if len(changed) > _MOST_NAMED else ""
        yield (
            f"After {name}: {len(changed)} voter{'s'[: len(changed) > 1]} changed that must not "
            f"({voters}{more}).",
            mend,
        )


class _Comparison:
    """Fits with and without changes, and their voters side by side."""

    def __init__(self, subject, training_set, queries):
        self.subject = subject
        self.training_set = training_set
        self.queries = queries
        self.fitted = subject.fit(training_set)
        self.before = subject.answer(self.fitted, queries, claims=False)
        self.rows_of_voters = None
        if subject.is_probabilistic:
            self.rows_of_voters = subject.rows_of_voters(training_set)

    def after_rearranging(self, fit):
        """Return the voters that changed, or a sentence on what did, after no poison at all."""
        try:
            after = self._answer(fit(self.subject, self.training_set))
        except CertifyError as error:
            return f"fit or predict fails: {error}"
        if self.before.votes is not None:
            return self._changed(after, range(len(self.before.votes[0])))
        return self._changed_counts(after, 0)

    def after_poison(self, units):
        """Return the voters that changed and do not learn from what came or went."""
        poisoned, kept = self.training_set.poisoned(units)
        try:
            fitted = self.subject.fit(poisoned)
            after = self._answer(fitted)
        except (CertifyError, ValueError):  # rows that are refused change nothing
            return []
        if self.rows_of_voters is not None:
            others = self.subject.rows_of_voters(poisoned)
            pairs = enumerate(zip(self.rows_of_voters, others, strict=True))
            same = [voter for voter, (rows, new) in pairs if rows is not None and rows == new]
            return self._changed(after, same)
        if self.training_set.groups_name == "periods":
            return self._changed_at_other_times(after, fitted, units)
        before_and_after = [self.subject.partitions(model) for model in (self.fitted, fitted)]
        if None in before_and_after:
            return self._changed_counts(after, _MOST_VOTES)
        (partition, spread), (partition_after, _) = before_and_after
        n_new = len(partition_after) - len(kept)
        n_moved = np.count_nonzero(partition_after[n_new:] != partition[kept])
        if n_moved:
            return f"{n_moved} other rows moved to another partition."
        removed = [row for unit in units for row in unit.removed]
        touched = np.unique(np.append(partition[removed], partition_after[:n_new]))
        return self._changed(
            after, np.setdiff1d(np.arange(len(spread)), spread[touched.astype(np.int64)])
        )

    def _changed_at_other_times(self, after, fitted, units):
        """Return the voters that changed and learn from other periods than those of the units."""
        periods = [self.training_set.groups[list(unit.removed)] for unit in units]
        periods += [unit.groups for unit in units if unit.groups is not None]
        touched = np.concatenate(periods)
        voters, answers = untouched_voters(
            (self.fitted, fitted), after, touched.min(), touched.max()
        )
        return self._changed(answers, voters) if voters else []

    def _answer(self, fitted):
        return self.subject.answer(fitted, self.queries, claims=False)

    def _changed(self, after, voters):
        """Return those of some voters that vote or score otherwise, to the last bit."""
        before = self.before
        voters = [int(voter) for voter in voters]
        changed = {
            voter
            for votes, others in zip(before.votes, after.votes, strict=True)
            for voter in voters
            if votes[voter] != others[voter]
        }
        if before.scores is not None and after.scores is not None:
            shared = [label for label in before.classes if label in after.classes]
            scores, others = (
                answers.scores[:, :, [answers.classes.index(label) for label in shared]]
                for answers in (before, after)
            )
            same = ((scores == others) | (np.isnan(scores) & np.isnan(others))).all(axis=(0, 2))
            changed |= {voter for voter in voters if not same[voter]}
        return sorted(changed)

    def _changed_counts(self, after, most):
        """Say where votes changed by more than they may."""
        pairs = zip(self.before.counts or [], after.counts or [], strict=True)
        n_changed = sum(
            sum(abs(new.get(label, 0) - old.get(label, 0)) for label in {*old, *new}) > most
            for old, new in pairs
        )
        if not n_changed:
            return []
        return f"the votes on {n_changed} of {_num_samples(self.queries)} rows changed."
