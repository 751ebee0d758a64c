"""Try attacks: fit on poisoned rows, and compare with what was certified."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .._compat import _safe_indexing
from ..exceptions import CertifyError
from ._report import Counterexample
from ._training_set import Attack

__all__ = ["Trial", "Trials"]

_SHRINKING_STEPS = 40  # fits that a counterexample is worth to be made smaller
_OTHER_SEEDS = (1, 2)  # that a broken certificate with confidence must be broken under as well


@dataclass(frozen=True, eq=False)
class Trial:
    """What an attack did.

    Attributes
    ----------
    attack : Attack
        The attack.
    fitted : estimator or None
        The classifier that learned from the poisoned rows; None if it refused or failed.
    counterexample : Counterexample or None
        None if nothing happened that must not.
    """

    attack: Attack
    fitted: Any = None
    counterexample: Counterexample | None = None


class Trials:
    """A fitted classifier, what it claims, and the record of the attacks on it.

    Parameters
    ----------
    subject : Subject
        What is attacked.
    training_set : TrainingSet
        Clean rows.
    queries : array-like of shape (n_queries, ...)
        Rows whose predictions are watched.
    threat_model : str
        What one unit of poison may do.
    row_numbers : ndarray of int, default=None
        What to call the training rows in a counterexample; None numbers them.

    Attributes
    ----------
    fitted : estimator
        The classifier that learned from the clean rows.
    before : Answers
        What it says.
    sizes : Counter
        How many attacks of each size were tried.
    n_refused : int
        How many training sets were refused.
    """

    def __init__(self, subject, training_set, queries, threat_model, row_numbers=None):
        self.subject = subject
        self.training_set = training_set
        self.queries = queries
        self.threat_model = threat_model
        self.row_numbers = np.arange(len(training_set)) if row_numbers is None else row_numbers
        self.fitted = subject.fit(training_set)
        self.before = subject.answer(self.fitted, queries)
        self._against = {}  # radii toward the labels that somebody wanted
        if subject.is_probabilistic:
            self.rows_of_voters = subject.rows_of_voters(training_set)
        self.sizes = Counter()
        self.n_refused = 0

    def rearrange(self, name, fit):
        """Fit without poison in some other way, after which every answer must be the same.

        Parameters
        ----------
        name : str
            What is done.
        fit : callable
            Called as ``fit(subject, training_set)``; returns a fitted classifier.

        Returns
        -------
        Trial
        """
        attack = Attack(name)
        self.sizes[0] += 1
        try:
            fitted = fit(self.subject, self.training_set)
            after = self.subject.answer(fitted, self.queries)
        except (CertifyError, ValueError):
            self.n_refused += 1
            return Trial(attack)
        except Exception as error:
            return Trial(attack, None, self._example(attack, "error", error=error))
        return Trial(attack, fitted, self._difference(attack, after))

    def attack(self, attack):
        """Fit on poisoned rows, and look at what was certified.

        Parameters
        ----------
        attack : Attack
            What to do to the training set.

        Returns
        -------
        Trial
        """
        self.sizes[attack.size] += 1
        poisoned, kept = self.training_set.poisoned(attack.units)
        try:
            fitted = self.subject.fit(poisoned)
        except (CertifyError, ValueError):  # as scikit-learn refuses what it cannot learn from
            self.n_refused += 1
            return Trial(attack)
        except Exception as error:
            return Trial(attack, None, self._example(attack, "error", error=error))
        try:
            after = self._answer(fitted, self.queries)
        except CertifyError as error:
            # a voter that fails to predict may stop the others only where that was asked for
            if getattr(self.subject.classifier, "on_voter_error", None) != "abstain":
                self.n_refused += 1
                return Trial(attack)
            return Trial(attack, None, self._example(attack, "error", error=error))
        except Exception as error:
            return Trial(attack, None, self._example(attack, "error", error=error))
        example = self._broken_certificate(attack, after)
        if example is None and self.subject.is_probabilistic:
            example = self._moved_draw(attack, poisoned, after)
        elif example is None:
            example = self._moved_voter(attack, fitted, after, kept)
        return Trial(attack, fitted, example)

    def shrink(self, trial):
        """Leave out units of poison without which the counterexample stands.

        First half of them, then ever smaller parts, one by one in the end, as long as there is
        time.

        Parameters
        ----------
        trial : Trial
            With a counterexample.

        Returns
        -------
        Trial
            With a counterexample.
        """
        left_out = max(trial.attack.size // 2, 1)
        start = 0
        for _ in range(_SHRINKING_STEPS):
            if start >= trial.attack.size:
                if left_out == 1:
                    break
                left_out, start = left_out // 2, 0
            smaller = self.attack(trial.attack.without(start, start + left_out))
            if smaller.counterexample is None:
                start += left_out
            else:
                trial = smaller
        return trial

    def changed_queries(self, fitted):
        """Return the queries for which a classifier predicts another label than the clean one.

        Parameters
        ----------
        fitted : estimator
            What learned from poisoned rows.

        Returns
        -------
        list of int
        """
        return self._changed(self._answer(fitted, self.queries))

    def radii_against(self, target):
        """Return the certified radii of the queries toward a label that an attacker wants.

        Parameters
        ----------
        target : label
            The label.

        Returns
        -------
        ndarray of int64, of shape (n_queries,)
            Those without a target if the classifier has no others.
        """
        if target not in self._against:
            radii = self.subject.radii_against(self.fitted, self.queries, target)
            self._against[target] = self.before.radii if radii is None else radii
        return self._against[target]

    def _answer(self, fitted, queries):
        return self.subject.answer(fitted, queries, claims=self.subject.is_probabilistic)

    def _changed(self, after):
        labels = enumerate(zip(self.before.labels, after.labels, strict=True))
        changed = [query for query, (label, other) in labels if label != other]
        if self.subject.is_probabilistic:  # which may not claim the other label
            changed = [query for query in changed if after.radii[query] >= 0]
        return changed

    def _broken_certificate(self, attack, after):
        for query in self._changed(after):
            if self.before.radii[query] >= attack.size and self._stands(attack, query):
                return self._changed_prediction("prediction", attack, query, after)
        for query in self._changed(after):
            target = after.labels[query]
            radius = self.radii_against(target)[query]
            if radius >= attack.size and self._stands(attack, query, target):
                example = self._changed_prediction("target", attack, query, after)
                return replace(example, radius=int(radius))
        return None

    def _changed_prediction(self, kind, attack, query, after):
        return self._example(
            attack,
            kind,
            query=query,
            before=self.before.labels[query],
            after=after.labels[query],
        )

    def _stands(self, attack, query, target=None):
        """Say whether a certificate is broken, and not by the chance that it admits."""
        if not self.subject.is_probabilistic:
            return True
        poisoned = self.training_set.poisoned(attack.units)[0]
        row = _safe_indexing(self.queries, [query])
        for seed in _OTHER_SEEDS:
            subject = self.subject.with_parameters(random_state=seed)
            try:
                clean, fitted = (subject.fit(rows) for rows in (self.training_set, poisoned))
                before, after = subject.answer(clean, row), subject.answer(fitted, row)
            except (CertifyError, ValueError):  # refused under this seed
                return False
            radii = before.radii
            if target is not None:
                radii = subject.radii_against(clean, row, target)
            if radii[0] < attack.size or after.radii[0] < 0:
                return False
            if before.labels == after.labels or target not in (None, *after.labels):
                return False
        return True

    def _moved_voter(self, attack, fitted, after, kept):
        """Compare the voters that the poison does not reach, to the last bit."""
        before_and_after = [self.subject.partitions(model) for model in (self.fitted, fitted)]
        if None in before_and_after:
            return None
        (partition, spread), (partition_after, _) = before_and_after
        n_new = len(partition_after) - len(kept)
        moved = np.flatnonzero(partition_after[n_new:] != partition[kept])
        if len(moved):
            row = moved[0]
            places = int(partition[kept][row]), int(partition_after[n_new:][row])
            return self._example(attack, "partition", before=places[0], after=places[1])
        removed = [row for unit in attack.units for row in unit.removed]
        touched = np.unique(np.append(partition[removed], partition_after[:n_new]))
        untouched = np.setdiff1d(np.arange(len(spread)), spread[touched.astype(np.int64)])
        return self._first_difference(attack, after, untouched)

    def _moved_draw(self, attack, poisoned, after):
        """Compare the voters that drew the same rows as before, under the same seed."""
        before_and_after = zip(
            self.rows_of_voters, self.subject.rows_of_voters(poisoned), strict=True
        )
        same = [
            voter
            for voter, (rows, others) in enumerate(before_and_after)
            if rows is not None and rows == others
        ]
        return self._first_difference(attack, after, same)

    def _difference(self, attack, after):
        """Compare everything, as nothing may change without poison."""
        before = self.before
        pairs = (before.labels, after.labels), (after.labels, after.certified_labels)
        for labels, others in pairs:
            for query, (label, other) in enumerate(zip(labels, others, strict=True)):
                if label != other:
                    return self._example(
                        attack, "prediction", query=query, before=label, after=other
                    )
        if before.votes is not None:
            return self._first_difference(attack, after, range(len(before.votes[0])))
        for query, (counts, others) in enumerate(
            zip(before.counts or [], after.counts or [], strict=True)
        ):
            if counts != others:
                return self._example(attack, "votes", query=query, before=counts, after=others)
        return None

    def _first_difference(self, attack, after, voters):
        """Find a voter, among those given, that votes or scores otherwise than before."""
        before = self.before
        for query, (votes, others) in enumerate(zip(before.votes, after.votes, strict=True)):
            for voter in voters:
                if votes[voter] != others[voter]:
                    return self._example(
                        attack,
                        "voter",
                        query=query,
                        voter=int(voter),
                        before=votes[voter],
                        after=others[voter],
                    )
        if before.scores is None or after.scores is None:
            return None
        shared = [label for label in before.classes if label in after.classes]
        scores, others = (
            answers.scores[:, :, [answers.classes.index(label) for label in shared]]
            for answers in (before, after)
        )
        voters = np.asarray(voters, dtype=np.int64)
        same = (scores == others) | (np.isnan(scores) & np.isnan(others))
        for query, voter in np.argwhere(~same[:, voters].all(axis=2)):
            return self._example(attack, "voter", query=query, voter=int(voters[voter]))
        return None

    def _example(self, attack, kind, query=None, **found):
        if query is not None:
            found["radius"] = int(self.before.radii[query])
            found["query"] = _safe_indexing(self.queries, [int(query)])
        units = attack.units
        return Counterexample(
            kind,
            attack.name,
            self.threat_model,
            attack.size,
            removed=[int(self.row_numbers[row]) for unit in units for row in unit.removed],
            added=[unit.X for unit in units if unit.X is not None],
            added_labels=[unit.y for unit in units if unit.y is not None],
            **found,
        )
