"""How much settings would certify, found out on a part of the rows."""

from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np

from .._results import fit_and_certify
from .._split import hold_out

__all__ = ["Trial", "Trials"]

_HELD_OUT = 0.2
_CLOSE = 0.04  # to the best at the size that matters: worth a second look
_AS_GOOD = 0.01  # at other sizes


@dataclass
class Trial:
    """What became of a candidate.

    Attributes
    ----------
    candidate : Candidate
        The settings.
    radii : list of ndarray of int64
        Of each repetition: radii of the rows held out, -1 where the prediction is wrong.
    ratios : list of float
        Of each repetition: how many times the candidate's own radii these are.
    """

    candidate: object
    radii: list = field(default_factory=list)
    ratios: list = field(default_factory=list)

    def expected(self, poison_sizes):
        """Return the certified accuracy that is to be expected with all rows.

        Parameters
        ----------
        poison_sizes : array-like of int
            Sizes.

        Returns
        -------
        ndarray of float64
            Between two radii of the part, interpolated.
        """
        sizes = np.asarray(poison_sizes, dtype=float)
        means, weights = [], []
        for radii, ratio in zip(self.radii, self.ratios, strict=True):
            scaled = sizes * ratio
            below = np.floor(scaled + 1e-9)
            part = np.clip(scaled - below, 0, 1)
            low, high = ((radii >= (below + step)[:, np.newaxis]).mean(axis=1) for step in (0, 1))
            means.append((1 - part) * low + part * high)
            weights.append(len(radii))
        return np.average(means, axis=0, weights=weights)

    def largest(self):
        """Return the largest size at which anything is certified."""
        return max(
            int(radii.max(initial=0) / ratio)
            for radii, ratio in zip(self.radii, self.ratios, strict=True)
        )


class Trials:
    """Tries candidates on parts of the rows, again and again, until time is up.

    Parameters
    ----------
    dataset : Dataset
        The rows that settings are chosen by; no other is looked at.
    n_units : int
        Number of rows, or contributors, that the choice is for.
    threat_model : str
        What one unit of poison may do.
    poison_size : int
        The size that matters.
    deadline : float
        When to stop, by `perf_counter`.
    observer : Observer
        Is told how it gets on.
    """

    def __init__(self, dataset, n_units, threat_model, poison_size, deadline, observer):
        self.limit = dataset.radius_limit
        # the form of the rows is settled; what poison it takes to change it caps radii at the end
        self._dataset = replace(dataset, limits=None if dataset.limits is None else [])
        self._n_units = n_units
        self._threat_model = threat_model
        self._size = poison_size
        self._deadline = deadline
        self._observer = observer
        self.trials = []
        self.failures = {}
        self.n_untried = 0

    def run(self, candidates, seed):
        """Try candidates once more, each on the same part of the rows.

        Parameters
        ----------
        candidates : list of Candidate
            Settings.
        seed : int
            Of the part.
        """
        split = hold_out(self._dataset, _HELD_OUT, seed)
        share = split.n_units / self._n_units
        known = {id(trial.candidate): trial for trial in self.trials}
        for number, candidate in enumerate(candidates):
            if perf_counter() > self._deadline and self.trials:
                self.n_untried += sum(id(late) not in known for late in candidates[number:])
                return
            self._observer.update(f"trying {candidate}")
            estimator, ratio = candidate.scaled(share)
            try:
                result = fit_and_certify(
                    candidate.name,
                    estimator,
                    self._dataset,
                    split,
                    self._threat_model,
                    self._observer,
                )
            except Exception as error:
                self.failures[str(candidate)] = error
                continue
            trial = known.get(id(candidate))
            if trial is None:
                trial = Trial(candidate)
                self.trials.append(trial)
            radii = np.where(result.y_pred == result.y_true, result.radii, -1)
            trial.radii.append(radii)
            trial.ratios.append(ratio)

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
        size = times * self._size
        return float(trial.expected([size])[0]) if size <= self.limit else 0.0

    def worth_another(self, poison_sizes):
        """Return the candidates that may be the best at a size.

        Parameters
        ----------
        poison_sizes : list of int
            Sizes.

        Returns
        -------
        list of Candidate
        """
        expected = np.array([trial.expected(poison_sizes) for trial in self.trials])
        margins = np.where(np.asarray(poison_sizes) == self._size, _CLOSE, _AS_GOOD)
        close = (expected >= expected.max(axis=0) - margins).any(axis=1)
        best_of_kind = {id(self.ranked(t.candidate.name)[0]) for t in self.trials}
        return [
            trial.candidate
            for trial, is_close in zip(self.trials, close, strict=True)
            if is_close or id(trial) in best_of_kind
        ]
