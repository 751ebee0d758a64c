"""Votes, rivals and roles, with the names of labels in the place of their numbers."""

import numpy as np

__all__ = ["named", "roles", "votes_of"]

_ROLES = np.array(["prediction", "runner-up", "other", "abstains"], dtype=object)


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


def roles(votes, predicted, rivals):
    """Say for whom each of some votes is.

    Parameters
    ----------
    votes : ndarray of int64, of shape (n_votes,)
        Indices of classes, -1 = abstains.
    predicted : int
        The class that is predicted.
    rivals : list of int
        The classes that limit the radius, the runner-up first.

    Returns
    -------
    rank : ndarray of int64, of shape (n_votes,)
        Where votes come in a list: those for the prediction first.
    names : list of str
    """
    is_rival = np.isin(votes, np.array(rivals[:1], dtype=np.int64))
    rank = np.select([votes == predicted, is_rival, votes >= 0], [0, 1, 2], 3)
    return rank, _ROLES[rank].tolist()
