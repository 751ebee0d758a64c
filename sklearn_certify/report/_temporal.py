"""What is proven against poison that was planted within some periods, whatever its amount."""

import warnings
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from .._rows import slice_rows
from ..ensemble import TemporalAggregationClassifier
from ..exceptions import FormWarning
from ..metrics import certified_accuracy_score
from ._results import Result, ladder_of_sizes, warnings_in_words
from ._settings import default_window, make

__all__ = [
    "TEMPORAL",
    "TemporalResult",
    "fit_and_certify_in_time",
    "make_temporal",
    "with_temporal",
]

TEMPORAL = "temporal"  # what a report calls the classifier


@dataclass(frozen=True)
class TemporalResult(Result):
    """What temporal aggregation proved about the test rows; its radii are durations.

    Attributes
    ----------
    earliness : ndarray of int64, of shape (n_test,)
        How many of the last periods poison may fill and change nothing.
    """

    earliness: np.ndarray = None

    @property
    def periods(self):
        """A dozen numbers of periods, from 0 to where nothing is proven."""
        right = self.y_pred == self.y_true
        return ladder_of_sizes(int(self.earliness[right].max(initial=0)) + 1)

    def accuracies_by_earliness(self, periods):
        """Return certified accuracy where the last so many periods are poisoned."""
        return certified_accuracy_score(self.y_true, self.y_pred, self.earliness, periods)


def with_temporal(chosen, periods):
    """Return what a setting may be for: the classifiers, and the temporal one if rows have periods.

    Parameters
    ----------
    chosen : dict of str to class or estimator
        What the report is on besides.
    periods : object or None
        Periods of the rows, or the column that they come from.

    Returns
    -------
    dict of str to class or estimator
    """
    return chosen if periods is None else {**chosen, TEMPORAL: TemporalAggregationClassifier}


def make_temporal(settings, split, window, option):
    """Make the classifier with the settings of those that go by name.

    Parameters
    ----------
    settings : dict
        Values by parameter name.
    split : Split
        The rows.
    window : int or None
        Number of periods that each voter learns from; None: enough for a voter to learn.
    option : callable
        Returns what the user calls a parameter.

    Returns
    -------
    classifier : TemporalAggregationClassifier
    notes : list of str
        What was chosen by looking at the rows.
    """
    notes = []
    if window is None:
        window = default_window(split.y_train, split.periods_train)
        notes.append(
            f"window={window} suits this number of rows in a period; {option('window')} sets "
            "another."
        )
    return make(TemporalAggregationClassifier, {**settings, "window": window}), notes


def fit_and_certify_in_time(classifier, dataset, split, step):
    """Fit the classifier on the training rows with their periods, and certify the test rows.

    Parameters
    ----------
    classifier : TemporalAggregationClassifier
        It is fitted.
    dataset : Dataset
        Where the rows come from.
    split : Split
        The rows, with periods.
    step : Step
        Is told what is being done.

    Returns
    -------
    TemporalResult
    """
    with warnings.catch_warnings(record=True) as caught:
        if dataset.limits is not None:
            warnings.simplefilter("ignore", FormWarning)
        start = perf_counter()
        classifier.fit(split.X_train, split.y_train, periods=split.periods_train)
        fit_seconds = perf_counter() - start
        step.update("certifying")
        classifier.predict_certified(slice_rows(split.X_test, slice(1)))  # compiles
        start = perf_counter()
        y_pred, durations = classifier.predict_certified(split.X_test)
        earliness = classifier.certified_earliness(split.X_test)
        certify_seconds = perf_counter() - start
    told = warnings_in_words(caught)
    if dataset.radius_limit < np.inf:
        # one period may bring as many rows as it takes to turn how all are read
        durations, earliness = np.minimum(durations, 0), np.minimum(earliness, 0)
        told.append(
            "The rows decided by vote how they are read, and those of one period may turn that: "
            "nothing is certified unless it is said beforehand."
        )
    for text in told:
        step.note(text)
    n_test = len(y_pred)
    return TemporalResult(
        TEMPORAL,
        classifier,
        split.y_test,
        y_pred,
        durations,
        fit_seconds,
        certify_seconds,
        int(durations.max()),
        told,
        split.X_test,
        np.arange(n_test) if split.test_numbers is None else split.test_numbers,
        earliness=earliness,
    )
