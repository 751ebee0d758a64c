"""A classifier whose estimator learns from its rows and from altered copies of them."""

from typing import ClassVar

from sklearn.utils import check_random_state

from .._compat import HasMethods, Integral, Interval
from .._compute.seeds import LARGEST_SEED
from ..augmentation._base import check_rows_of_numbers
from ..augmentation._make import (
    is_known_augmentation,
    learns_from_rows,
    make_copies,
    own_augmentation,
)
from ._trained_on_copies import TrainedOnCopiesClassifier

__all__ = ["AugmentedClassifier"]


class AugmentedClassifier(TrainedOnCopiesClassifier):
    """Fit an estimator on rows and on altered copies of them.

    An ensemble of voters certifies the more, the better its voters learn from few rows [1]_, and
    altered copies help them. The seed of a copy follows from the content of its row, from the
    copy's number and from `random_state`: a copy stays the same when other rows come or go.
    Copies are made inside the voter; `AugmentedCopies` makes them once for all voters.

    Parameters
    ----------
    estimator : classifier, default=None
        What learns from rows and copies; features that are computed from them belong in here, as
        in ``make_pipeline(HOG(), RidgeClassifier())``. None: `StackedRidgeClassifier`.
    augmentation : augmentation or callable
        What makes a copy, such as a `RandomAffine`; or a function of yours, as
        `FunctionAugmentation` takes it.
    n_copies : int, default=4
        Copies of each row.
    keep_original : bool, default=True
        Whether rows are learned from besides their copies.
    test_time_augmentation : bool, default=False
        Whether the scores of a query are the mean over the query and its copies; `estimator` must
        have scores then.
    random_state : int, RandomState instance or None, default=None
        Other numbers give other copies. An ensemble gives each voter a number of its own.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels.
    estimator_ : fitted classifier
        What has learned from rows and copies.
    augmentation_ : augmentation
        What makes a copy, fitted on the rows if it has something to learn.
    seed_ : int
        What seeds of copies follow from, besides their rows.
    n_features_in_ : int
        Number of columns of X.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, if X is a table.

    See Also
    --------
    sklearn_certify.augmentation.AugmentedCopies : Makes copies once for all voters.
    CopiesClassifier : Learns from what that makes.

    References
    ----------
    .. [1] W. Wang, A. Levine, S. Feizi, "Lethal Dose Conjecture on Data Poisoning", NeurIPS 2022,
       section 8.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.svm import SVC
    >>> from sklearn_certify.augmentation import RandomAffine
    >>> from sklearn_certify.learners import AugmentedClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> affine = RandomAffine(image_shape=(8, 8))
    >>> learner = AugmentedClassifier(SVC(), affine, n_copies=9, random_state=0)
    >>> for classifier in (SVC(), learner):
    ...     print(round(classifier.fit(X[:60], y[:60]).score(X[60:], y[60:]), 2))
    0.79
    0.85
    """

    _parameter_constraints: ClassVar[dict] = {
        **TrainedOnCopiesClassifier._parameter_constraints,
        "augmentation": [HasMethods("augment"), callable],
        "n_copies": [Interval(Integral, 0, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator=None,
        augmentation=None,
        *,
        n_copies=4,
        keep_original=True,
        test_time_augmentation=False,
        random_state=None,
    ):
        self.estimator = estimator
        self.augmentation = augmentation
        self.n_copies = n_copies
        self.keep_original = keep_original
        self.test_time_augmentation = test_time_augmentation
        self.random_state = random_state

    def _fit_copies(self, X):
        self.seed_ = int(check_random_state(self.random_state).randint(LARGEST_SEED))
        self.augmentation_ = own_augmentation(self.augmentation).fit(X)
        return self._copies(X)

    def _copies(self, X):
        return make_copies(self.augmentation_, X, self.n_copies, self.seed_)

    def _originals(self, X):
        return check_rows_of_numbers(X)

    def _may_stack(self):
        return not self.test_time_augmentation  # the copies of a query are each voter's own

    def _tells_flip_costs(self):
        # copies that follow from their rows alone, so that no label has a part in them
        return (
            super()._tells_flip_costs()
            and is_known_augmentation(self.augmentation)
            and not learns_from_rows(self.augmentation)
        )

    def _questions(self, X):
        return [self._get_estimator().rows_for_stack(self._originals(X))]
