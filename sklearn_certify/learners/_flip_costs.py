"""How many labels must change before a voter votes for a class, where scores are linear in them."""

from abc import abstractmethod

import numpy as np
from numba import njit
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["FlipCostsMixin", "check_classes", "count_flips", "offers_flip_costs"]

_ROWS = 256  # queries whose weights are held at a time


def offers_flip_costs(classifier):
    """Say, for `available_if`, whether a classifier tells what flipped labels cost."""
    return classifier._tells_flip_costs()


class FlipCostsMixin:
    """Mixin: a subclass weighs its training rows for a query (`_label_weights`).

    With the right numbers a_i, which follow from the rows without their labels, the class of the
    largest sum of a_i over its rows is the one that is voted for.
    """

    def _tells_flip_costs(self):
        """Say whether parameters leave scores linear in the labels, and keep what it takes."""
        return True

    @abstractmethod
    def _label_weights(self, n_copies=1):
        """Return a function of queries.

        It returns the weights of the training labels, float64 of shape (n_samples, n_labels), and
        by how much the difference of two classes' sums may at most be another in any classifier
        that ``fit`` makes of these rows with other labels, float64 of shape (n_samples,).

        A label is that of `n_copies` rows, and its weight the sum of theirs: of the first n_labels
        rows, of the next n_labels, and so on.
        """

    @available_if(offers_flip_costs)
    def flip_costs(self, X, classes=None):
        """Return how many training labels must change before a class may be predicted.

        What is promised holds for the classifier that ``fit`` makes, with all that is rounded on
        the way: no change of fewer labels, each to one of `classes`, lets it predict the class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Query rows.
        classes : array-like of shape (n_classes,), default=None
            All labels that there can be, sorted. None: those of ``classes_``.

        Returns
        -------
        ndarray of int32, of shape (n_samples, n_classes)
            0 for the class that is predicted now, and for those that are too close to it to tell.
            The largest int32 stands for "never".

        Raises
        ------
        NotFittedError
            If the classifier was not fitted.
        ValueError
            If `classes` lacks some of ``classes_``.
        """
        return self._flip_costs(X, classes)

    def _flip_costs(self, X, classes, n_copies=1):
        """Count flips of labels that so many rows share each, as `_label_weights` has it."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        classes, columns = check_classes(self, classes)
        weigh = self._label_weights(n_copies)
        codes = columns[self._codes[: len(self._codes) // n_copies]]
        costs = np.empty((len(X), len(classes)), dtype=np.int32)
        for start in range(0, len(X), _ROWS):
            rows = slice(start, start + _ROWS)
            costs[rows] = count_flips(*weigh(X[rows]), codes, len(classes))
        return costs


def check_classes(classifier, classes):
    """Return all labels, and the positions of those that a fitted classifier knows.

    Parameters
    ----------
    classifier : fitted classifier
        Its ``classes_`` count.
    classes : array-like of shape (n_classes,) or None
        All labels, sorted; None: its own.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        All labels.
    columns : ndarray of int, of shape (n_known,)
        The position of each that it knows.
    """
    classes = classifier.classes_ if classes is None else np.asarray(classes)
    columns = np.minimum(np.searchsorted(classes, classifier.classes_), len(classes) - 1)
    if not np.array_equal(classes[columns], classifier.classes_):
        raise ValueError("classes must be sorted, and hold all labels of the training rows.")
    return classes, columns


def count_flips(weights, doubts, codes, n_classes):
    """Count the labels that must change before a class has the largest sum of weights.

    Let h_c be the sum of a_i over the rows of class c, and p the class with the largest. To vote
    for b a voter needs h_b >= h_p, up to the doubt, or rows of class p no more. Relabelling row i
    takes most from h_p - h_b where a_i > 0 goes to b, or a_i < 0 to p: 2 |a_i| from p to b or from
    b to p, |a_i| from any other class. The fewest flips are those that take most.

    Parameters
    ----------
    weights : ndarray of float64, of shape (n_samples, n_rows)
        The weights a_i.
    doubts : ndarray of float64, of shape (n_samples,)
        How much less than zero the difference of two sums may be, with other labels, while the
        class of the smaller one is voted for.
    codes : ndarray of int, of shape (n_rows,)
        The class of each row.
    n_classes : int
        Number of classes.

    Returns
    -------
    ndarray of int32, of shape (n_samples, n_classes)
        Never more than it takes.
    """
    n_rows = len(codes)
    sizes = np.abs(weights)
    # however sums of so many numbers are rounded, the one here and those that it stands for
    rounding = 8 * (n_rows + 4) * np.finfo(np.float64).eps * sizes.sum(axis=1)
    sums = np.zeros((len(weights), n_classes))
    known = np.unique(codes)
    for code in known:
        sums[:, code] = weights[:, codes == code].sum(axis=1)
    # Sizes become whole numbers in the same order: bits of floating point, with those that matter
    # least rounded up to make room for the class and the sign, so that they are sorted together.
    room = np.int64(2 * n_classes - 1).item().bit_length()
    last_bits = np.int64((1 << room) - 1)
    tags = 2 * codes.astype(np.int64) + (weights < 0)
    keys = np.sort((sizes.view(np.int64) & ~last_bits) | tags, axis=1)
    costs = np.empty((len(weights), n_classes), dtype=np.int32)
    _count(
        (keys | last_bits).view(np.float64),
        keys & last_bits,
        sums,
        doubts + rounding,
        known[sums[:, known].argmax(axis=1)],
        np.bincount(codes, minlength=n_classes),
        costs,
    )
    return costs


@njit(nogil=True, cache=True)
def _count(sizes, tags, sums, doubts, first, n_rows_of, costs):
    """Count, from sizes in ascending order with twice the class, plus one if negative, as tags."""
    n_samples, n_rows = sizes.shape
    for sample in range(n_samples):
        winner = first[sample]
        for rival in range(costs.shape[1]):
            costs[sample, rival] = 0
            if rival == winner:
                continue
            left = sums[sample, winner] - sums[sample, rival] - doubts[sample]
            taken, single, double = 0, n_rows - 1, n_rows - 1
            of_winner, of_rival = 2 * winner, 2 * rival + 1
            # not "left <= 0": what is no number proves nothing
            while left > 0 and taken < n_rows_of[winner]:
                while double >= 0 and not (
                    tags[sample, double] == of_winner or tags[sample, double] == of_rival
                ):
                    double -= 1
                while single >= 0 and (
                    tags[sample, single] // 2 == winner or tags[sample, single] // 2 == rival
                ):
                    single -= 1
                by_double = 2 * sizes[sample, double] if double >= 0 else 0.0
                by_single = sizes[sample, single] if single >= 0 else 0.0
                if by_double >= by_single:
                    left -= by_double
                    double -= 1
                else:
                    left -= by_single
                    single -= 1
                taken += 1
            costs[sample, rival] = taken
