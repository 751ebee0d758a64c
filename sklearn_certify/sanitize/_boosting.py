"""Boosting Homogeneous Sets: which of several components belong to the primary distribution."""

from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_consistent_length, column_or_1d, validate_data

from .._compat import HasMethods, Integral, Interval, _fit_context
from .._compute.global_generators import seeded_global_generators
from .._compute.seeds import LARGEST_SEED, seeded_clone
from .._rows import check_labels
from ..base import all_or_nothing
from ..exceptions import InvalidInputError

__all__ = ["BoostingHomogeneousSets"]


class BoostingHomogeneousSets(BaseEstimator):
    """Vote of weak learners, one per component, on which components are primary.

    Each component's learners are tested on every other component. If they are wrong on less than
    half of its rows, the component votes for it, with a weight of its own size. Components with
    more than half of all rows behind them are primary, the others noise. This is the rule in the
    form that the theory speaks of: two classes, whole components. `InverseSelfPacedFilter` finds
    components itself, votes row by row and takes any number of classes.

    Parameters
    ----------
    learner : classifier
        The weak learner, with `fit` and `predict`; it is cloned, and its `random_state` is set.
    n_estimates : int, default=1
        Number of learners per component (B in the paper). One is enough if `learner` is
        deterministic.
    random_state : int, RandomState instance or None, default=0
        Source of the learners' seeds.

    Attributes
    ----------
    primary_ : ndarray of bool, of shape (n_components,)
        Whether each component belongs to the primary distribution.
    keep_mask_ : ndarray of bool, of shape (n_rows,)
        Whether each row lies in a primary component.
    errors_ : ndarray of int64, of shape (n_components, n_components)
        Number of errors on component k of the learners of component i, over all of them.
    support_ : ndarray of int64, of shape (n_components,)
        Number of rows in the components that vote for each component.
    classes_ : ndarray of shape (2,)
        The labels, sorted.
    n_features_in_ : int
        Number of features seen during ``fit``.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X is a DataFrame with string names.

    See Also
    --------
    InverseSelfPacedFilter : The whole defence, for any number of classes.

    Notes
    -----
    Theorem 4.8: if components are homogeneous, primary ones help each other, noise does not help
    them, untrained learners are right half of the time, and more than half of the rows are
    primary, then exactly the primary components are found. Algorithm 1 prints the vote the wrong
    way round (it counts components that err on more than half); the theorem's proof has it right.

    References
    ----------
    Algorithm 1 and Theorem 4.8 of "Defending Against Backdoor Attacks Using Ensembles of Weak
    Learners".

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from sklearn_certify.sanitize import BoostingHomogeneousSets
    >>> X = np.tile([[0], [1]], (10, 1))
    >>> y = np.tile([0, 1], 10)
    >>> y[12:] = 1 - y[12:]  # noise
    >>> components = [np.arange(6), np.arange(6, 12), np.arange(12, 20)]
    >>> boosting = BoostingHomogeneousSets(DecisionTreeClassifier())
    >>> boosting.fit(X, y, components).primary_
    array([ True,  True, False])
    """

    _parameter_constraints: ClassVar[dict] = {
        "learner": [HasMethods(["fit", "predict"])],
        "n_estimates": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(self, learner, *, n_estimates=1, random_state=0):
        self.learner = learner
        self.n_estimates = n_estimates
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, components):
        """Let the components vote on each other.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_rows, ...)
            Rows.
        y : array-like of shape (n_rows,)
            Labels, of two classes.
        components : sequence of array-like of int
            The row numbers of each component. No row lies in two; rows in none have no say.

        Returns
        -------
        self : object
            With the answer in ``primary_``.

        Raises
        ------
        InvalidInputError
            If y does not have two classes, or components are empty, overlap or name rows that
            are not there.
        """
        with all_or_nothing(self):
            return self._fit(X, y, components)

    def _fit(self, X, y, components):
        X = validate_data(self, X=X, allow_nd=True, accept_sparse="csr", dtype=None)
        y = check_labels(self, y)
        check_consistent_length(X, y)
        self.classes_ = np.unique(y)
        if len(self.classes_) != 2:
            raise InvalidInputError(
                f"BoostingHomogeneousSets votes on two classes, but y has {len(self.classes_)}; "
                "use InverseSelfPacedFilter for more."
            )
        components = _check_components(components, len(y))
        sizes = np.array([len(rows) for rows in components])
        seeds = check_random_state(self.random_state).randint(
            LARGEST_SEED, size=(len(components), self.n_estimates)
        )
        self.errors_ = np.array(
            [
                self._errors_of(X, y, components, rows, seeds_of_component)
                for rows, seeds_of_component in zip(components, seeds.tolist(), strict=True)
            ]
        )
        in_favour = 2 * self.errors_ < self.n_estimates * sizes
        self.support_ = sizes @ in_favour
        self.primary_ = 2 * self.support_ > sizes.sum()
        self.keep_mask_ = np.zeros(len(y), dtype=bool)
        for rows, primary in zip(components, self.primary_, strict=True):
            self.keep_mask_[rows] = primary
        return self

    def _errors_of(self, X, y, components, rows, seeds):
        """Count the errors on every component of the learners that are fitted on these rows."""
        errors = np.zeros(len(components), dtype=np.int64)
        for seed in seeds:
            if (y[rows] == y[rows[0]]).all():
                learner = DummyClassifier(strategy="prior")
            else:
                learner = seeded_clone(self.learner, seed)
            with seeded_global_generators(seed):
                learner.fit(X[rows], y[rows])
                for k, others in enumerate(components):
                    errors[k] += np.count_nonzero(learner.predict(X[others]) != y[others])
        return errors


def _check_components(components, n_rows):
    components = [column_or_1d(rows) for rows in components]
    if not components or any(len(rows) == 0 for rows in components):
        raise InvalidInputError("components must hold one or more row numbers each.")
    together = np.concatenate(components)
    if together.dtype.kind not in "iu" or together.min() < 0 or together.max() >= n_rows:
        raise InvalidInputError(f"components must hold row numbers from 0 to {n_rows - 1}.")
    if len(np.unique(together)) < len(together):
        raise InvalidInputError("components must not share rows.")
    return components
