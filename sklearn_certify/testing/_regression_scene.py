"""What an attacker of a regressor knows and can do."""

import numpy as np

from ._scene import Scene

__all__ = ["RegressionScene"]

_FAR = 1e4  # targets that attackers give, in ranges of those that there are


class RegressionScene(Scene):
    """What an attacker knows who wants a prediction to be far above or far below what it is."""

    def __post_init__(self):
        super().__post_init__()
        subject = self.trials.subject
        self.labels, self.ranges = subject.centers.tolist(), subject.ranges
        targets = self.train_labels.astype(np.float64)
        step = _FAR * max(float(np.ptp(targets)), 1.0)
        self.extremes = [float(targets.min()) - step, float(targets.max()) + step]

    def invented_labels(self):
        """Return targets that nobody has: far below all, and far above."""
        return list(self.extremes)

    def rivals(self, query):
        """Return targets that pull a prediction away: far above and far below, in turns."""
        return self.extremes[::-1] if query % 2 else list(self.extremes)

    def supporters(self, query):
        """Return the training rows, the nearest first."""
        return np.argsort(self.distances(query), kind="stable")

    def weights(self, answers, query, rival):
        """Return what turning each voter is worth, by what voters answer on a query."""
        low, high = self.ranges[query]
        answers = np.array([np.nan if answer is None else answer for answer in answers])
        is_near = answers <= high if rival > high else answers >= low
        return np.where(np.isnan(answers), 1, 2 * is_near)
