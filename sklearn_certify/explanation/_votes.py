"""Votes, rivals, targets and roles, with the names of labels in the place of their numbers."""

import numpy as np

from ..certificates._targets import leads_over

__all__ = ["aims", "certificate", "named", "roles", "votes_of", "votes_of_ensemble"]


def certificate(classifier, election, ballots, target):
    """Return what an ensemble predicts for one row, and how much poison that bears.

    Parameters
    ----------
    classifier : VoterEnsembleClassifier
        Fitted.
    election : Election
        Its election.
    ballots : ndarray
        The voters' ballots on the row.
    target : label or None
        The label that an attacker wants.

    Returns
    -------
    wanted : int or None
        Index of the target, the number of classes if it is none of them.
    predicted, radius : int
        Index of the predicted class, and the certified radius.
    """
    wanted = None if target is None else classifier._target_index(target)
    if wanted is None:
        (predicted,), (radius,) = election.certificates(*election.tally(ballots))
    else:
        tally = election.targeted_tally(ballots, wanted)
        (predicted,), (radius,) = election.certificates(*tally, target=wanted)
    return wanted, int(predicted), int(radius)


def votes_of(classifier, counts, predicted, radius):
    """Return the fields of an `Explanation` that all classifiers fill alike.

    Parameters
    ----------
    classifier : CertifiedClassifierMixin
        Fitted.
    counts : ndarray of int64, of shape (n_classes,)
        Votes for each class.
    predicted, radius : int
        Index of the predicted class, and the certified radius.

    Returns
    -------
    dict
    """
    labels = classifier.classes_.tolist()
    order = np.argsort(-counts, kind="stable").tolist()
    return {
        "classifier": type(classifier).__name__,
        "prediction": labels[predicted],
        "radius": int(radius),
        "votes": {labels[index]: int(counts[index]) for index in order},
        "threat_model": classifier.threat_model,
    }


def votes_of_ensemble(classifier, counts, votes, predicted, radius):
    """Return the fields of an `Explanation` that all ensembles fill alike.

    Parameters
    ----------
    classifier : VoterEnsembleClassifier
        Fitted.
    counts, predicted, radius
        As for `votes_of`.
    votes : ndarray of int64, of shape (n_voters,)
        Indices of classes, -1 = abstains.

    Returns
    -------
    dict
    """
    return {
        **votes_of(classifier, counts, predicted, radius),
        "n_voters": classifier.n_voters_,
        "n_abstaining": int(np.count_nonzero(votes < 0)),
        "n_without_model": sum(fitted is None for fitted in classifier.estimators_),
        "unit": getattr(classifier, "poison_unit_", "row"),
    }


def named(classifier, rivals):
    """Return the names of rivals, None for a label that the attacker invents.

    Parameters
    ----------
    classifier : CertifiedClassifierMixin
        Fitted.
    rivals : list of int
        Indices of classes; one beyond the last is an invented label.

    Returns
    -------
    dict
        Fields of an `Explanation`.
    """
    labels = [*classifier.classes_.tolist(), None]
    names = [labels[rival] for rival in rivals]
    return {"runner_up": names[0] if names else None, "rivals": names}


def aims(classifier, found, counts, target, wanted, *, voted=None):
    """Return what is told of the label that an attacker wants.

    Parameters
    ----------
    classifier : CertifiedClassifierMixin
        Fitted.
    found : dict
        Fields of an `Explanation` so far.
    counts : ndarray of int64, of shape (n_classes,)
        Votes for each class.
    target : label or None
        The label that is wanted.
    wanted : int or None
        Its index, the number of classes if it is none of them.
    voted : ndarray of int64, default=None
        The classes that can have votes; None: all.

    Returns
    -------
    dict
        Fields of an `Explanation`; none without a target.
    """
    if target is None:
        return {}
    labels = classifier.classes_.tolist()
    name = labels[wanted] if wanted < len(labels) else np.asarray(target).tolist()
    if name == found["prediction"]:
        return {"target": name, "radius": -1}
    told = {
        "target": name,
        "runner_up": name,
        "votes": {**found["votes"], name: found["votes"].get(name, 0)},
    }
    voted = np.arange(len(counts)) if voted is None else voted
    if wanted < len(counts) and wanted not in voted:
        return told  # an outlier label of its own, which passes nobody
    place = int(np.searchsorted(voted, wanted)) if wanted in voted else len(voted)
    leads = leads_over(counts[voted], place)
    leads = dict(zip(voted.tolist(), leads.tolist(), strict=True))
    leads.pop(wanted, None)
    lacks = {labels[index]: leads[index] for index in sorted(leads, key=lambda c: -leads[c])}
    return {**told, "lacks": lacks}


def roles(votes, predicted, rivals, rival="runner-up"):
    """Say for whom each of some votes is.

    Parameters
    ----------
    votes : ndarray of int64, of shape (n_votes,)
        Indices of classes, -1 = abstains.
    predicted : int
        The class that is predicted.
    rivals : list of int
        The classes that limit the radius, the runner-up first.
    rival : str, default="runner-up"
        What that is called.

    Returns
    -------
    rank : ndarray of int64, of shape (n_votes,)
        Where votes come in a list: those for the prediction first.
    names : list of str
    """
    is_rival = np.isin(votes, np.array(rivals[:1], dtype=np.int64))
    rank = np.select([votes == predicted, is_rival, votes >= 0], [0, 1, 2], 3)
    names = np.array(["prediction", rival, "other", "abstains"], dtype=object)
    return rank, names[rank].tolist()
