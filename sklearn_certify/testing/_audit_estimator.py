"""An audit for people: is this estimator's certificate true, and what should be mended?"""

import warnings
from numbers import Integral

from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from .._steps import has_parts_to_try, is_filter
from ..audit import find_unsound_steps, split_pipeline
from ..ensemble import BaggingCertifiedClassifier
from ..exceptions import CertifyError, CertifyWarning, InvalidInputError, UnsoundPipelineError
from ..threat import find_threat_model
from ._audit_report import AuditFinding, AuditReport
from ._harmless_changes import changed_voters
from ._regression_subject import make_any_subject
from ._subject import Subject, refuse_periods
from ._training_set import make_training_set

__all__ = ["audit_estimator"]

_FREEZE_SEARCH = (
    "Choose parameters on trusted rows, or by a rule that was fixed before; or say that the "
    "certificate is about the parameters chosen."
)

_SAID = ""  # what to do is said by the message itself


def audit_estimator(
    estimator, X=None, y=None, *, groups=None, periods=None, empirical=False, random_state=0
):
    """Look for what voids the certificates of an estimator, and say what to do about it.

    What is seen without rows is looked at always: the kinds of steps, and parameters. With X
    alone, a fitted estimator's steps of an unknown kind are tried on it. With X and y a clone is
    fitted on them, and what it warns of is told. With `empirical`, further clones are fitted
    after changes that must be harmless, and voters that changed all the same are reported.

    Parameters
    ----------
    estimator : estimator
        A certified classifier, or a `Pipeline` or search object around one. It is not changed.
    X : array-like of shape (n_rows, ...), default=None
        Training rows if y is given, else rows to ask about.
    y : array-like of shape (n_rows,), default=None
        Labels.
    groups : array-like of shape (n_rows,), default=None
        The contributor of each row, as ``fit`` takes it.
    periods : array-like of int of shape (n_rows,), default=None
        The period in which each row came, for classifiers whose certificates count periods, such as
        `TemporalAggregationClassifier`.
    empirical : bool, default=False
        Whether to fit again, about ten times, after harmless changes: another fit, another order
        of the rows, another layout in memory, wider numbers; and one far row more, one row less
        or another label, which only the voters that learn from that row may notice.
    random_state : int, default=0
        Chooses the rows of the changes.

    Returns
    -------
    AuditReport
        A sequence of findings (`severity`, `step`, `why`, `mend`), with `sound`, ``to_frame()``
        and a table in notebooks.

    Raises
    ------
    InvalidInputError
        If there is no certified classifier in `estimator`, X or y is missing for what is asked, or
        there are periods and certificates that count none.
    NotFittedError
        If there is X, but no y, and the estimator was not fitted.

    See Also
    --------
    check_soundness : Attacks a classifier, to break its certificates.
    sklearn_certify.audit.find_unsound_steps : Lists unsound steps alone.

    Notes
    -----
    An audit that finds nothing is no proof. What no check can see, such as trusted data that is
    not, is listed in the user guide.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_certify import DPAClassifier, audit_estimator
    >>> X, y = load_wine(return_X_y=True)
    >>> report = audit_estimator(make_pipeline(StandardScaler(), DPAClassifier(n_partitions=9)))
    >>> report.sound, len(report)
    (False, 1)
    >>> report[0].severity, report[0].step
    ('error', 'standardscaler')
    >>> print(report[0].mend)
    Move it into the classifier, ...
    >>> print(audit_estimator(DPAClassifier(n_partitions=9), X, y, empirical=True))
    DPAClassifier: nothing was found, which is no proof that there is nothing.
    Looked at: the kinds of steps and parameters; what fit warns of; steps tried on the rows;
      fitted once more; fitted twice, with the rows in another order the first time; ...
    """
    if empirical and (X is None or y is None):
        raise InvalidInputError("empirical=True fits again: pass X and y.")
    if y is not None and X is None:
        raise InvalidInputError("y was given without X.")
    name, tried = type(estimator).__name__, ["the kinds of steps and parameters"]
    training_set = None if y is None else make_training_set(X, y, groups, periods)
    findings, template = _search_findings(estimator)
    try:
        classifier = split_pipeline(template)[1]
    except UnsoundPipelineError as error:
        return AuditReport(name, [*findings, _error(name, str(error), _SAID)], tried)
    if periods is not None and getattr(classifier, "threat_model", None) != "temporal":
        refuse_periods(classifier)
    fitted = template
    if training_set is not None:
        tried.append("what fit warns of")
        fitted, found = _fit(estimator, training_set)
        findings += found
        if fitted is None:
            findings += _of_steps(template, None)
            return AuditReport(name, _once([*findings, *_of_parameters(template)]), tried)
    elif X is not None:
        check_is_fitted(split_pipeline(estimator)[1])
        fitted = estimator
    if X is not None:
        tried.append("steps tried on the rows")
    findings += _of_steps(fitted, X) + _of_parameters(fitted)
    if empirical:
        subject = make_any_subject(
            fitted if template is not estimator else estimator, training_set, None
        )[0]
        names, found = changed_voters(subject, training_set, random_state)
        tried += names
        findings += [AuditFinding("error", name, why, mend) for why, mend in found]
    return AuditReport(name, _once(findings), tried)


