"""What is proven against poison that was planted within some periods, whatever its amount."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..ensemble import TemporalAggregationClassifier
from ..metrics import certified_accuracy_score
from ._results import Result, capped, fit_and_ask, ladder_of_sizes
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
    form_may_change : bool
        Whether rows of one period may turn how all rows are read, so that nothing is proven.
    """

    earliness: np.ndarray = None
    form_may_change: bool = False

    @property
    def periods(self):
        """A dozen numbers of periods, from 0 to where nothing is proven."""
        right = self.y_pred == self.y_true
        return ladder_of_sizes(int(self.earliness[right].max(initial=0)) + 1)

    def accuracies_by_earliness(self, periods):
        """Return certified accuracy where the last so many periods are poisoned."""
        return certified_accuracy_score(self.y_true, self.y_pred, self.earliness, periods)

    @cached_property
    def joint_accuracies(self):
        """Certified accuracy at `periods` where the same ones are poisoned for all test rows."""
        sizes = np.array(self.periods)
        accuracies = self.classifier.certified_accuracy(self.X_test, self.y_true, sizes, joint=True)
        return np.where(self.form_may_change & (sizes > 0), 0.0, accuracies)


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

    def ask(X, _):
        return *classifier.predict_certified(X), classifier.certified_earliness(X)

    periods = {"periods": split.periods_train}
    (y_pred, durations, earliness), told = fit_and_ask(
        classifier, periods, ask, dataset, split, step
    )
    largest = int(durations.max())
    form_may_change = bool(dataset.radius_limit < np.inf)
    if form_may_change:
        # one period may bring as many rows as it takes to turn how all are read
        durations, earliness = capped(durations, 0), capped(earliness, 0)
        told["warnings"].append(
            "The rows decided by vote how they are read, and those of one period may turn that: "
            "nothing is certified unless it is said beforehand."
        )
    for text in told["warnings"]:
        step.note(text)
    return TemporalResult(
        TEMPORAL,
        classifier,
        split.y_test,
        y_pred,
        durations,
        largest_radius=largest,
        X_test=split.X_test,
        row_numbers=split.row_numbers,
        earliness=earliness,
        form_may_change=form_may_change,
        **told,
    )
