"""Voters: one clone of the base estimator on the rows of each, and what they say."""

from ._voters import collect_scores, collect_votes, fit_voters, voter_seeds

__all__ = ["collect_scores", "collect_votes", "fit_voters", "voter_seeds"]
