"""Learning rates over the steps of a voter, of which voters with more rows have more."""

from math import cos, pi

__all__ = ["SCHEDULES", "learning_rate_factor"]

_RISE = 0.3  # share of the steps in which the rate of one cycle rises
_START, _END = 1 / 25, 1e-4  # of the highest rate, with one cycle
_MILESTONES = (0.3, 0.6, 0.8)  # of the steps: Gidaris, Singh and Komodakis, ICLR 2018
_DROP = 0.2


def _constant(progress):
    return 1.0


def _cosine(progress):
    return (1 + cos(pi * progress)) / 2


def _one_cycle(progress):
    """Rise to the rate and fall to nearly nothing, along cosines (Smith and Topin, 2019)."""
    if progress < _RISE:
        return _between(_START, 1.0, progress / _RISE)
    return _between(1.0, _END, (progress - _RISE) / (1 - _RISE))


def _between(first, last, progress):
    return last + (first - last) * (1 + cos(pi * progress)) / 2


def _step(progress):
    return _DROP ** sum(progress >= milestone for milestone in _MILESTONES)


SCHEDULES = {
    "constant": _constant,
    "cosine": _cosine,
    "one_cycle": _one_cycle,
    "step": _step,
}


def learning_rate_factor(schedule, step, n_steps):
    """Return by how much the learning rate is multiplied at a step.

    Parameters
    ----------
    schedule : str
        A key of `SCHEDULES`.
    step : int
        From 0.
    n_steps : int
        Number of steps of the voter.

    Returns
    -------
    float
        From 0 to 1.
    """
    return SCHEDULES[schedule](step / n_steps)
