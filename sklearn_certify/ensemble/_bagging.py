"""Certified bagging."""

from numbers import Integral, Real
from typing import ClassVar

import numpy as np

from .._compat import Interval, StrOptions
from .._user_warnings import warn_user
from ..certificates.resampling import SAMPLINGS
from ..partition import ExactContent, canonical_order
from ..threat import find_threat_model
from ..voters import voter_seeds
from ._elections import SampledPlurality
from ._subsamples import (
    draw_units,
    number_groups,
    resolve_max_samples,
    rows_of_units,
)
from ._voter_ensemble import VoterEnsembleClassifier

__all__ = ["BaggingCertifiedClassifier"]


class BaggingCertifiedClassifier(VoterEnsembleClassifier):
    """Bagging: voters on random subsamples, with certificates that hold with confidence.

    A voter that has drawn no poisoned row votes as it would have anyway. Few poisoned rows are in
    few subsamples, so a label that most voters choose survives them. The certificate is about
    the ensemble of infinitely many voters, whose shares the `n_estimators` fitted ones estimate.

    Parameters
    ----------
    estimator : estimator, default=None
        The classifier that every voter is a clone of; its `random_state`, if it has one, is set,
        and a `memory` is not used, which would change what is drawn. If it cannot learn the labels
        as they are, a voter learns their positions among its own.
        The default is a `StackedRidgeClassifier`: least squares in closed form, good on few rows,
        and thousands are fitted at once.
    n_estimators : int, default=1000
        Number of voters (N in the paper). More of them estimate the shares more closely.
    max_samples : int or float, default=100
        Rows that each voter draws (k in the paper), or a fraction of all rows, in (0, 1]. Fewer
        rows bear more poison and make weaker voters; as many as there are rows bear hardly any.
        Give a number, because a fraction makes it depend on how many rows there are, which an
        attacker can change, and then nearly nothing is certified. With "bernoulli" both work, and
        the fraction, each row's own probability, certifies a little more.
    alpha : float, default=0.001
        Chance that any certificate of one call is wrong. It is spent per call, over all its rows
        together: certify the whole test set at once. For what is proven of it see
        `sklearn_certify.certificates.bagging_radius`.
    transformer : transformer, default=None
        What each training row and each query goes through, alone, before voters see it: image
        features, hashed texts, a network in a `FrozenEstimator`. It must have nothing left to
        learn: what still has to be fitted belongs into `estimator`. Subsamples and certificates
        speak of the rows as they come.
    sampling : {"with_replacement", "without_replacement", "bernoulli"}, default="with_replacement"
        How rows are drawn: k times one of all, k different ones, or each for itself with a
        probability.
    threat_model : {"insert_delete", "insert", "delete", "modify", "label_flip"}, \
            default="insert_delete"
        What one unit of poison may do, see `sklearn_certify.threat`.
    classes : array-like of shape (n_classes,), default=None
        All labels there can be. If given, ``fit`` refuses others. Certificates are the same.
    poison_unit : {"auto", "row", "group"}, default="auto"
        What one unit of poison is: a row, or a group of rows (all of one contributor). "auto"
        counts groups where ``fit`` was given some. "group" refuses a ``fit`` without groups, such
        as that of a search that hands them to its splitter alone, and "row" one with groups.
    on_voter_error : {"raise", "abstain"}, default="raise"
        What to do if a voter fails, in ``fit`` or later, or if it answers NaN or what is no label:
        stop with an error that names the voter, or let it abstain and warn. That all voters fail
        is always an error.
    random_state : int, RandomState instance or None, default=None
        Source of the subsamples and of the voters' seeds. The confidence is over this choice: an
        attacker who knows it can aim at the subsamples that were drawn. So it must be a secret, as
        the default is; a known number is for experiments that repeat.
    memory : str, path-like or joblib.Memory, default=None
        Folder in which fitted voters are kept, or its URL if fsspec knows it. A voter whose rows,
        labels, seed, estimator and library versions were seen before is loaded, not fitted, so that
        a ``fit`` that was killed goes on, if `random_state` is a number; one with a row more or
        less draws anew, and keeps hardly any voter. Loading runs what is in the folder: nobody else
        may write to it.
    n_jobs : int, default=None
        Number of voters fitted at the same time, through joblib. Each voter computes on one core,
        so that votes are the same whatever `n_jobs` is.
    verbose : int, default=0
        With 1, long work tells how much is done: voters fitted, kept in `memory` and failed,
        votes cast, rows transformed, and the time left, in one line that is written again on a
        terminal and in a line every ten seconds elsewhere. With 2 it is every second, from 10 on
        after each task. With scikit-learn 1.9 or later, callbacks such as its progress bar do the
        same for ``fit``: see ``set_callbacks``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    n_features_in_ : int
        Number of features seen during ``fit``; missing if rows are texts.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X is a DataFrame with string names.
    n_voters_ : int
        Number of voters.
    poison_unit_ : {"row", "group"}
        What certificates count.
    n_units_ : int
        Number of rows, or of groups, that voters draw from.
    max_samples_ : int or float
        Rows, or groups, that each voter draws; their mean number with "bernoulli".
    estimators_ : list of estimators or None
        The fitted voters; None for one without rows, or that failed.

    See Also
    --------
    DPAClassifier : Voters on disjoint parts: certificates that need no confidence.

    Notes
    -----
    Where the votes do not tell which label has the largest share, the classifier abstains: the
    radius is -1, while ``predict`` still returns the label with most votes. With groups, voters
    draw contributors and learn from all their rows.

    `alpha`, `threat_model`, `on_voter_error`, `memory`, `n_jobs` and `verbose` may be changed
    after ``fit``, by ``set_params``. What votes rest on may not: then predictions are refused
    until the next ``fit``.

    References
    ----------
    Jia, Cao and Gong, "Intrinsic Certified Robustness of Bagging against Data Poisoning Attacks",
    AAAI 2021, Theorem 1 and Algorithm 1; see `sklearn_certify.certificates.bagging_radius` for
    what is computed and for the other ways of sampling.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn_certify import BaggingCertifiedClassifier
    >>> X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)
    >>> classifier = BaggingCertifiedClassifier(
    ...     n_estimators=300, max_samples=30, random_state=0
    ... ).fit(X, y)
    >>> labels, radii = classifier.predict_certified(X_test)
    >>> labels[:3]
    array([2, 8, 2])
    >>> radii[:3]
    array([13,  0, 18])
    >>> round(classifier.certified_accuracy(X_test, y_test, poison_size=5), 2)
    0.6
    """

    _parameter_constraints: ClassVar[dict] = {
        **VoterEnsembleClassifier._parameter_constraints,
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "max_samples": [
            Interval(Integral, 1, None, closed="left"),
            Interval(Real, 0, 1, closed="right"),
        ],
        "alpha": [Interval(Real, 0, 1, closed="neither")],
        "sampling": [StrOptions(set(SAMPLINGS))],
    }

    _may_change_after_fit: ClassVar[frozenset] = frozenset(
        {*VoterEnsembleClassifier._may_change_after_fit, "alpha"}
    )

    def __init__(
        self,
        estimator=None,
        n_estimators=1000,
        max_samples=100,
        alpha=0.001,
        *,
        transformer=None,
        sampling="with_replacement",
        threat_model="insert_delete",
        classes=None,
        poison_unit="auto",
        on_voter_error="raise",
        random_state=None,
        memory=None,
        n_jobs=None,
        verbose=0,
    ):
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.alpha = alpha
        self.transformer = transformer
        self.sampling = sampling
        self.threat_model = threat_model
        self.classes = classes
        self.poison_unit = poison_unit
        self.on_voter_error = on_voter_error
        self.random_state = random_state
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose

    def _assign_rows(self, X, y, groups, row_hashes, label_hashes, random_state):
        order = canonical_order(row_hashes, label_hashes, ExactContent(X, y))
        units = None if groups is None else number_groups(groups)
        n_units = len(order) if units is None else int(units.max()) + 1
        sampling = self.sampling
        max_samples = resolve_max_samples(self.max_samples, n_units, sampling)
        seeds = voter_seeds(self.n_estimators, random_state)
        draw_seeds = voter_seeds(self.n_estimators, random_state)
        to_rows = rows_of_units(order, units)
        self.n_units_ = n_units
        self.max_samples_ = max_samples
        self._labels_seen = np.unique(y)
        self._warn_if_draws_depend_on_the_attacker()
        rows_of_voters = (
            to_rows(draw_units(n_units, max_samples, sampling, seed)) for seed in draw_seeds
        )
        return rows_of_voters, seeds

    def _warn_if_draws_depend_on_the_attacker(self):
        if (
            self.sampling != "bernoulli"
            and not isinstance(self.max_samples, Integral)
            and not find_threat_model(self.threat_model).labels_alone
        ):
            warn_user(
                f"max_samples={self.max_samples} makes the number of rows per voter, here "
                f"{self.max_samples_}, depend on the number of training rows, which an attacker "
                "can change. No radius is larger than the change in rows that leaves it as it is; "
                f"give max_samples={self.max_samples_} instead.",
                UserWarning,
            )

    def _election_type(self):
        return SampledPlurality

    def _make_election(self):
        return SampledPlurality(
            len(self.classes_),
            seen=np.isin(self.classes_, self._labels_seen),
            n_units=self.n_units_,
            n_voters=self.n_voters_,
            alpha=self.alpha,
            threat_model=self.threat_model,
            max_samples=self.max_samples,
            sampling=self.sampling,
        )
