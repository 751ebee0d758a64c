"""How a fit of voters goes on: for people, and for scikit-learn's callbacks."""

from contextlib import contextmanager

from .._compat import callback_context
from .._compute.progress import Progress

__all__ = ["FitProgress"]


class FitProgress(Progress):
    """Progress of a fit that callbacks hear of, if there are any.

    Below the task "fit" they see one task "voters", and below that one for each voter, which
    begins and ends when its voter has come back from the worker that fitted it.

    Parameters
    ----------
    classifier : estimator
        What is being fitted.
    """

    def __init__(self, classifier):
        super().__init__(classifier.verbose)
        self._classifier = classifier
        self._fit_context = callback_context(classifier)

    @property
    def watches(self):
        return super().watches or self._fit_context is not None

    @contextmanager
    def on(self, what, n_all, doing):
        with super().on(what, n_all, doing):
            if self._fit_context is None:
                yield self
                return
            self._voters = self._fit_context.subcontext(
                task_name="voters", max_subtasks=n_all, sequential_subtasks=False
            ).call_on_fit_task_begin(estimator=self._classifier)
            yield self
            self._voters.call_on_fit_task_end(estimator=self._classifier)

    def hear_of(self, numbers):
        if self._fit_context is None:
            return
        for number in numbers:
            voter = self._voters.subcontext(task_name="voter", task_id=number)
            voter.call_on_fit_task_begin(estimator=self._classifier)
            voter.call_on_fit_task_end(estimator=self._classifier)
