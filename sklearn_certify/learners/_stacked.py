"""What a classifier offers so that many of it are fitted, and asked, together."""

from abc import abstractmethod

import numpy as np

__all__ = ["StackedClassifierMixin", "stacks", "votes_of_scores"]


class StackedClassifierMixin:
    """A classifier of which many can be fitted on their own rows, and asked, in one call.

    Ensembles fit thousands of voters on few rows each, and then most of the time goes into what
    surrounds the arithmetic. An ensemble whose base estimator offers this protocol hands over many
    voters at once. Fitted voters stay ordinary fitted estimators, which can be pickled, refitted
    and asked one by one.

    **What an implementation promises**, and certificates rest on:

    - a voter is a function of its own rows, in their order, and of its seed, to the last bit. It
      must not depend on which voters are fitted or asked with it. So every product of matrices
      has a shape that follows from the voter's own rows, from constants and from the number of
      features alone, and a voter has the place of its number in whatever holds several;
    - nothing is drawn from a global generator of random numbers, and no row is written to.

    Methods to implement are `fit_stack` and `score_stack`; `vote_stack` where votes can be had for
    less than all scores, `fit_width` and `stack_width` where other numbers of voters are better
    fitted or asked together, and `rows_for_stack` where other rows than plain arrays of numbers are
    taken.

    See Also
    --------
    StackedRidgeClassifier : Least squares that offers the protocol.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.learners import StackedRidgeClassifier
    >>> X = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 2.0], [3.0, 0.0]])
    >>> first, second = StackedRidgeClassifier().fit_stack(
    ...     [(X[:2], np.array(["a", "b"]), 0), (X[2:], np.array(["a", "b"]), 1)]
    ... )
    >>> first.vote_stack([first, None, second], X[:2], np.array(["a", "b", "c"]))
    array([[ 0,  1],
           [-1, -1],
           [ 0,  1]], dtype=int8)
    """

    @abstractmethod
    def fit_stack(self, samples):
        """Fit a clone of this estimator on each sample.

        Parameters
        ----------
        samples : list of tuple
            ``(X, y, seed)`` of each voter: an array of its rows, in canonical order, of shape
            (n_rows, ...); their labels, at least two different ones, of shape (n_rows,); and the
            seed of all that is random in it.

        Returns
        -------
        list of fitted estimators or None
            One for each sample: what ``clone(self).fit(X, y)`` with that seed gives. None: it
            cannot be fitted, and is fitted by itself, so that the error names the voter.

        Raises
        ------
        ValueError
            If one of the samples cannot be fitted; all are fitted one by one then.
        """

    def vote_stack(self, voters, X, classes):
        """Let each of some voters vote on every row.

        Parameters
        ----------
        voters : list of fitted estimators or None
            As many as `stack_width` says; None is a place without a voter.
        X : ndarray of shape (n_samples, ...)
            Query rows, as `rows_for_stack` returns them.
        classes : ndarray of shape (n_classes,)
            All labels, sorted. A voter may know only some of them.

        Returns
        -------
        ndarray of int, of shape (n_voters, n_samples)
            Index into `classes`; -1 = abstains, or no voter.
        """
        return votes_of_scores(self.score_stack(voters, X, classes))

    @abstractmethod
    def score_stack(self, voters, X, classes):
        """Let each of some voters score every class on every row.

        Parameters
        ----------
        voters, X, classes
            As for `vote_stack`.

        Returns
        -------
        ndarray of float64, of shape (n_voters, n_samples, n_classes)
            -inf for a class that the voter never saw, and for all where it abstains.
        """

    def stack_width(self):
        """Return how many voters are asked together: a constant.

        Returns
        -------
        int
        """
        return 32

    def fit_width(self):
        """Return how many voters a call of `fit_stack` gets at least, if there are so many.

        Calls get more where that leaves work for all workers, and where their rows are few.

        Returns
        -------
        int
        """
        return 1

    def rows_for_stack(self, X):
        """Return rows in the form that `fit_stack` and `vote_stack` take, or None.

        Parameters
        ----------
        X : table, CSR matrix or ndarray of shape (n_rows, ...)
            Rows; what holds for one of them must be enough to say whether all are taken.

        Returns
        -------
        ndarray or None
            None if they cannot be taken: then voters are fitted and asked one by one.
        """
        is_plain = type(X) is np.ndarray and X.ndim == 2 and X.dtype.kind in "fiu" and X.shape[1]
        return np.ascontiguousarray(X) if is_plain else None


def votes_of_scores(scores):
    """Return the class of the highest score; the first of several.

    Parameters
    ----------
    scores : ndarray of float64, of shape (n_voters, n_samples, n_classes)
        As `StackedClassifierMixin.score_stack` returns them.

    Returns
    -------
    ndarray of the smallest integer type, of shape (n_voters, n_samples)
        -1 where all scores are -inf.
    """
    votes = scores.argmax(axis=2).astype(np.min_scalar_type(-scores.shape[2]))
    votes[(scores == -np.inf).all(axis=2)] = -1
    return votes


def stacks(estimator):
    """Say whether an estimator offers the protocol of `StackedClassifierMixin`.

    Parameters
    ----------
    estimator : estimator
        A wrapper may offer it only around some estimators.

    Returns
    -------
    bool
    """
    return all(hasattr(estimator, name) for name in ("fit_stack", "vote_stack", "score_stack"))
