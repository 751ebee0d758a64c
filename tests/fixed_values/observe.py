"""What the public methods of a fitted classifier say, by name."""

import numpy as np

SIZES = [0, 1, 2, 3, 5, 8]


def observe(classifier, X, y, *, threat_models=("insert_delete",), joint=True):
    """Return votes, counts and labels, and radii and joint accuracies for each threat model.

    Checks on the way that the methods agree with each other.

    Parameters
    ----------
    classifier : certified classifier
        Fitted. Its `threat_model` is changed.
    X, y : ndarray of shape (n_samples, ...) and (n_samples,)
        Query rows and their true labels.
    threat_models : sequence of str, default=("insert_delete",)
        Those of interest.
    joint : bool, default=True
        Whether to ask for joint accuracies, where a joint certificate is known.

    Returns
    -------
    dict of ndarray
    """
    values = {"classes": classifier.classes_, "counts": classifier.vote_counts(X)}
    if hasattr(classifier, "votes"):
        votes = classifier.votes(X)
        values[f"votes, {votes.dtype}"] = votes
    values["labels"] = classifier.predict(X)
    for name in threat_models:
        classifier.set_params(threat_model=name)
        labels, radii = classifier.predict_certified(X)
        np.testing.assert_array_equal(labels, values["labels"])
        values[f"{name}: radii"] = radii
        if joint:
            accuracies = classifier.certified_accuracy(X, y, SIZES, joint=True)
            values[f"{name}: joint"] = accuracies
    survives = (radii[:, np.newaxis] >= SIZES) & (labels == y)[:, np.newaxis]
    np.testing.assert_array_equal(survives.mean(axis=0), classifier.certified_accuracy(X, y, SIZES))
    np.testing.assert_array_equal(radii, classifier.certified_radius(X))
    return values


def shares(classifier):
    """Return who learnt from what, of an ensemble of `Prototypes`: rows, seeds or draws."""
    voters = classifier.estimators_
    values = {"rows seen": [getattr(voter, "seen_", -1) for voter in voters]}
    if "random_state" in classifier.estimator.get_params():
        values["seeds"] = [getattr(voter, "random_state", None) or -1 for voter in voters]
    else:
        values["drawn"] = np.concatenate([getattr(voter, "drawn_", [-1]) for voter in voters])
    for name in ("partition_", "spread_", "n_units_", "max_samples_"):
        if hasattr(classifier, name):
            values[name.strip("_")] = getattr(classifier, name)
    return values
