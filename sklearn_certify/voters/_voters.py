"""Fitted voters: what they say, and others in their place when rows come or go."""

from itertools import chain

import numpy as np

from .._compute.progress import progress_of
from .._compute.seeds import LARGEST_SEED
from .._user_warnings import warn_user
from ._answers import has_scores, scores_of, votes_of
from ._asking import ask_with_workers
from ._failures import refuse_if_all_failed, warn_of_failures
from ._fitting import fit_with_workers
from ._flip_costs import flip_costs_of
from ._kept import KeptVoters, count_voters
from ._memory import open_memory
from ._one_by_one import learn_labels, learn_numbers
from ._reading import fit_with_reading_workers
from ._values import values_of

__all__ = ["Voters", "fit_voters", "fit_voters_from", "voter_seeds"]


class Voters:
    """Fitted voters, one clone of the base estimator each.

    Parameters
    ----------
    estimator : estimator
        The base estimator, not fitted.
    classes : ndarray of shape (n_classes,), or None
        All labels, sorted; None where y holds numbers.
    seeds : list of int
        The seed of each voter.
    estimators : list of fitted estimators or None
        The voters; None for one without rows, or that failed.
    known : ndarray of bool, of shape (n_voters, n_classes), or None
        The labels that each voter may vote for: those of its rows, so that no row of another voter
        makes a label of what it says. None: all labels, which were fixed beforehand, or none.
    memory : VoterMemory, default=None
        Where voters are kept from one fit to the next.
    keys : list of str or None, default=None
        The name of each voter there.
    """

    def __init__(self, estimator, classes, seeds, estimators, known, memory=None, keys=None):
        self.estimator = estimator
        self.classes = classes
        self.seeds = seeds
        self.estimators = estimators
        self.known = known
        self.memory = memory
        self.keys = [None] * len(estimators) if keys is None else keys

    def __getstate__(self):
        # whoever makes a file must not choose the folder in which `forget_unused` deletes
        return {**vars(self), "memory": None, "keys": [None] * len(self)}

    def __len__(self):
        return len(self.estimators)

    @property
    def has_scores(self):
        """Whether any voter scores classes."""
        # one by one: most may be on disk
        return any(fitted is not None and has_scores(fitted) for fitted in self.estimators)

    def votes(self, X, *, n_jobs, verbose, on_voter_error):
        """Let every voter predict every row.

        Parameters
        ----------
        X : DataFrame, CSR matrix or ndarray of shape (n_samples, ...)
            Query rows.
        n_jobs
            As in joblib. Voters predict in threads, so that nothing is copied, unless a backend
            was chosen with ``joblib.parallel_config``.
        verbose : int or Progress
            What is told meanwhile.
        on_voter_error : {"raise", "abstain"}
            What to do if a voter fails, or answers what is no label.

        Returns
        -------
        votes : ndarray of the smallest integer type, of shape (n_samples, n_voters)
            Index into `classes`; -1 = abstains.
        failures : list of VoterFailure
            The voters that failed on some rows.

        Raises
        ------
        VoterError
            If a voter fails and `on_voter_error` is "raise".
        """
        return self._ask(votes_of, X, n_jobs, verbose, on_voter_error)

    def scores(self, X, *, n_jobs, verbose, on_voter_error):
        """Let every voter score every class on every row.

        Parameters
        ----------
        X, n_jobs, verbose, on_voter_error
            As for `votes`.

        Returns
        -------
        scores : ndarray of float64, of shape (n_samples, n_voters, n_classes)
            Probabilities or decision values; -inf for a class that the voter never saw, and for
            all where it abstains.
        failures : list of VoterFailure
            The voters that failed on some rows.

        Raises
        ------
        VoterError
            If a voter fails and `on_voter_error` is "raise".
        """
        return self._ask(scores_of, X, n_jobs, verbose, on_voter_error)

    def values(self, X, *, n_jobs, verbose, on_voter_error):
        """Let every voter predict a number for every row.

        Parameters
        ----------
        X, n_jobs, verbose, on_voter_error
            As for `votes`.

        Returns
        -------
        values : ndarray of float64, of shape (n_samples, n_voters)
            NaN = abstains.
        failures : list of VoterFailure
            The voters that failed on some rows.

        Raises
        ------
        VoterError
            If a voter fails and `on_voter_error` is "raise".
        """
        return self._ask(values_of, X, n_jobs, verbose, on_voter_error)

    def flip_costs(self, X, *, n_jobs, verbose, on_voter_error):
        """Let every voter tell how many of its labels must change before it votes otherwise.

        Parameters
        ----------
        X, n_jobs, verbose, on_voter_error
            As for `votes`.

        Returns
        -------
        costs : ndarray of int32, of shape (n_samples, n_voters, n_classes)
            0 for the class that `votes` says, for none where the voter abstains; at least 1 for
            others.
        failures : list of VoterFailure
            The voters that failed on some rows.

        Raises
        ------
        VoterError
            If a voter fails and `on_voter_error` is "raise".
        """
        votes, failures = self.votes(
            X, n_jobs=n_jobs, verbose=verbose, on_voter_error=on_voter_error
        )
        costs, others = self._ask(flip_costs_of, X, n_jobs, verbose, on_voter_error)
        np.maximum(costs, 1, out=costs)
        costs[(*np.nonzero(votes >= 0), votes[votes >= 0])] = 0
        return costs, failures + others

    def _ask(self, ask, X, n_jobs, verbose, on_voter_error):
        return ask_with_workers(
            ask,
            self.estimator,
            self.estimators,
            X,
            self.classes,
            self.known,
            n_jobs=n_jobs,
            verbose=verbose,
            on_voter_error=on_voter_error,
        )

    def tell_of_failures(self, batches):
        """Warn once of the voters that failed to answer, if there are any.

        Parameters
        ----------
        batches : list of list of VoterFailure
            What `votes`, `scores` or `values` returned for each of some batches of queries.

        Raises
        ------
        VoterError
            If no voter was able to answer: all that there are failed on all rows.
        """
        failures = list(chain(*batches))
        silent = set.intersection(
            *({failure.voter for failure in batch if failure.everywhere} for batch in batches)
        )
        n_asked = count_voters(self.estimators)
        of_silent = {failure.voter: failure for failure in failures if failure.voter in silent}
        refuse_if_all_failed(list(of_silent.values()), n_left=n_asked - len(silent))
        warn_of_failures(failures, len(self))

    def forget_unused(self):
        """Delete all voters in the memory but these.

        Returns
        -------
        int
            Number of voters that were deleted.
        """
        return self.memory.forget_all_but(key for key in self.keys if key is not None)

    def refit(self, numbers, X, y, rows_of_voters, *, n_jobs, verbose, on_voter_error):
        """Fit some voters anew, with the seeds they have, and share the others.

        Parameters
        ----------
        numbers : sequence of int
            The voters to fit.
        X : DataFrame, CSR matrix or ndarray of shape (n_rows, ...)
            Training rows.
        y : ndarray of shape (n_rows,)
            Raw labels, of those in `classes`, or numbers.
        rows_of_voters : iterable of ndarray of int
            The rows of each of these voters in canonical order.
        n_jobs, verbose, on_voter_error
            As for `fit_voters`.

        Returns
        -------
        Voters
            The refitted voters are those that `fit_voters` would make of these rows; the others
            are the same objects as here, where nothing changes.

        Raises
        ------
        VoterError
            If a voter cannot be fitted and `on_voter_error` is "raise", or if none is left.
        """
        known = None if self.known is None else self.known.copy()
        if known is not None:
            rows_of_voters = _noting_labels(
                known, np.searchsorted(self.classes, y), numbers, rows_of_voters
            )
        fitted = fit_with_workers(
            learn_numbers if self.classes is None else learn_labels,
            self.estimator,
            X,
            y,
            rows_of_voters,
            numbers,
            [self.seeds[number] for number in numbers],
            memory=self.memory,
            n_jobs=n_jobs,
            verbose=verbose,
            on_voter_error=on_voter_error,
        )
        estimators, keys = list(self.estimators), list(self.keys)
        for number, voter, key in zip(numbers, fitted.estimators, fitted.keys, strict=True):
            estimators[number], keys[number] = voter, key
        _tell_of_fit(fitted, estimators, self.memory, verbose)
        return type(self)(
            self.estimator, self.classes, self.seeds, estimators, known, self.memory, keys
        )


