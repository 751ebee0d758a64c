"""Copies of estimators whose randomness is fixed."""

from sklearn.base import clone

__all__ = ["LARGEST_SEED", "seeded_clone"]

LARGEST_SEED = 2**31 - 1  # that every estimator takes


def seeded_clone(estimator, seed):
    """Return an unfitted copy in which every `random_state` is the seed.

    Parameters
    ----------
    estimator : estimator
        Left as it is.
    seed : int
        At most `LARGEST_SEED`.

    Returns
    -------
    estimator
    """
    estimator = clone(estimator)
    seeds = {
        name: seed
        for name in estimator.get_params(deep=True)
        if name == "random_state" or name.endswith("__random_state")
    }
    return estimator.set_params(**seeds) if seeds else estimator
