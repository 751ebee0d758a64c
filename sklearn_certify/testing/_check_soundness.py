"""The search for a counterexample, from rows and labels to a verdict."""

import numpy as np

from ..exceptions import InvalidInputError
from ._attackers import attack_as_a_mass, attack_with_one_unit
from ._rearrangements import rearrangements
from ._regression_scene import RegressionScene
from ._regression_subject import RegressionSubject, make_any_subject
from ._report import SoundnessReport
from ._scene import Scene
from ._subject import refuse_periods
from ._temporal_attackers import attack_at_any_time, attack_where_it_hurts
from ._temporal_scene import TemporalScene
from ._temporal_trials import TemporalTrials
from ._training_set import make_training_set
from ._trials import Trials
from ._white_box import attack_the_margin

__all__ = ["check_soundness"]

_N_QUERIES = 20  # held out if there are no test rows


def check_soundness(
    estimator,
    X,
    y,
    X_test=None,
    *,
    groups=None,
    periods=None,
    threat_model=None,
    n_attacks=100,
    random_state=0,
):
    """Attack a certified classifier, and say what broke.

    The training set is poisoned in as many ways as are tried, the classifier is fitted on each,
    and its predictions are compared with what it certified without poison. Where voters can be
    told apart, those that the poison does not reach must say the same to the last bit. First
    comes what is no poison: another order of the rows, another memory layout, pickling, a second
    fit, parallel work. Then odd rows, copies of queries with other labels, rows and classes taken
    away; and attackers who see the votes and aim at the voters that carry the margin.

    It is a search for counterexamples: finding one shows that certificates do not hold, finding
    none is no proof that they do.

    Parameters
    ----------
    estimator : estimator
        A certified classifier of this package or of your own: a classifier with
        ``predict_certified(X)``, which returns labels and radii. A `Pipeline` around one. A
        search object, which chooses parameters once, on the clean rows. Or a plain classifier,
        which is tried as the base estimator of a `DPAClassifier`. Or a regressor, certified or
        plain: its predictions are to stay within intervals that it certifies. It is not changed.
    X : {array-like, sparse matrix, DataFrame} of shape (n_rows, ...)
        Rows, whatever `estimator` takes.
    y : array-like of shape (n_rows,)
        Labels, or targets of a regression.
    X_test : array-like of shape (n_queries, ...), default=None
        Rows whose predictions are watched. None: some rows of X, which are then not learned from.
    groups : array-like of shape (n_rows,), default=None
        The contributor of each row, as ``fit`` takes it; one unit of poison is one contributor.
    periods : array-like of int of shape (n_rows,), default=None
        The period in which each row came, for classifiers whose certificates count periods, such as
        `TemporalAggregationClassifier`: attacks do anything within consecutive ones.
    threat_model : {"insert_delete", "insert", "delete", "modify", "label_flip"}, default=None
        What one unit of poison may do. None: what `estimator` says, in its `threat_model`.
    n_attacks : int, default=100
        The number of poisoned training sets that are fitted. Those that make a counterexample
        smaller come on top, and about ten fits without poison.
    random_state : int, default=0
        Chooses rows and moves those of the attackers. The classifier gets a seed of its own if
        it has none, because certificates compare fits with the same one.

    Returns
    -------
    SoundnessReport
        True in a boolean context if no counterexample was found; to be printed.

    Raises
    ------
    UnsoundPipelineError
        If a step before the classifier was fitted on the training rows, so that there is no
        certificate to attack.
    InvalidInputError
        If `estimator` cannot be fitted on poisoned rows, or nobody says what poison may do; if
        certificates count periods and there are none, or the other way round.

    Notes
    -----
    Poisoned rows that the classifier refuses to learn from, by an error of this package or a
    ``ValueError``, count as refused; other exceptions count as counterexamples.

    Certificates of a `BaggingCertifiedClassifier` hold with confidence, over a seed that no
    attacker knows, and speak of infinitely many voters. One of them counts as broken if the
    poisoned classifier certifies another label, under three seeds.

    How much an attack can break depends on the voters. A base estimator that a single row turns,
    such as ``KNeighborsClassifier(1)``, tries the certificate; your own tries what its voters can
    see of the rows of others.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.testing import check_soundness
    >>> X, y = load_iris(return_X_y=True)
    >>> report = check_soundness(DPAClassifier(GaussianNB(), n_partitions=7), X, y, n_attacks=20)
    >>> report.sound
    True
    >>> report.counterexample is None
    True
    """
    rng = np.random.default_rng(random_state)
    rows = make_training_set(X, y, groups, periods)
    training_set, queries, row_numbers = _split(rows, X_test, rng)
    subject, threat_model = make_any_subject(estimator, training_set, threat_model)
    in_time = threat_model == "temporal"
    if in_time and periods is None:
        raise InvalidInputError(
            f"Certificates of {type(subject.classifier).__name__} count periods: pass periods=."
        )
    if not in_time and periods is not None:
        refuse_periods(subject.classifier)
    trials = (TemporalTrials if in_time else Trials)(
        subject, training_set, queries, threat_model, row_numbers
    )
    smallest = _search(trials, n_attacks, rng)
    return SoundnessReport(
        smallest is None,
        smallest,
        subject.estimator,
        threat_model,
        trials.sizes,
        trials.n_refused,
        trials.before.radii,
    )


def _split(training_set, X_test, rng):
    """Return rows to learn from, rows to ask about, and the numbers of the former."""
    n_rows = len(training_set)
    if X_test is not None:
        numbers = np.arange(n_rows)
        return training_set.take(numbers), X_test, numbers
    if n_rows < 4:
        raise InvalidInputError(f"{n_rows} rows are too few to hold some out; pass X_test.")
    order = rng.permutation(n_rows)
    n_queries = min(_N_QUERIES, n_rows // 4)
    numbers = np.sort(order[n_queries:])
    return training_set.take(numbers), training_set.take(order[:n_queries]).X, numbers


def _attackers(trials, rng):
    """Return the attackers, each as often as it has its turn."""
    if isinstance(trials, TemporalTrials):
        scene = TemporalScene(trials, rng)
        return [attack_where_it_hurts(scene), attack_at_any_time(scene)]
    of_numbers = isinstance(trials.subject, RegressionSubject)
    scene = (RegressionScene if of_numbers else Scene)(trials, rng)
    single = attack_with_one_unit(scene)
    return [single, attack_as_a_mass(scene), single, attack_the_margin(scene)]


def _search(trials, n_attacks, rng):
    """Return the smallest counterexample that is found, or None."""
    for name, fit in rearrangements(trials.subject, trials.training_set, rng):
        trial = trials.rearrange(name, fit)
        if trial.counterexample is not None:
            return trial.counterexample
    turns, smallest = _attackers(trials, rng), None
    answers = dict.fromkeys(turns)
    while turns and n_attacks > 0:
        attacker = turns.pop(0)
        try:
            attack = attacker.send(answers[attacker])
        except StopIteration:
            turns = [other for other in turns if other is not attacker]
            continue
        turns.append(attacker)
        answers[attacker] = None
        if smallest is not None and attack.size >= smallest.size:
            continue
        n_attacks -= 1
        trial = answers[attacker] = trials.attack(attack)
        if trial.counterexample is not None:
            smallest = trials.shrink(trial).counterexample
            if smallest.size <= 1:
                break
    return smallest