def _tell_of_fit(fitted, estimators, memory, verbose):
    """Raise if no voter is left, warn of those that failed, tell which were kept in the memory."""
    refuse_if_all_failed(fitted.failures, count_voters(estimators))
    warn_of_failures(fitted.failures, len(estimators))
    if progress_of(verbose).verbose:
        n_fitted, n_failed = count_voters(fitted.estimators) - fitted.n_kept, len(fitted.failures)
        kept = "" if memory is None else f"{fitted.n_kept} kept in memory, "
        print(f"Voters: {kept}{n_fitted} fitted{f', {n_failed} failed' if n_failed else ''}.")
    if fitted.problems:
        n_lost = len(fitted.problems)
        they = f"{n_lost} voters" if n_lost > 1 else "1 voter"
        warn_user(
            f"{they} could not be kept in memory, and will be fitted again; the first: "
            f"{fitted.problems[0]}.",
            UserWarning,
        )


def _noting_labels(known, codes, numbers, rows_of_voters):
    """Yield the rows of each voter, and write down which labels they have."""
    for number, rows in zip(numbers, rows_of_voters, strict=True):
        known[number] = False
        known[number, codes[rows]] = True
        yield rows


def _nothing_known(seeds, classes, labels_are_fixed):
    if classes is None or labels_are_fixed:
        return None
    return np.zeros((len(seeds), len(classes)), dtype=bool)


