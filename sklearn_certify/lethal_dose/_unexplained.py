"""What is known of the differences between voters, and what is left of them."""

import numpy as np

__all__ = ["Unexplained"]

_LEAST_LEFT = 0.05  # of the variance: nothing is known so well


class Unexplained:
    """What the balance of a sample, and stand-ins, leave of the differences between voters.

    Parameters
    ----------
    balanced : ndarray of float64, of shape (n_sampled, n_balanced)
        An orthonormal basis of what the sample is balanced in, the mean included.
    n_voters : int
        Number of all voters.
    votes : ndarray of int, of shape (n_queries, n_sampled)
        The votes of the sampled voters.
    stand_ins : ndarray of int, of shape (n_queries, n_sampled), or None
        The votes of their stand-ins.
    n_classes : int
        Number of classes.

    Attributes
    ----------
    slope : float
        By how much of a vote voters differ, on the same query, where their stand-ins differ by one.
    share : float
        The share of the variance of the votes on each query that is left.
    """

    def __init__(self, balanced, n_voters, votes, stand_ins, n_classes):
        self.balanced = balanced
        self.n_sampled, n_balanced = balanced.shape
        self.left = 1 - self.n_sampled / n_voters  # the share of voters that were not sampled
        self.freedom = max(self.n_sampled - n_balanced, 1)
        self.slope, self.share = self._regress(votes, stand_ins, n_classes)

    def _regress(self, votes, stand_ins, n_classes):
        total = of_votes = both = of_stand_ins = 0.0
        for code in range(n_classes):
            chosen = (votes == code).astype(np.float64)
            total += ((chosen - chosen.mean(axis=1, keepdims=True)) ** 2).sum()
            rest = self._unbalanced(chosen)
            of_votes += (rest**2).sum()
            if stand_ins is not None:
                rest_of_stand_ins = self._unbalanced((stand_ins == code).astype(np.float64))
                both += (rest * rest_of_stand_ins).sum()
                of_stand_ins += (rest_of_stand_ins**2).sum()
        if total == 0:
            return 0.0, 1.0
        slope = float(np.clip(both / of_stand_ins, 0, 1)) if of_stand_ins > 0 else 0.0
        rest = of_votes - 2 * slope * both + slope**2 * of_stand_ins
        share = rest / self.freedom / (total / (self.n_sampled - 1))
        return slope, float(np.clip(share, _LEAST_LEFT, 1.0))

    def _unbalanced(self, values):
        return values - (values @ self.balanced) @ self.balanced.T

    def variance_of_mean(self, values):
        """Return the variance of the mean of each column over the sampled voters."""
        if self.left == 0:
            return np.zeros(values.shape[1])
        rest = self._unbalanced(values.T)
        return (rest**2).sum(axis=1) / self.freedom / self.n_sampled * self.left
