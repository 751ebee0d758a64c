"""Fitted voters."""

from ._ask import collect_scores, collect_votes, has_scores

__all__ = ["Voters"]


class Voters:
    def __init__(self, estimator, classes, seeds, estimators):
        self.estimator, self.classes = estimator, classes
        self.seeds, self.estimators = seeds, estimators

    def __len__(self):
        return len(self.estimators)

    def votes(self, X, **options):
        return collect_votes(self.estimators, X, self.classes, **options)

    def scores(self, X, **options):
        return collect_scores(self.estimators, X, self.classes, **options)

    def have_scores(self):
        return any(has_scores(voter) for voter in self.estimators if voter is not None)
