"""Settings of the package's classifiers that are worth a try."""

import inspect
from dataclasses import dataclass, field

import numpy as np
from sklearn.base import BaseEstimator, clone

from .._base_estimators import for_dataset, parse_base_estimator
from .._settings import default_radius, make
from ._outcome import is_quick

__all__ = ["BASES", "Candidate", "followers", "leaders"]

BASES = ("ridge", "nearest-centroid", "logistic")  # different, and quick on few rows
_LADDER = (1, 2, 5)
_TIMES_POISON = (
    2.5,
    3,
    4,
    6,
    8,
    12,
)  # voters or neighbours per unit of poison that help to bear it
_FEWEST_ROWS = 5  # of a voter
_MOST_NEIGHBORS = 0.5  # of all rows
_N_RADII = 8
_DEGREES = (2, 4, 8)
_SLOW_DEGREES = (2, 4)  # where each voter takes long
_TIMES_ROWS = (0.5, 1, 2)  # rows of a voter of bagging, by those of one of DPA


@dataclass(frozen=True)
class Candidate:
    """A certified classifier with settings, as it would be used on all training rows.

    Attributes
    ----------
    name : str
        Short name of the classifier.
    settings : dict
        What is chosen about it, by parameter; "base" is the name of its base estimator.
    estimator : estimator
        The classifier, not fitted.
    """

    name: str
    settings: dict
    estimator: BaseEstimator = field(repr=False)

    def scaled(self, share):
        """Return what stands for the classifier where there is only a share of the rows.

        Partitions, or neighbours, are as many times fewer, so that a voter has as many rows, and a
        neighbour is as near, as with all rows.

        Parameters
        ----------
        share : float
            Of the rows that the classifier will be fitted to.

        Returns
        -------
        estimator
            Not fitted.
        ratio : float
            Its radii are so many times those of the classifier itself.
        """
        estimator = clone(self.estimator)
        parameters = estimator.get_params(deep=False)
        for name in ("n_partitions", "n_neighbors"):
            if name in parameters:
                fewest = parameters.get("spreading_degree", 1)
                count = max(round(parameters[name] * share), fewest, 1)
                return estimator.set_params(**{name: count}), count / parameters[name]
        return estimator, share

    @property
    def told(self):
        """What is chosen, in words; empty if nothing is."""
        return ", ".join(f"{name}={value}" for name, value in self.settings.items())

    def __str__(self):
        return f"{self.name} ({self.told})" if self.settings else self.name


def leaders(chosen, by, split, poison_size, given, bases):
    """Return the candidates that need no results of others.

    Parameters
    ----------
    chosen : dict of str to class
        Certified classifiers by name.
    by : Dataset
        The rows that settings are chosen by; cells of no others are looked at.
    split : Split
        Its number of rows to learn from is what settings are for.
    poison_size : int
        What is to be borne.
    given : dict
        Parameters that are settled, by name.
    bases : list of str or estimator
        Base estimators to try.

    Returns
    -------
    list of Candidate
        Those without voters, which are the quickest, first; then near the middle of each range.
    """
    candidates, slow = [], _followers(chosen)
    for name in sorted(chosen, key=lambda name: "estimator" in _takes(chosen[name])):
        item = chosen[name]
        takes = _takes(item)
        if name in slow:
            continue
        if "estimator" in takes:
            grids = [
                {**grid, "base": base}
                for grid in _voter_grids(takes, split.n_units, len(split.y_train), poison_size)
                for base in bases
            ]
        elif "n_neighbors" in takes:
            grids = [
                {"n_neighbors": count}
                for count in _neighbor_counts(len(split.y_train), poison_size)
            ]
        else:
            grids = [{"radius": radius} for radius in _radii(by.X, split, poison_size, given)]
        candidates += _made(name, item, grids, by, given)
    return candidates


def followers(chosen, by, split, given, best):
    """Return the candidates that take up what was found for DPA.

    Parameters
    ----------
    chosen, by, split, given
        As for `leaders`.
    best : list of Candidate
        Of DPA, the best first.

    Returns
    -------
    list of Candidate
    """
    candidates = []
    for name in _followers(chosen):
        takes = _takes(chosen[name])
        grids = []
        for found in _worth_taking_up(best, "spreading_degree" in takes):
            n_partitions = found.settings.get("n_partitions", given.get("n_partitions"))
            base = {"base": found.settings["base"]}
            if "spreading_degree" in takes:
                degrees = _DEGREES if is_quick(found.estimator) else _SLOW_DEGREES
                grids += [
                    {"n_partitions": n_partitions, "spreading_degree": degree, **base}
                    for degree in degrees
                    if degree <= n_partitions
                ]
            else:
                rows = split.n_units / n_partitions
                sizes = {max(round(factor * rows), 1) for factor in _TIMES_ROWS}
                grids += [{"max_samples": size, **base} for size in sorted(sizes)]
        candidates += _made(name, chosen[name], grids, by, given)
    return candidates


def _worth_taking_up(best, all_voters):
    """Return the best, and of the next a quick one or, if some voters will do, of another base."""
    if all_voters:
        more = [found for found in best[1:2] if is_quick(found.estimator)]
    else:
        base = best[0].settings["base"] if best else None
        more = [found for found in best if found.settings["base"] != base] or best[1:2]
    return best[:1] + more[:1]


def _takes(item):
    return inspect.signature(item).parameters


def _followers(chosen):
    """Return the names of classifiers that take as long as many of DPA, if that is there."""
    slow = ("spreading_degree", "max_samples")
    return [
        name
        for name, item in chosen.items()
        if "dpa" in chosen and any(key in _takes(item) for key in slow)
    ]


def _made(name, item, grids, by, given):
    made, seen = [], []
    for grid in grids:
        settings = {key: value for key, value in grid.items() if given.get(key) is None}
        if settings in seen:
            continue
        seen.append(settings)
        parameters = {**given, **settings}
        base = parameters.pop("base", None)
        if base is not None:
            parameters["estimator"] = (
                for_dataset(parse_base_estimator(base), by) if isinstance(base, str) else base
            )
        made.append(Candidate(name, settings, make(item, parameters)))
    return made


def _voter_grids(takes, n_units, n_rows, poison_size):
    most = min(n_units // 2, n_rows // _FEWEST_ROWS)
    counts = _between(poison_size, 2, most)
    if "n_partitions" in takes:
        return [{"n_partitions": count} for count in counts]
    return [{"max_samples": size} for size in dict.fromkeys(max(n_units // c, 1) for c in counts)]


def _neighbor_counts(n_rows, poison_size):
    return _between(poison_size, 1, int(_MOST_NEIGHBORS * n_rows))


def _radii(X, split, poison_size, given):
    n_rows = len(split.y_train)
    counts = _neighbor_counts(n_rows, poison_size)
    counts = counts[:: max(len(counts) // _N_RADII, 1)]
    space = {
        key: given[key] for key in ("metric", "metric_params", "transformer") if given.get(key)
    }
    shares = [count / n_rows for count in sorted(counts)]
    return list(dict.fromkeys(default_radius(X, share * len(X), **space) for share in shares))


def _between(poison_size, least, most):
    """Return round numbers and some that fit the poison, those that fit it best first."""
    powers = range(len(str(max(most, 1))))
    counts = {step * 10**power for power in powers for step in _LADDER}
    counts |= {int(np.ceil(factor * poison_size)) for factor in _TIMES_POISON}
    middle = np.log(max(4 * poison_size, 10))
    counts = [count for count in counts if least <= count <= most]
    return sorted(counts, key=lambda count: abs(np.log(count) - middle))
