"""The run-off election: two rounds of votes, and how much poison its outcome survives."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .._compute.blocks import run_on_blocks
from ..exceptions import InvalidInputError
from ._arrays import Floats, Int64s, Integers
from ._margins import count_checked_votes
from ._runoff_election import first_choices
from ._runoff_kernels import MOST_DAMAGE_BY_TWO, identity_radii, spread_radii
from ._spread_sums import cyclic_offsets
from ._targeted_runoff import targeted_radii
from ._targets import largest_first, leads_over
from ._validation import check_cost, check_spread, check_target

__all__ = ["check_scores", "elect_and_certify", "runoff_radius", "runoff_votes", "to_kernel"]

_STEPS_PER_BLOCK = 1 << 18  # fewer take less time than starting a thread


def runoff_radius(
    scores: ArrayLike,
    *,
    spread: ArrayLike | None = None,
    cost: int = 1,
    phantom: bool = True,
    may_abstain: bool = False,
    target: int | None = None,
) -> tuple[Int64s, Int64s]:
    """Elect a class for each sample in two rounds, and certify the outcome.

    In round one each voter votes for the class that it scores highest; a voter whose scores are
    all -inf abstains. The two classes with most votes are the finalists. In round two each voter
    backs the finalist that it scores higher, and the finalist with more backers wins. All ties,
    a voter's as well as the counts', go to the class with the smaller index.

    An attacker who wants another winner must either lift two rivals above the winner in round
    one, or lift one rival into the run-off and turn enough voters against the winner there. Where
    the votes are spread over several classes, both mostly take more poison than to overtake the
    winner among the first votes.

    Parameters
    ----------
    scores : array-like of float of shape (n_samples, n_voters, n_classes)
        What each voter thinks of each class; only a voter's own order of the classes matters.
        -inf says that the voter has never seen the class. float32 and float64 are used as they
        are, other numbers are converted.
    spread : array-like of int of shape (n_partitions, spreading_degree), default=None
        The voters that use each partition of the training set. None: one partition for each
        voter, and no other.
    cost : int, default=1
        Partitions that one unit of poison corrupts
        (:func:`~sklearn_certify.threat.partitions_per_unit`).
    phantom : bool, default=True
        Whether the attacker may change the set of labels: invent labels that no voter has seen
        and that may sort before all others, and remove every row of a class. False where the
        set of labels is fixed.
    may_abstain : bool, default=False
        Whether a voter whose scores are all -inf abstains in round two as well. If False, it backs
        the finalist with the smaller index, like a voter that scores both the same.
    target : int, default=None
        The class that an attacker wants, or ``n_classes`` for an invented label (if `phantom`). The
        radius is then about attacks that make it win; other changes do not matter.

    Returns
    -------
    predicted : ndarray of int64, of shape (n_samples,)
        Index of the class that wins.
    radius : ndarray of int64, of shape (n_samples,)
        The largest number of units of poison that provably let no other class win. If no
        poison can make another class win, as many units as fit into all partitions. With a
        `target`, -1 where it wins already.

    Raises
    ------
    InvalidInputError
        If scores has no voters or no classes, is not numeric, or holds NaN or +inf; if `spread`
        or `cost` is not as described, or there is no such `target`.

    See Also
    --------
    runoff_votes : The votes of round one.

    Notes
    -----
    Let :math:`n_c` be the votes of class c in round one, p the winner and s the losing finalist,
    and :math:`g(a, b) = n_a - n_b + [b > a]` what b must gain on a to stand before it.

    *One partition for each voter.* The radius is exact: one partition more and some attack
    changes the winner. Two rivals b and e stand before p as soon as

    .. math:: \\max(\\lceil g(p,b)/2 \\rceil, \\lceil g(p,e)/2 \\rceil,
              \\lceil (g(p,b)^+ + g(p,e)^+)/3 \\rceil)

    voters of p are turned, and each of b and e has a vote if it would lose a tie with p. A rival
    b wins in round two as soon as t voters are turned to it, among them as many backers of p as
    half of b's deficit there, rounded up, and at least :math:`g(e, b) - t` voters of every class
    e but p and b. A table of voters by vote and by whom they back gives the smallest t. The paper
    looks at e = s only, and at the two conditions one by one; its radius is never larger.

    *Other spreads.* Each condition that the attacker must meet is of the form "the weights of
    the turned voters sum to at least g", so it takes r partitions or more, for the smallest r
    such that the r largest sums over a partition's voters reach g. The weights, with v a voter's
    vote: :math:`1 + [v=p] - [v=b]` for :math:`g(p, b)`; :math:`1 + 2[v=p] - [v=b] - [v=e]` for
    :math:`g(p, b) + g(p, e)`; 2 if it backs p over b, and 1 if it abstains in round two, for b's
    deficit there; :math:`1 + [v=s] - [v=b]` for :math:`g(s, b)`. That is the paper's bound.

    *Invented labels.* Two of them may stand before p. Each has no votes, wins all ties, and is
    backed by no voter that has seen p; a voter that has not seen p may back it. To remove every
    row of a class never takes less poison than what is counted here.

    *A target* b wins against another finalist e, whom the attacker chooses. Weights as above bound
    what it takes that b passes all classes but e, that b beats e in round two, and that e passes p
    if it is not p. The largest of these bounds counts, for the e for which it is smallest, or the
    radius without a target where that is larger. It is a bound, and seldom exact.

    *When it helps.* A voter that has never seen the winner backs any rival that it has seen. With
    partitions so small that many voters miss a class, the plurality may certify more.

    References
    ----------
    K. Rezaei, K. Banihashem, A. Chegini, S. Feizi. "Run-Off Election: Improved Provable Defense
    against Data Poisoning Attacks". ICML 2023. The bounds for both rounds, for one partition per
    voter (DPA+ROE) and for spread partitions (FA+ROE); here with ties, abstaining voters and
    invented labels.

    Examples
    --------
    Nine voters: four for class 0, three for class 1 and two for class 2, who prefer class 0 to
    class 1. One turned voter can make class 1 the first among the votes; but the run-off against
    it stands at six to three.

    >>> import numpy as np
    >>> from sklearn_certify.certificates import plurality_radius, runoff_radius, runoff_votes
    >>> scores = np.array([4 * [[.8, .1, .1]] + 3 * [[.1, .8, .1]] + 2 * [[.3, .1, .6]]])
    >>> runoff_radius(scores)
    (array([0]), array([1]))
    >>> plurality_radius(runoff_votes(scores), n_classes=3)
    (array([0]), array([0]))
    """
    scores = check_scores(scores)
    cost = check_cost(cost)
    phantom, may_abstain = bool(phantom), bool(may_abstain)
    _, n_voters, n_classes = scores.shape
    if target is not None:
        target = check_target(target, n_classes, phantom=phantom)
    if spread is not None:
        spread = check_spread(spread, n_voters)
    rules = phantom, may_abstain
    predicted, radius = elect_and_certify(scores, spread, *rules)
    if target is None:
        return predicted, radius // cost
    used = np.arange(n_voters)[:, np.newaxis] if spread is None else spread
    _raise_against(target, scores, used, predicted, radius, *rules)
    return predicted, np.where(predicted == target, -1, radius // cost)


def elect_and_certify(
    scores: Floats,
    spread: Int64s | None,
    phantom: bool,
    may_abstain: bool,
    most: int | None = None,
) -> tuple[Int64s, Int64s]:
    """Return the predictions and radii of `runoff_radius` at a cost of one, without a target.

    Parameters
    ----------
    scores : ndarray of float32 or float64 of shape (n_samples, n_voters, n_classes)
        From `check_scores`.
    spread : ndarray of int64 of shape (n_partitions, spreading_degree) or None
        From `check_spread`.
    phantom, may_abstain : bool
        As `runoff_radius` takes them.
    most : int, default=None
        Larger radii are cut off here, which takes less time. None: none is.

    Returns
    -------
    predicted, radius : ndarray of int64 of shape (n_samples,)
    """
    n_samples, n_voters, n_classes = scores.shape
    n_partitions = n_voters if spread is None else len(spread)
    most = n_partitions if most is None else min(int(most), n_partitions)
    if spread is not None:
        if spread.shape == (n_voters, 1) and len(np.unique(spread)) == n_voters:
            spread = None  # one partition for each voter, where the radius is exact
        else:
            offsets = cyclic_offsets(spread, n_voters)
            sum_type = np.min_scalar_type(MOST_DAMAGE_BY_TWO * spread.shape[1])
    predicted = np.empty(n_samples, np.int64)
    radius = np.empty(n_samples, np.int64)

    def certify_block(start: int, stop: int) -> None:
        rows = to_kernel(scores[start:stop])
        results = predicted[start:stop], radius[start:stop]
        if spread is None:
            bad = identity_radii(rows, phantom, may_abstain, most, *results)
        else:
            bad = spread_radii(
                rows, spread, offsets, phantom, may_abstain, sum_type, most, *results
            )
        _refuse_bad(start, bad)

    steps = n_voters * n_classes + (0 if spread is None else spread.size)
    run_on_blocks(certify_block, n_samples, min_block=_STEPS_PER_BLOCK // steps + 1)
    return predicted, radius


def _raise_against(
    target: int,
    scores: Floats,
    spread: Int64s,
    predicted: Int64s,
    radius: Int64s,
    phantom: bool,
    may_abstain: bool,
) -> None:
    """Raise radii, in partitions, to those against attackers who want one class to win."""
    _, n_voters, n_classes = scores.shape
    votes = runoff_votes(scores).astype(np.min_scalar_type(-n_classes - 1))
    counts = count_checked_votes(votes, n_classes)
    leads = leads_over(counts, target)
    order = largest_first(leads, predicted)
    counts = np.pad(counts, ((0, 0), (0, 1)))
    offsets = cyclic_offsets(spread, n_voters)
    sum_type = np.min_scalar_type((n_classes + 3) * spread.shape[1])

    def raise_block(start: int, stop: int) -> None:
        block = slice(start, stop)
        targeted_radii(
            to_kernel(scores[block]),
            votes[block],
            counts[block],
            leads[block],
            order[block],
            predicted[block],
            target,
            phantom,
            may_abstain,
            spread,
            offsets,
            sum_type,
            radius[block],
        )

    steps = (n_voters + spread.size) * n_classes
    run_on_blocks(raise_block, len(scores), min_block=_STEPS_PER_BLOCK // steps + 1)


def runoff_votes(scores: ArrayLike) -> Integers:
    """Votes of round one of the run-off election.

    Parameters
    ----------
    scores : array-like of float of shape (n_samples, n_voters, n_classes)
        What each voter thinks of each class; -inf: it has never seen the class.

    Returns
    -------
    ndarray of int, of shape (n_samples, n_voters)
        Index of the class with the highest score, the smallest one among equals; -1 for a voter
        whose scores are all -inf. In the smallest integer type that holds every class.

    Raises
    ------
    InvalidInputError
        If scores has no voters or no classes, is not numeric, or holds NaN or +inf.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.certificates import runoff_votes
    >>> runoff_votes([[[.1, .7, .2], [.4, .2, .4], [-np.inf, -np.inf, -np.inf]]])
    array([[ 1,  0, -1]], dtype=int8)
    """
    scores = check_scores(scores)
    n_samples, n_voters, n_classes = scores.shape
    votes = np.empty((n_samples, n_voters), np.min_scalar_type(-n_classes))

    def cast_block(start: int, stop: int) -> None:
        _refuse_bad(start, first_choices(to_kernel(scores[start:stop]), votes[start:stop]))

    run_on_blocks(cast_block, n_samples, min_block=_STEPS_PER_BLOCK // (n_voters * n_classes) + 1)
    return votes


def check_scores(scores: ArrayLike) -> Floats:
    """Return scores as a float32 or float64 array of three dimensions, without a copy if it is one.

    NaN and +inf are found later, on the way through the array.
    """
    scores = np.asarray(scores)
    if scores.ndim != 3 or 0 in scores.shape[1:]:
        raise InvalidInputError(
            "scores must have shape (n_samples, n_voters, n_classes), at least one voter and one "
            f"class; got {scores.shape}."
        )
    if scores.dtype.kind not in "iuf":
        raise InvalidInputError(f"scores must be real numbers, got {scores.dtype}.")
    narrow = np.promote_types(scores.dtype, np.float32) == np.float32
    return scores.astype(np.float32 if narrow else np.float64, copy=False)


def to_kernel(scores: Floats) -> Floats:
    """Return scores in the one layout that kernels are compiled for, without a copy if they are."""
    return np.require(scores, requirements=["C", "W"])


def _refuse_bad(start: int, bad: int) -> None:
    if bad >= 0:
        raise InvalidInputError(
            f"scores of sample {start + bad} hold NaN or +inf; a class that a voter has never "
            "seen has the score -inf."
        )
