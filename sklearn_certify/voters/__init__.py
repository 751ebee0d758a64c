"""Voters: one clone of the base estimator on the rows of each, and what they say."""

from ._ask import SCORES, collect_scores, collect_votes, has_scores
from ._failures import warn_of_failures
from ._fit import fit_voters, voter_seeds

__all__ = [
    "SCORES",
    "collect_scores",
    "collect_votes",
    "fit_voters",
    "has_scores",
    "voter_seeds",
    "warn_of_failures",
]