def voter_seeds(n_voters, random_state):
    """Draw one seed per voter.

    The seeds depend on the random state and on the voter's number alone, never on the data.

    Parameters
    ----------
    n_voters : int
        Number of voters.
    random_state : RandomState
        Source of the seeds.

    Returns
    -------
    list of int
    """
    return random_state.randint(LARGEST_SEED, size=n_voters).tolist()


def fit_voters(
    estimator,
    X,
    y,
    rows_of_voters,
    seeds,
    classes,
    *,
    labels_are_fixed=False,
    memory=None,
    n_jobs,
    verbose,
    on_voter_error,
):
    """Fit voters, each on its own rows.

    A voter is a function of its rows, in the order given, and of its seed; it never sees the
    other rows. A voter without rows is None, and one whose rows have a single label votes it.

    Parameters
    ----------
    estimator : estimator
        The base estimator, left as it is.
    X : DataFrame, CSR matrix or ndarray of shape (n_rows, ...)
        Training rows.
    y : ndarray of shape (n_rows,)
        Raw labels, or numbers.
    rows_of_voters : iterable of ndarray of int
        The rows of each voter in canonical order.
    seeds : list of int
        The seed of each voter.
    classes : ndarray of shape (n_classes,), or None
        All labels, sorted; None where y holds numbers.
    labels_are_fixed : bool, default=False
        Whether `classes` was decided beforehand. Else it follows from all rows, and a voter may
        vote only for the labels of its own.
    memory : None, str, path-like or object with the interface of joblib.Memory, default=None
        Where voters are kept from one fit to the next, so that those that follow from the same
        rows, labels, seed, estimator and versions are not fitted again.
    n_jobs
        As in joblib.
    verbose : int or Progress
        What is told meanwhile.
    on_voter_error : {"raise", "abstain"}
        What to do if a voter cannot be fitted.

    Returns
    -------
    Voters

    Raises
    ------
    VoterError
        If a voter cannot be fitted and `on_voter_error` is "raise", or if none can.
    """
    known = _nothing_known(seeds, classes, labels_are_fixed)
    memory = open_memory(memory, estimator, learns_numbers=classes is None)
    nobody = Voters(estimator, classes, seeds, [None] * len(seeds), known, memory)
    return nobody.refit(
        range(len(seeds)),
        X,
        y,
        rows_of_voters,
        n_jobs=n_jobs,
        verbose=verbose,
        on_voter_error=on_voter_error,
    )


def fit_voters_from(
    source,
    estimator,
    parts_of_voters,
    seeds,
    classes,
    *,
    labels_are_fixed=False,
    memory=None,
    n_jobs,
    verbose,
    on_voter_error,
):
    """Fit voters, each on its own rows, which are read where it is fitted.

    Parameters
    ----------
    source : object
        What gives the rows of parts, as `fit_with_reading_workers` takes it.
    estimator : estimator
        The base estimator, left as it is.
    parts_of_voters : sequence of sequence of int
        The parts that each voter learns from.
    seeds, classes, labels_are_fixed, n_jobs, verbose, on_voter_error
        As for `fit_voters`.
    memory : None, str, path-like or object with the interface of joblib.Memory, default=None
        As for `fit_voters`. Voters stay there, and are loaded when they are asked.

    Returns
    -------
    Voters
        Those that `fit_voters` makes of the same rows.

    Raises
    ------
    VoterError
        If a voter cannot be fitted and `on_voter_error` is "raise", or if none can.
    """
    memory = open_memory(memory, estimator, learns_numbers=classes is None)
    fitted, labels = fit_with_reading_workers(
        learn_numbers if classes is None else learn_labels,
        estimator,
        source,
        parts_of_voters,
        seeds,
        memory=memory,
        n_jobs=n_jobs,
        verbose=verbose,
        on_voter_error=on_voter_error,
    )
    known = _nothing_known(seeds, classes, labels_are_fixed)
    if known is not None:
        for number, own in enumerate(labels):
            known[number, np.searchsorted(classes, own)] = True
    estimators = fitted.estimators
    _tell_of_fit(fitted, estimators, memory, verbose)
    if memory is not None:
        estimators = KeptVoters(estimators, memory)
    return Voters(estimator, classes, seeds, estimators, known, memory, fitted.keys)