def _error(step, why, mend):
    return AuditFinding("error", step, why, mend)


def _once(findings):
    return list(dict.fromkeys(findings))


def _search_findings(estimator):
    """Return what is to be said of a search, and what it searches the parameters of."""
    if not (hasattr(estimator, "error_score") and hasattr(estimator, "refit")):
        return [], estimator
    why = (
        "It chooses parameters by looking at all training rows, which certificates do not count: "
        "they are about the parameters as they are."
    )
    found = [AuditFinding("warning", type(estimator).__name__, why, _FREEZE_SEARCH)]
    try:
        check_is_fitted(estimator)
        return found, estimator
    except NotFittedError:
        return found, estimator.estimator


def _fit(estimator, training_set):
    """Return a fitted clone, None if it refuses the rows, and what it warned of or was refused."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fitted = Subject(estimator).fit_aloud(training_set)
        except CertifyError as error:
            return None, [_error(type(estimator).__name__, str(error), _SAID)]
    # a search warns of its folds too, and last of all rows
    own = {w.category: str(w.message) for w in caught if issubclass(w.category, CertifyWarning)}
    place = type(split_pipeline(fitted)[1]).__name__
    return fitted, [AuditFinding("warning", place, told, _SAID) for told in own.values()]


def _of_steps(estimator, X):
    found = [
        _error(step.name, f"It {step.reason}.", step.mend)
        for step in find_unsound_steps(estimator, X)
    ]
    if X is not None:
        return found
    known = {finding.step for finding in found}
    for name, step in split_pipeline(estimator)[0]:
        if name not in known and not is_filter(step) and has_parts_to_try(step):
            why = "Its kind does not tell whether it treats each row alone, to the last bit."
            found.append(AuditFinding("warning", name, why, "Pass X, on which it is tried."))
    return found


def _of_parameters(estimator):
    """Return what parameters of the certified classifier mean for its certificates."""
    classifier = split_pipeline(estimator)[1]
    name, found = type(classifier).__name__, []
    for check in ("_fit_transformer", "_get_estimator"):  # which refuse what voids certificates
        try:
            getattr(clone(classifier), check, lambda: None)()
        except UnsoundPipelineError as error:
            found.append(_error(name, str(error), _SAID))
    parameters = classifier.get_params(deep=False)
    if parameters.get("hash_function") is not None:
        found.append(
            AuditFinding(
                "warning",
                "hash_function",
                "It must look at each row alone; fit compares twenty rows with themselves alone, "
                "and trusts it with the others.",
                "Leave it out, where hashes of the content do.",
            )
        )
    if isinstance(classifier, BaggingCertifiedClassifier):
        found += _of_bagging(classifier)
    return found


def _of_bagging(classifier):
    found = []
    if classifier.random_state is not None:
        found.append(
            AuditFinding(
                "warning",
                "random_state",
                "The confidence is over a seed that no attacker knows, and this one is written "
                "down.",
                "Keep the seed secret, or leave random_state=None.",
            )
        )
    counts_rows = isinstance(classifier.max_samples, Integral)
    labels_alone = find_threat_model(classifier.threat_model, of_a_classifier=True).labels_alone
    if classifier.sampling != "bernoulli" and not counts_rows and not labels_alone:
        found.append(
            AuditFinding(
                "warning",
                "max_samples",
                "A fraction makes the number of rows per voter depend on how many rows there are, "
                "which an attacker can change: hardly any radius is above 0.",
                "Give a whole number.",
            )
        )
    return found
