"""The protocol of stacked classifiers, handed on by a meta-estimator to its estimator."""

from itertools import chain

import numpy as np
from sklearn.utils.metaestimators import available_if

from .._compat import check_parameters
from .._compute.seeds import SeededClones
from ._mean_scores import mean_of_stacks
from ._stacked import StackedClassifierMixin, stacks, votes_of_scores

__all__ = ["DelegatedStackMixin"]


def _hands_on(self):
    return self._may_stack() and stacks(self._get_estimator())


class DelegatedStackMixin(StackedClassifierMixin):
    """Mixin of meta-estimators that offer `StackedClassifierMixin`'s protocol if theirs does.

    Each voter is made of one or more fitted estimators (`_parts`), which answer one or more forms
    of the queries (`_questions`); scores are the mean of all answers.
    """

    def _may_stack(self):
        """Say whether parameters let many voters be asked the same."""
        return True

    def _get_estimator(self):
        """Return the estimator, or what stands for None."""
        raise NotImplementedError

    def _samples_of_parts(self, X, y, seed):
        """Return the sample, as `fit_stack` takes it, of each part of this voter."""
        raise NotImplementedError

    def _set_parts(self, parts):
        """Take over the fitted parts of this voter."""
        raise NotImplementedError

    def _parts(self):
        """Return the fitted parts."""
        raise NotImplementedError

    def _questions(self, X):
        """Return the forms of the queries that each part answers."""
        raise NotImplementedError

    def _rows_of_parts(self, X):
        """Return some rows as a part gets them."""
        raise NotImplementedError

    def _fitting_rows(self, X):
        """Return rows as ``fit`` gets them, of what `rows_for_stack` has made of them."""
        return X

    @available_if(_hands_on)
    def fit_stack(self, samples):
        """Fit a clone on each sample, as `StackedClassifierMixin` has it."""
        check_parameters(self)
        samples = [(self._fitting_rows(X), y, seed) for X, y, seed in samples]
        voters = self._unfitted_voters([seed for _, _, seed in samples])
        samples_of = [
            voter._samples_of_parts(*sample) for voter, sample in zip(voters, samples, strict=True)
        ]
        fitted = iter(self._get_estimator().fit_stack(list(chain.from_iterable(samples_of))))
        for place, (own, (X, _, _)) in enumerate(zip(samples_of, samples, strict=True)):
            parts = [next(fitted) for _ in own]
            if any(part is None for part in parts):
                voters[place] = None
                continue
            voters[place]._set_parts(parts)
            voters[place].n_features_in_ = X.shape[1]
        return voters

    def _unfitted_voters(self, seeds):
        """Return a clone with each seed."""
        clones = SeededClones(self)
        if any(name.endswith("__random_state") for name in clones.estimator.get_params()):
            return [clones.make(seed) for seed in seeds]
        # nothing inside them differs, so that they can share it
        parameters = clones.estimator.get_params(deep=False)
        own = [{"random_state": seed} if "random_state" in parameters else {} for seed in seeds]
        return [type(self)(**{**parameters, **seeded}) for seeded in own]

    @available_if(_hands_on)
    def vote_stack(self, voters, X, classes):
        """Let each of some voters vote on every row, as `StackedClassifierMixin` has it."""
        stacks_of_parts, questions = self._stacks_of_parts(voters), self._questions(X)
        if len(stacks_of_parts) == len(questions) == 1:
            (parts,) = stacks_of_parts
            return _asked(parts).vote_stack(parts, questions[0], classes)
        scores = self.score_stack(voters, X, classes)
        scores[np.isnan(scores)] = -np.inf
        return votes_of_scores(scores)

    @available_if(_hands_on)
    def score_stack(self, voters, X, classes):
        """Let each of some voters score every class, as `StackedClassifierMixin` has it."""
        questions = self._questions(X)
        return mean_of_stacks(
            _asked(parts).score_stack(parts, question, classes)
            for parts in self._stacks_of_parts(voters)
            for question in questions
        )

    @available_if(_hands_on)
    def stack_width(self):
        """Return how many voters are asked together, as `StackedClassifierMixin` has it."""
        return self._get_estimator().stack_width()

    @available_if(_hands_on)
    def fit_width(self):
        """Return how many voters are fitted together, as `StackedClassifierMixin` has it."""
        return self._get_estimator().fit_width()

    @available_if(_hands_on)
    def rows_for_stack(self, X):
        """Return rows in the form that stacks take, or None, as `StackedClassifierMixin` has it."""
        if type(X) is not np.ndarray or X.dtype.kind not in "fiu":
            return None
        some = self._get_estimator().rows_for_stack(self._rows_of_parts(X[:1]))
        return None if some is None else self._form_for_stack(X)

    def _form_for_stack(self, X):
        return np.ascontiguousarray(X)

    @staticmethod
    def _stacks_of_parts(voters):
        """Return, for each part, that of every voter, in the voter's place."""
        n_parts = len(next(voter for voter in voters if voter is not None)._parts())
        return [
            [None if voter is None else voter._parts()[part] for voter in voters]
            for part in range(n_parts)
        ]


def _asked(parts):
    return next(part for part in parts if part is not None)
