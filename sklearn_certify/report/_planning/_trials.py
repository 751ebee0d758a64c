"""How much settings would certify, found out on parts of the rows."""

from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np

from ..._rows import take_rows
from .._split import hold_out
from ._outcome import count_voters, count_voters_to_try, find_out, is_quick

__all__ = ["Trial", "Trials"]

_HELD_OUT = 0.2
_MOST_HELD_OUT = 2000  # rows: more of them would tell hardly more
_CLOSE = 0.04  # to the best at the size that matters: worth a second look
_AS_GOOD = 0.01  # at other sizes
_FIRST_VOTERS, _MORE_VOTERS = 20, 60  # fitted one by one, where some stand for all
_SLOW_AGAIN = (8, 5, 3, 2)  # settings that are slow to try, in each further repetition


@dataclass
class Trial:
    """What became of a candidate.

    Attributes
    ----------
    candidate : Candidate
        The settings.
    outcomes : list of Outcome
        Of each repetition.
    """

    candidate: object
    outcomes: list = field(default_factory=list)

    def expected(self, poison_sizes):
        """Return the certified accuracy that is to be expected with all rows.

        Parameters
        ----------
        poison_sizes : array-like of int, of shape (n_sizes,)
            Sizes.

        Returns
        -------
        ndarray of float64, of shape (n_sizes,)
            The mean over all rows held out.
        """
        return np.average(
            [outcome.expected(poison_sizes) for outcome in self.outcomes],
            axis=0,
            weights=[outcome.n_rows for outcome in self.outcomes],
        )

    def largest(self):
        """Return the largest size at which anything is certified."""
        return max(outcome.largest() for outcome in self.outcomes)

    @property
    def is_quick(self):
        """Whether it takes little time to try."""
        return is_quick(self.candidate.estimator)

    @property
    def seconds(self):
        """About how long fitting and certifying takes with all rows and voters."""
        return min(outcome.seconds for outcome in self.outcomes)


class Trials:
    """Tries candidates on parts of the rows, again and again, until time is up.

    Parameters
    ----------
    dataset : Dataset
        The rows that settings are chosen by; no other is looked at.
    n_units : int
        Number of rows, or contributors, that the choice is for.
    limit : float
        The largest poison size at which anything can be certified, whatever the settings.
    threat_model : str
        What one unit of poison may do.
    poison_size : int
        The size that matters.
    deadline : float
        When to stop, by `perf_counter`.
    observer : Observer
        Is told how it gets on.
    """

    def __init__(self, dataset, n_units, limit, threat_model, poison_size, deadline, observer):
        # the form of the rows is settled; what poison it takes to change it caps radii at the end
        self._dataset = replace(dataset, limits=None if dataset.limits is None else [])
        self._n_units = n_units
        self.limit = limit
        self._threat_model = threat_model
        self.size = poison_size
        self._deadline = deadline
        self._observer = observer
        self.trials = []
        self.failures = {}
        self.n_untried = 0

    def run(self, candidates, repeat, seed):
        """Try candidates once more, each on the same part of the rows.

        Parameters
        ----------
        candidates : list of Candidate
            Settings.
        repeat : int
            How often they have been tried before.
        seed : int
            Of the part.
        """
        split = _with_fewer_to_certify(hold_out(self._dataset, _HELD_OUT, seed), seed)
        share = split.n_units / self._n_units
        known = {id(trial.candidate): trial for trial in self.trials}
        n_voters = _MORE_VOTERS if repeat else _FIRST_VOTERS
        for candidate in candidates:
            trial = known.get(id(candidate), Trial(candidate))
            if self.trials and not self._has_time_for(trial, n_voters):
                self.n_untried += not trial.outcomes
                continue
            self._observer.update(f"trying {candidate}")
            try:
                outcome = find_out(
                    candidate,
                    self._dataset,
                    split,
                    share,
                    self._threat_model,
                    n_voters,
                    self._observer,
                )
            except Exception as error:
                self.failures[str(candidate)] = error
                continue
            if not trial.outcomes:
                self.trials.append(trial)
            trial.outcomes.append(outcome)

    def _has_time_for(self, trial, n_voters):
        """Say whether there is time to try a candidate, and to fit it to all rows then."""
        if self._deadline == np.inf:
            return True
        left = self._deadline - perf_counter()
        if trial.is_quick:
            return left > 0
        estimator = trial.candidate.estimator
        base = trial.candidate.settings.get("base")
        known = [other for other in self.trials if other.candidate.settings.get("base") == base]
        n_known = sum(count_voters(other.candidate.estimator) for other in known)
        per_voter = sum(other.seconds for other in known) / max(n_known, 1)
        n_voters = count_voters_to_try(estimator, n_voters) + count_voters(estimator)
        return left > per_voter * n_voters

    def ranked(self, name=None):
        """Return trials, the best at the size that matters first.

        Parameters
        ----------
        name : str, default=None
            Of one classifier alone.

        Returns
        -------
        list of Trial
        """
        trials = [trial for trial in self.trials if name in (None, trial.candidate.name)]
        # of equals, the one that bears more, then the first
        return sorted(trials, key=lambda t: (-self.at(t), -self.at(t, 2), -self.at(t, 0)))

    def at(self, trial, times=1):
        """Return what is expected of a trial at a multiple of the size that matters."""
        size = times * self.size
        return float(trial.expected([size])[0]) if size <= self.limit else 0.0

    def worth_another(self, poison_sizes, repeat):
        """Return the candidates that may be the best at a size.

        Parameters
        ----------
        poison_sizes : list of int
            Sizes.
        repeat : int
            How often candidates have been tried, at most: the slow ones become fewer.

        Returns
        -------
        list of Candidate
        """
        ranked = self.ranked()
        expected = np.array([trial.expected(poison_sizes) for trial in ranked])
        margins = np.where(np.asarray(poison_sizes) == self.size, _CLOSE, _AS_GOOD)
        best = expected.max(axis=0)
        close = ((expected >= best - margins) & (best > margins)).any(axis=1)
        best_of_kind = {id(self.ranked(t.candidate.name)[0]) for t in ranked}
        quick = [
            trial
            for trial, is_close in zip(ranked, close, strict=True)
            if trial.is_quick and (is_close or id(trial) in best_of_kind)
        ]
        least = self.at(ranked[0]) - _CLOSE
        slow = [trial for trial in ranked if not trial.is_quick and self.at(trial) >= least]
        return [trial.candidate for trial in quick + slow[: _SLOW_AGAIN[repeat - 1]]]


def _with_fewer_to_certify(split, seed):
    n_rows = len(split.y_test)
    if n_rows <= _MOST_HELD_OUT:
        return split
    rows = np.random.default_rng(seed).permutation(n_rows)[:_MOST_HELD_OUT]
    return replace(
        split,
        X_test=take_rows(split.X_test, rows),
        y_test=split.y_test[rows],
        test_numbers=split.test_numbers[rows],
    )
