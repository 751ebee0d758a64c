"""What a plan holds."""

import numpy as np

from ..._rows import data_frame
from .._words import amount, counted
from ._code import code_of
from ._words import blocks_of_plan

__all__ = ["DefencePlan"]


class DefencePlan:
    """Settings that were compared, the best at every poison size, and a recommendation.

    `plan` makes it. Printed, it is the text that the command line prints.

    Parameters
    ----------
    poison_size : int
        The size that the choice is for.
    trials : Trials
        What settings reached in cross-validation.
    report : CertificationReport
        What the best setting of each classifier reached on the rows held out.
    poison_sizes : list of int
        The sizes of the frontier.
    chosen_by : Dataset
        The rows that settings were chosen by.
    trusted : bool
        Whether these are out of an attacker's reach.
    left_out : dict of str to str
        Why other classifiers were left out, in words that follow their names.
    seconds : float
        How long it took.

    Attributes
    ----------
    recommended : estimator or None
        The classifier to use, not fitted; None if nothing is certified at `poison_size`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_certify.report import plan
    >>> found = plan(*load_iris(return_X_y=True), poison_size=5, estimators=["dpa", "knn"])
    >>> found.recommended
    CertifiedKNN(n_jobs=-1, n_neighbors=40)
    >>> found.best_name()
    'knn'
    """

    def __init__(
        self, *, poison_size, trials, report, poison_sizes, chosen_by, trusted, left_out, seconds
    ):
        self.poison_size = poison_size
        self.trials = trials
        self.report = report
        self.poison_sizes = poison_sizes
        self.chosen_by = chosen_by
        self.trusted = trusted
        self.left_out = left_out
        self.seconds = seconds

    @property
    def recommended(self):
        name = self.best_name()
        return None if name is None else self._best(name).candidate.estimator

    def best_name(self):
        """Return the name of the classifier to use, or None if none certifies anything."""
        best = [
            trial for trial in self.trials.ranked() if trial.candidate.name in self.report.results
        ]
        return best[0].candidate.name if best and self.trials.at(best[0]) > 0 else None

    def frontier(self):
        """Return the best that is to be expected at every size.

        Returns
        -------
        list of dict
            For each of `poison_sizes` the keys ``poison_size``, ``expected_accuracy`` (in
            cross-validation, on rows that the setting was chosen by), ``classifier`` and
            ``settings``.
        """
        return [
            {
                "poison_size": size,
                "expected_accuracy": accuracy,
                "classifier": candidate.name,
                "settings": candidate.settings,
            }
            for size, accuracy, candidate in self.best_at_sizes()
        ]

    def best_at_sizes(self):
        """Yield each size, the accuracy that is to be expected, and the candidate it is of."""
        trials = self.trials.trials
        expected = np.array([trial.expected(self.poison_sizes) for trial in trials])
        expected[:, np.asarray(self.poison_sizes) > self.trials.limit] = 0
        for size, column in zip(self.poison_sizes, expected.T, strict=True):
            yield size, float(column.max()), trials[column.argmax()].candidate

    def to_frame(self):
        """Return all settings that were tried, as a table: the best first.

        Returns
        -------
        pandas.DataFrame
            With the columns ``classifier``, ``settings``, ``repeats`` and ``expected_accuracy``
            at `poison_size`.

        Raises
        ------
        MissingExtraError
            If pandas is missing.
        """
        return data_frame(
            [
                {
                    "classifier": trial.candidate.name,
                    "settings": trial.candidate.settings,
                    "repeats": len(trial.outcomes),
                    "expected_accuracy": self.trials.at(trial),
                }
                for trial in self.trials.ranked()
            ]
        )

    def code(self):
        """Return lines of Python that make the recommended classifier, or None.

        Returns
        -------
        str or None
            Imports, and a line that calls the classifier ``model``.
        """
        return None if self.recommended is None else code_of(self.recommended)

    def sentence(self):
        """Return the recommendation in words."""
        what = amount(self.report, self.poison_size)
        name = self.best_name()
        if name is None:
            reach = [size for size, accuracy, _ in self.best_at_sizes() if accuracy > 0]
            return (
                f"No setting that was tried certifies anything at {what}; "
                f"the largest size with anything certified is about {max(reach, default=0)}. "
                "More training rows, or features from which fewer rows teach more, would help."
            )
        result = self.report.results[name]
        share = 100 * float(result.accuracies([self.poison_size])[0])
        return (
            f"To bear {what}, take {self._best(name).candidate}: {share:.1f} % of the "
            f"{counted(len(result.y_true), 'row')} held out, which had no part in the choice, are "
            "predicted correctly whatever such poison does."
        )

    def _best(self, name):
        return self.trials.ranked(name)[0]

    def __str__(self):
        return "\n\n".join(blocks_of_plan(self))

    __repr__ = __str__
