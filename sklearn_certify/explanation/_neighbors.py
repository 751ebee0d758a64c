"""What neighbours say of one row."""

import numpy as np

from ..certificates import rnn_radius
from ..certificates._deciding_rivals import rivals_among_counts, rivals_among_ranks
from ..neighbors import CertifiedKNN
from ..threat import find_threat_model
from ._votes import aims, named, roles, votes_of

__all__ = ["explain_neighbors"]


def explain_neighbors(classifier, X, target):
    """Explain a row on which the training rows near it have voted.

    Parameters
    ----------
    classifier : CertifiedKNN or CertifiedRNN
        Fitted.
    X : array-like of shape (1, ...)
        The row.
    target : label or None
        The label that an attacker wants.

    Returns
    -------
    dict
        Fields of an `Explanation`.
    """
    wanted = None if target is None else classifier._target_index(target)
    (predicted,), (radius,) = classifier._predict_certified(X)
    is_aimed = wanted not in (None, predicted)
    counts = classifier.vote_counts(X)[0]
    codes = np.empty(classifier.n_samples_fit_, dtype=np.int64)
    codes[classifier._order] = classifier._training_rows.labels
    if isinstance(classifier, CertifiedKNN):
        (distances,), (rows,) = classifier.kneighbors(X)
        find_rivals, voted = _rivals_of_nearest, None
        place = "nearest to it"
    else:
        (distances,), (rows,) = classifier.radius_neighbors(X, sort_results=True)
        find_rivals, voted = _rivals_within, classifier._voted
        place = f"within {classifier.radius:g} of it"
        if classifier._rows_may_become_outliers() and wanted == classifier._outlier_index():
            voted = voted[voted != wanted]  # without any row it passes nobody
    if is_aimed:
        radius = classifier._predict_targeted(X, wanted)[1][0]
        rivals, names = [], roles(codes[rows], predicted, [wanted], "target")[1]
    else:
        rivals = find_rivals(classifier, X, codes, counts, predicted, radius)
        names = roles(codes[rows], predicted, rivals)[1]
    labels = classifier.classes_.tolist()
    carriers = [
        {
            "row": int(row),
            "distance": float(distance),
            "label": labels[codes[row]],
            "votes_for": name,
        }
        for row, distance, name in zip(rows, distances, names, strict=True)
    ]
    found = votes_of(classifier, counts, predicted, radius)
    return {
        **found,
        **named(classifier, rivals),
        **aims(classifier, found, counts, target, wanted, voted=voted),
        "n_voters": len(rows),
        "n_abstaining": 0,
        "unit": "row",
        "carriers_are": "neighbors",
        "carriers": carriers,
        "place": place,
    }


def _rivals_of_nearest(classifier, X, codes, counts, predicted, radius):
    attacker = find_threat_model(classifier.threat_model)
    phantom = not classifier._labels_are_fixed
    if attacker.relabels:
        return rivals_among_counts(counts, predicted, phantom=phantom)
    n_ranked = min(classifier.n_neighbors + int(radius) + 1, classifier.n_samples_fit_)
    ranked = classifier.kneighbors(X, n_ranked, return_distance=False)[0]
    return rivals_among_ranks(
        codes[ranked],
        classifier.n_neighbors,
        counts,
        predicted,
        int(radius),
        inserts=attacker.inserts,
        deletes=attacker.deletes,
        phantom=phantom,
    )


def _rivals_within(classifier, X, codes, counts, predicted, radius):
    voted = classifier._voted
    phantom = not classifier._labels_are_fixed
    of_votes = rnn_radius(
        counts[np.newaxis, voted], threat_model=classifier.threat_model, phantom=phantom
    )
    if radius < of_votes[1][0]:  # who removes all rows makes it an outlier
        return [classifier._outlier_index()]
    if predicted not in voted:  # no row is near: whoever comes first decides
        return [*voted.tolist()] + [len(counts)] * phantom
    position = int(np.flatnonzero(voted == predicted)[0])
    rivals = rivals_among_counts(counts[voted], position, phantom=phantom)
    return [len(counts) if rival == len(voted) else int(voted[rival]) for rival in rivals]
