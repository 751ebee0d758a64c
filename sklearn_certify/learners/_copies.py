"""A classifier whose estimator learns from rows that come with copies."""

import numpy as np

from ._trained_on_copies import TrainedOnCopiesClassifier, mean_of_copies

__all__ = ["CopiesClassifier"]


class CopiesClassifier(TrainedOnCopiesClassifier):
    """Fit an estimator on rows that come with copies, as `AugmentedCopies` makes them.

    Parameters
    ----------
    estimator : classifier, default=None
        What learns from rows and copies. None: `StackedRidgeClassifier`.
    keep_original : bool, default=True
        Whether rows are learned from besides their copies.
    test_time_augmentation : bool, default=False
        Whether the scores of a query are the mean over the query and its copies; `estimator` must
        have scores then.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels.
    estimator_ : fitted classifier
        What has learned from rows and copies.
    n_features_in_ : int
        Length of the second axis of X.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, if X is a table.

    See Also
    --------
    sklearn_certify.augmentation.AugmentedCopies : Makes rows with copies.
    AugmentedClassifier : Makes copies by itself.

    Notes
    -----
    Rows have the shape (1 + n_copies, ...), the row itself first. Plain vectors are rows without
    copies.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.augmentation import AugmentedCopies, RandomAffine
    >>> from sklearn_certify.learners import CopiesClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> copies = AugmentedCopies(RandomAffine(image_shape=(8, 8)))
    >>> classifier = DPAClassifier(CopiesClassifier(), n_partitions=20, transformer=copies)
    >>> classifier.fit(X[:1000], y[:1000]).score(X[1000:], y[1000:]) > 0.85
    True
    """

    def __init__(self, estimator=None, *, keep_original=True, test_time_augmentation=False):
        self.estimator = estimator
        self.keep_original = keep_original
        self.test_time_augmentation = test_time_augmentation

    def _fit_copies(self, X):
        return self._copies(X)

    def _copies(self, X):
        return X[:, np.newaxis] if X.ndim == 2 else X

    def _originals(self, X):
        return X if X.ndim == 2 else X[:, 0]

    def _questions(self, X):
        rows_for = self._get_estimator().rows_for_stack
        if X.ndim == 2:
            return [rows_for(X)]
        is_one = not self.test_time_augmentation or self._scores_the_mean()
        return [rows_for(X[:, copy]) for copy in range(1 if is_one else X.shape[1])]

    def _form_for_stack(self, X):
        if X.ndim == 2:
            return np.ascontiguousarray(X)
        if self._scores_the_mean():  # it is made once for all voters, and comes first
            X = np.concatenate([mean_of_copies(X)[:, np.newaxis], X], axis=1)
        # the first of all rows lie one after the other, then come the second
        return np.ascontiguousarray(X.swapaxes(0, 1)).swapaxes(0, 1)

    def _fitting_rows(self, X):
        return X[:, 1:] if X.ndim > 2 and self._scores_the_mean() else X
