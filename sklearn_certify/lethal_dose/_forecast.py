"""From the votes of some voters to the certified accuracy of all of them.

Voters on disjoint parts of rows drawn alike are, for a given query, draws of one kind: a query has
shares, the probabilities of the votes. Of k voters m are seen; the other k - m are filled in. They
differ less than draws do from their shares, by what the balance of the sample and the stand-ins
know, and from those seen as their stand-ins do.

The shares of a query are drawn given the votes seen on it and what votes on queries of the same
true label are like. True shares are spread in another way than that assumes, which leaves a bias.
It is measured on votes made for it, whose shares are known, and taken off.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ..certificates import count_votes
from ..certificates._margins import rival_gaps
from ._unexplained import Unexplained

__all__ = ["Forecast", "forecast"]

_N_ROUNDS = 16  # of filling in, each over all queries
_FEWEST_PSEUDO_VOTES = 0.3  # of the prior: nothing unseen is impossible


@dataclass(frozen=True)
class Forecast:
    """What is expected of the ensemble of all voters, with standard errors.

    Attributes
    ----------
    certified_accuracy, certified_accuracy_error : ndarray of float64, of shape (n_sizes,)
        By poison size, and the standard error.
    voter_accuracy, voter_accuracy_error : float
        How often one voter is right.
    margin : float
        Mean over queries of the votes for the true label less those for its strongest rival, as a
        share of all voters.
    agreement : float
        How often two voters give the same label.
    """

    certified_accuracy: np.ndarray
    certified_accuracy_error: np.ndarray
    voter_accuracy: float
    voter_accuracy_error: float
    margin: float
    agreement: float


def forecast(sampled, poison_sizes, *, cost, phantom, seed):
    """Forecast the certified accuracy of all voters from the votes of some.

    Parameters
    ----------
    sampled : SampledVotes
        What the sampled voters say.
    poison_sizes : ndarray of int64, of shape (n_sizes,)
        Poison sizes, ascending.
    cost : int
        Partitions that one unit of poison corrupts.
    phantom : bool
        Whether the attacker may invent a label.
    seed : int
        Of the draws that fill in votes.

    Returns
    -------
    Forecast
    """
    votes, truth = sampled.votes, sampled.truth
    n_queries, n_sampled = votes.shape
    counts = count_votes(votes, sampled.n_classes)
    seen = np.column_stack([counts, n_sampled - counts.sum(axis=1)])  # the last abstain
    rules = {"truth": truth, "poison_sizes": poison_sizes, "cost": cost, "phantom": phantom}
    unexplained = Unexplained(
        sampled.balanced, sampled.n_partitions, votes, sampled.stand_ins, sampled.n_classes
    )
    shift = unexplained.slope * _shift_of_stand_ins(sampled)
    expected = _fill_in(seen, sampled.n_partitions, shift, unexplained.share, rules, seed)
    # poison never helps, and neither does more of it
    accuracy = np.minimum.accumulate(np.clip(expected[:-1], 0.0, 1.0))
    influence = _influence(sampled, seen, unexplained.slope, poison_sizes * cost)
    of_voters = unexplained.variance_of_mean(influence)
    right = votes == np.where(truth < 0, -2, truth)[:, np.newaxis]
    voter_accuracy = right.mean()
    of_voter_accuracy = unexplained.variance_of_mean(right.mean(axis=0)[:, np.newaxis])[0]
    pairs = (counts * (counts - 1)).sum(axis=1) / max(n_sampled * (n_sampled - 1), 1)
    return Forecast(
        accuracy,
        np.sqrt(of_voters + accuracy * (1 - accuracy) / n_queries),
        float(voter_accuracy),
        float(np.sqrt(of_voter_accuracy + right.mean(axis=1).var() / n_queries)),
        float(expected[-1]),
        float(pairs.mean()) if n_sampled > 1 else np.nan,
    )


def _shift_of_stand_ins(sampled):
    """Return by how much the stand-ins of the other voters vote otherwise than those of the sample.

    Returns
    -------
    ndarray of float64, of shape (n_queries, n_classes + 1)
        Shares of the votes; the last is that of abstentions.
    """
    n_queries, n_sampled = sampled.votes.shape
    if sampled.stand_ins is None:
        return np.zeros((n_queries, sampled.n_classes + 1))
    of_sample = count_votes(sampled.stand_ins, sampled.n_classes) / n_sampled
    shift = sampled.other_stand_ins - of_sample
    return np.column_stack([shift, -shift.sum(axis=1)])


def _fill_in(seen, n_voters, shift, noise_share, rules, seed):
    """Return the expected outcomes of all voters, as `_outcomes` does.

    `shift` is how much the shares of the voters that are filled in differ from those seen.
    `noise_share` is the share of the variance of votes that is not known beforehand: counts differ
    from what shares make of them by that much less than those of voters drawn blindly.
    """
    generator = np.random.default_rng(seed)
    n_sampled, n_left = seen[0].sum(), n_voters - seen[0].sum()
    if n_left == 0:
        return _outcomes(seen, **rules)
    prior = _prior(seen, rules["truth"], noise_share)

    def drawn_shares(counts):
        shares = generator.standard_gamma(counts / noise_share + prior)
        return shares / shares.sum(axis=1, keepdims=True)

    def drawn_counts(n_drawn, shares):
        expected = n_drawn * shares
        return expected + np.sqrt(noise_share) * (generator.multinomial(n_drawn, shares) - expected)

    def filled_in(counts, shares):
        shares = np.maximum(shares + shift, 0)
        counts = counts + drawn_counts(n_left, shares / shares.sum(axis=1, keepdims=True))
        counts = np.rint(counts).astype(np.int64)
        counts[:, -1] = np.maximum(n_voters - counts[:, :-1].sum(axis=1), 0)
        return counts

    expected, bias = 0.0, 0.0
    for _ in range(_N_ROUNDS):
        shares = drawn_shares(seen)
        expected = expected + _outcomes(filled_in(seen, shares), **rules)
        made = drawn_counts(n_sampled, shares)
        bias = bias + _outcomes(filled_in(made, drawn_shares(made)), **rules)
        bias = bias - _outcomes(filled_in(made, shares), **rules)
    return (expected - bias) / _N_ROUNDS


def _prior(seen, truth, noise_share):
    """Return the Dirichlet distribution that the shares of each query are taken to come from.

    Its mean is that of the queries with the same true label. Its concentration is what makes two
    votes on one query agree as often as they do.

    Returns
    -------
    ndarray of float64, of shape (n_queries, n_classes + 1)
    """
    n_sampled = seen[0].sum()
    everywhere = seen.mean(axis=0) / n_sampled
    labels, codes = np.unique(truth, return_inverse=True)
    means = np.array([seen[codes == code].mean(axis=0) for code in range(len(labels))]) / n_sampled
    means = 0.99 * means + 0.01 * everywhere + 1e-12
    means = means[codes]
    if n_sampled == 1:
        return _FEWEST_PSEUDO_VOTES * means
    agree = ((seen / n_sampled) ** 2).sum(axis=1)
    agree = agree - noise_share * (1 - agree) / (n_sampled - 1)  # of true shares, not of seen ones
    by_chance = (means**2).sum(axis=1)
    alike = (agree - by_chance).sum() / max((1 - by_chance).sum(), 1e-12)
    concentration = 1 / np.clip(alike, 1e-3, 1.0) - 1
    return max(concentration, _FEWEST_PSEUDO_VOTES) * means


def _outcomes(counts, *, truth, poison_sizes, cost, phantom):
    """Return certified accuracy at each poison size and, last, the mean margin of the truth."""
    for_labels = counts[:, :-1]
    n_voters = counts[0].sum()
    rows = np.arange(len(counts))
    predicted = for_labels.argmax(axis=1)
    gaps = rival_gaps(for_labels, predicted, phantom=phantom).min(axis=1)
    radii = np.where(predicted == truth, np.minimum(gaps // 2, n_voters) // cost, -1)
    survivors = len(radii) - np.searchsorted(np.sort(radii), poison_sizes)
    rivals = for_labels.copy()
    rivals[rows, truth] = np.where(truth < 0, rivals[rows, truth], 0)
    for_truth = np.where(truth < 0, 0, for_labels[rows, truth])
    margins = (for_truth - rivals.max(axis=1)) / n_voters
    return np.append(survivors / len(radii), margins.mean())


def _influence(sampled, seen, slope, n_corrupted):
    """Return how much each sampled voter moves the forecast of certified accuracy.

    Its mean vote for the truth and against the strongest rival, on the queries whose lead is about
    to be too small, less what its stand-in explains: the derivative of the forecast, with a normal
    distribution for the lead.

    Returns
    -------
    ndarray of float64, of shape (n_sampled, n_sizes)
    """
    votes, truth, n_voters = sampled.votes, sampled.truth, sampled.n_partitions
    n_queries, n_sampled = votes.shape
    rows, known = np.arange(n_queries), truth >= 0
    rivals = seen[:, :-1].copy()
    rivals[rows[known], truth[known]] = -1
    rival = rivals.argmax(axis=1)
    for_truth = np.where(known, seen[rows, truth], 0)
    against = np.maximum(rivals[rows, rival], 0)
    lead = (for_truth - against) / n_sampled
    spread = (for_truth + against) / n_sampled - lead**2
    # of the lead among all voters, in votes; never so narrow that no query is near a size
    scale = np.sqrt((n_voters / n_sampled) * n_voters * (spread + 1 / n_sampled))
    distance = (n_voters * lead[:, np.newaxis] - 2 * n_corrupted) / scale[:, np.newaxis]
    near = norm.pdf(distance) * (known * n_voters / scale)[:, np.newaxis]

    def steps(ballots):
        return (ballots == truth[:, np.newaxis]).astype(float) - (ballots == rival[:, np.newaxis])

    unexplained = steps(votes)
    if sampled.stand_ins is not None:
        unexplained -= slope * steps(sampled.stand_ins)
    return unexplained.T @ near / n_queries
