"""Inverse self-paced learning with boosting: the filter."""

from functools import partial
from numbers import Real
from typing import ClassVar

import numpy as np
from joblib import Parallel, delayed
from sklearn.utils import check_random_state

from .._compat import HasMethods, Integral, Interval, StrOptions
from .._compute.seeds import LARGEST_SEED
from .._training import LearningTask, rows_for, takes_sparse_rows
from .._user_warnings import warn_user
from ..exceptions import FilterWarning, InvalidInputError
from ._bag import BagSettings, run_bag
from ._base import TrainingSetFilter
from ._self_paced_learning import SelfPacedSchedule
from ._self_training import SelfTraining, likely_enough

__all__ = ["InverseSelfPacedFilter"]


class InverseSelfPacedFilter(TrainingSetFilter):
    """Find poison by what weak learners of parts of the training set say about the rest.

    A backdoor is learned from its own few rows: learning the task itself does not help with it. So
    rounds of inverse self-paced learning split the training set into components that fit
    themselves, the poison ends up in few of them, and a weak learner of every component votes
    on every row. Rows whose own label the weak learners vote for are kept. Self-training then
    wins back what was only hard: learners of the kept rows judge rows that they have not seen,
    and a row is dropped if they give its label next to no chance.

    Neither the share of poison nor any trusted row is needed. It takes that most rows of each
    class are clean, and that learning from clean rows does not teach the backdoor.

    This is an empirical defence: it proves nothing, and a certified classifier that is trained on
    what it keeps has lost its certificate.

    Parameters
    ----------
    learner : estimator, torch module or callable, default=None
        What is trained, an epoch at a time: a classifier with `partial_fit` and
        `predict_proba`, whose `random_state` is set; a torch module or its class with one
        output per class, which is wrapped by skorch; or a callable ``learner(seed)`` that
        returns either. None stands for a small network on scaled features. The learner must be
        able to learn the task in few steps; linear learners rarely do.
    n_rounds : int, default=4
        Number of components that each bag splits the rows into (1 / beta in the paper, which
        takes 8).
    n_bags : int, default=3
        How often the rows are split anew. There are `n_bags` x `n_rounds` weak learners.
    expansion_factor : float, default=0.25
        The share of the selected rows that each iteration learns from (alpha in the paper).
    momentum : float, default=0.9
        Weight of earlier iterations in the average loss of a row (eta in the paper).
    initial_share : float, default=3.0
        The share of rows that is selected first, as a multiple of the last (beta_0 in the
        paper).
    min_class_share : float, default=0.5
        Every iteration also selects the rows of lowest loss in each class: this part of the
        share that it selects overall. The paper takes 1/8; more keeps components balanced.
    warm_up_epochs : int, default=2
        Number of epochs of the first iteration of a round.
    epochs_per_iteration : int, default=1
        Number of epochs of every later iteration.
    weak_epochs : int, default=3
        Number of epochs of a weak learner. More lets the poison in.
    max_epoch_size : int, default=1250
        The most rows that an epoch visits, so that learners stay weak however many rows there
        are.
    keep : {"own_share", "modal"}, default="own_share"
        Which rows the votes keep: those of whose weak learners more than `threshold` vote for
        the row's own label, or those whose own label has most votes, ties broken at random.
    threshold : float, default=0.5
        See `keep`.
    self_training_cycles : int, default=4
        How often the kept rows teach learners that judge all rows; 0 leaves the votes' answer.
    self_training_folds : int, default=3
        Number of parts of the rows; each is judged by a learner of the kept rows of the others.
    self_training_epochs : int, default=3
        Number of epochs of these learners.
    self_training_epoch_size : int, default=10000
        The most rows that such an epoch visits.
    self_training_momentum : float, default=0.5
        Weight of earlier cycles in the average probability of a row's label.
    self_training_threshold : float, default=0.25
        A row is kept if the average probability of its label is at least this part of the median
        of its class. Lower loses fewer clean rows and lets more poison through.
    self_training_deviations : float, default=1.5
        A row is also kept if, on the scale of log odds, that probability lies below the median of
        its class by no more than so many median deviations (times 1.4826): where classes
        overlap, low probabilities are usual. It makes no difference where they are well apart.
    random_state : int, RandomState instance or None, default=0
        Source of all seeds.
    n_jobs : int, default=None
        Number of bags, then folds, that are worked on at the same time, through joblib. The
        result is the same whatever it is.
    verbose : int, default=0
        If positive, say what each round and cycle came to.

    Attributes
    ----------
    keep_mask_ : ndarray of bool, of shape (n_rows,)
        Which rows to keep.
    keep_mask_before_self_training_ : ndarray of bool, of shape (n_rows,)
        Which rows the votes keep.
    components_ : list of ndarray of int64
        The rows of each component, bag after bag. A bag ends early if at most 4 % of the rows are
        left, which are then in none of its components.
    votes_ : ndarray of int64, of shape (n_rows, n_components)
        The vote of each component's weak learner on each row: index into ``classes_``.
    vote_share_ : ndarray of float64, of shape (n_rows,)
        The share of the weak learners that vote for the row's own label.
    threshold_ : float or None
        The vote share above which the votes kept rows; None if ``keep="modal"``.
    own_probability_ : ndarray of float64, of shape (n_rows,), or None
        The average probability of the row's own label in self-training; None without it.
    suspicion_ : ndarray of float64, of shape (n_rows,)
        One minus ``own_probability_``, or minus ``vote_share_`` without self-training.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    n_features_in_ : int
        Number of features seen during ``fit``.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X is a DataFrame with string names.

    See Also
    --------
    SanitizedClassifier : Filters and fits in one.
    BoostingHomogeneousSets : The vote of whole components, of which the theory speaks.
    SpectralSignatureFilter, ActivationClusteringFilter, TrimmedLossFilter : Other filters.

    Notes
    -----
    It differs from the paper in self-training, where rows are judged by learners that have not
    seen them, by probability instead of by prediction: rows that are hard but clean come back, and
    poison that slipped through cannot speak for itself. The paper's step keeps what one
    network, trained on it, agrees with.

    Self-training keeps at least half of each class: it cannot tell a class that is mostly poison.
    Where the votes keep next to no row of a class, it warns.

    Where classes overlap, clean rows that look like another class contradict the rest as poison
    does, and are dropped too.

    References
    ----------
    Algorithm 2 and appendix B.1 of "Defending Against Backdoor Attacks Using Ensembles of Weak
    Learners".

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn_certify.datasets import make_backdoor
    >>> from sklearn_certify.metrics import false_negatives, false_positives
    >>> from sklearn_certify.sanitize import InverseSelfPacedFilter
    >>> X, y = load_digits(return_X_y=True)
    >>> X, y, poisoned, _ = make_backdoor(
    ...     X, y, source=0, target=6, trigger="L", image_shape=(8, 8), random_state=2
    ... )
    >>> keep = InverseSelfPacedFilter().fit(X, y).keep_mask_
    >>> int(poisoned.sum()), false_negatives(poisoned, keep)
    (18, 0)
    >>> false_positives(poisoned, keep, normalize=True) < 0.03
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "learner": [None, callable, HasMethods("fit"), HasMethods("partial_fit")],
        "n_rounds": [Interval(Integral, 2, None, closed="left")],
        "n_bags": [Interval(Integral, 1, None, closed="left")],
        "expansion_factor": [Interval(Real, 0, 1, closed="right")],
        "momentum": [Interval(Real, 0, 1, closed="left")],
        "initial_share": [Interval(Real, 1, None, closed="left")],
        "min_class_share": [Interval(Real, 0, 1, closed="both")],
        "warm_up_epochs": [Interval(Integral, 1, None, closed="left")],
        "epochs_per_iteration": [Interval(Integral, 1, None, closed="left")],
        "weak_epochs": [Interval(Integral, 1, None, closed="left")],
        "max_epoch_size": [Interval(Integral, 1, None, closed="left")],
        "keep": [StrOptions({"own_share", "modal"})],
        "threshold": [Interval(Real, 0, 1, closed="left")],
        "self_training_cycles": [Interval(Integral, 0, None, closed="left")],
        "self_training_folds": [Interval(Integral, 2, None, closed="left")],
        "self_training_epochs": [Interval(Integral, 1, None, closed="left")],
        "self_training_epoch_size": [Interval(Integral, 1, None, closed="left")],
        "self_training_momentum": [Interval(Real, 0, 1, closed="left")],
        "self_training_threshold": [Interval(Real, 0, 1, closed="neither")],
        "self_training_deviations": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        learner=None,
        n_rounds=4,
        n_bags=3,
        *,
        expansion_factor=0.25,
        momentum=0.9,
        initial_share=3.0,
        min_class_share=0.5,
        warm_up_epochs=2,
        epochs_per_iteration=1,
        weak_epochs=3,
        max_epoch_size=1250,
        keep="own_share",
        threshold=0.5,
        self_training_cycles=4,
        self_training_folds=3,
        self_training_epochs=3,
        self_training_epoch_size=10_000,
        self_training_momentum=0.5,
        self_training_threshold=0.25,
        self_training_deviations=1.5,
        random_state=0,
        n_jobs=None,
        verbose=0,
    ):
        self.learner = learner
        self.n_rounds = n_rounds
        self.n_bags = n_bags
        self.expansion_factor = expansion_factor
        self.momentum = momentum
        self.initial_share = initial_share
        self.min_class_share = min_class_share
        self.warm_up_epochs = warm_up_epochs
        self.epochs_per_iteration = epochs_per_iteration
        self.weak_epochs = weak_epochs
        self.max_epoch_size = max_epoch_size
        self.keep = keep
        self.threshold = threshold
        self.self_training_cycles = self_training_cycles
        self.self_training_folds = self_training_folds
        self.self_training_epochs = self_training_epochs
        self.self_training_epoch_size = self_training_epoch_size
        self.self_training_momentum = self_training_momentum
        self.self_training_threshold = self_training_threshold
        self.self_training_deviations = self_training_deviations
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _takes_sparse_rows(self):
        return takes_sparse_rows(self.learner)

    def _keep_rows(self, X, y):
        if self.self_training_cycles and len(y) < 2 * self.self_training_folds:
            raise InvalidInputError(
                f"{len(y)} rows (n_samples={len(y)}) are too few for self_training_folds="
                f"{self.self_training_folds}: there must be twice as many."
            )
        random_state = check_random_state(self.random_state)
        task = LearningTask(self.learner, rows_for(self.learner, X), y, len(self.classes_))
        self._vote(task, random_state)
        keep = self._agreeing(y, random_state)
        self.keep_mask_before_self_training_ = keep
        self.suspicion_ = 1 - self.vote_share_
        self.own_probability_ = None
        return self._self_train(task, keep, random_state) if self.self_training_cycles else keep

    def _vote(self, task, random_state):
        """Let the weak learners of all bags vote."""
        schedule = SelfPacedSchedule(
            self.expansion_factor,
            self.momentum,
            self.min_class_share,
            self.warm_up_epochs,
            self.epochs_per_iteration,
            self.max_epoch_size,
        )
        settings = BagSettings(self.n_rounds, self.initial_share, self.weak_epochs, schedule)
        seeds = random_state.randint(LARGEST_SEED, size=self.n_bags).tolist()
        bags = Parallel(n_jobs=self.n_jobs)(
            delayed(run_bag)(
                task, settings, seed, self._reporter(f"bag {number} of {self.n_bags},")
            )
            for number, seed in enumerate(seeds, start=1)
        )
        self.votes_ = np.concatenate([votes for votes, _ in bags], axis=1)
        self.components_ = [component for _, components in bags for component in components]
        self.threshold_ = self.threshold if self.keep == "own_share" else None
        self.vote_share_ = (self.votes_ == task.y[:, np.newaxis]).mean(axis=1)

    def _agreeing(self, y, random_state):
        """Return the rows whose label the weak learners vote for."""
        if self.keep == "own_share":
            return self.vote_share_ > self.threshold
        counts = np.stack(
            [(self.votes_ == label).sum(axis=1) for label in range(len(self.classes_))]
        )
        ties = random_state.uniform(size=counts.shape)  # below one vote
        return (counts + ties).argmax(axis=0) == y

    def _first_teachers(self, y, keep):
        """Return the rows that the votes keep, and the better half of classes without any."""
        teachers = keep.copy()
        rejected = []
        for index, label in enumerate(self.classes_.tolist()):
            rows = np.flatnonzero(y == index)
            half = -(-len(rows) // 2)
            if np.count_nonzero(keep[rows]) < min(self.self_training_folds, half):
                teachers[rows[np.argsort(-self.vote_share_[rows], kind="stable")[:half]]] = True
                rejected.append(label)
        if rejected:
            warn_user(
                f"The weak learners reject nearly all rows of {rejected[:5]}; self-training takes "
                "the better half of each as true, so that poison may stay there. More or larger "
                "epochs, or another learner, may do better.",
                FilterWarning,
            )
        return teachers

    def _self_train(self, task, keep, random_state):
        """Return the rows whose labels are likely enough to learners that have not seen them."""
        self_training = SelfTraining(
            self.self_training_folds, self.self_training_epochs, self.self_training_epoch_size
        )
        keep = self._first_teachers(task.y, keep)
        for cycle in range(self.self_training_cycles):
            own = self_training.judge(task, keep, random_state, self.n_jobs)
            if cycle:
                earlier = self.self_training_momentum
                own = earlier * self.own_probability_ + (1 - earlier) * own
            self.own_probability_ = own
            keep = likely_enough(
                own, task.y, self.self_training_threshold, self.self_training_deviations
            )
            self._say(f"self-training, cycle {cycle + 1}: {np.count_nonzero(~keep)} rows dropped")
        self.suspicion_ = 1 - self.own_probability_
        return keep

    def _reporter(self, prefix):
        if not self.verbose:
            return None
        return partial(print, f"{type(self).__name__}: {prefix}", flush=True)

    def _say(self, line):
        if self.verbose:
            print(f"{type(self).__name__}: {line}", flush=True)
