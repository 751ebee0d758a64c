"""Save an estimator."""

from ._model_file import write_model

__all__ = ["save"]


def save(estimator, path):
    """Save an estimator, fitted or not, to a file that `load` reads.

    The file says too with which versions it was written. It is complete or not there: an older one
    of that name is replaced at the end, once the new one has been read back.

    Parameters
    ----------
    estimator : estimator
        A certified classifier, a pipeline or search around one, or any other estimator.
    path : str or path-like
        Path that ends in .skops, for a file that is read without running any code. Networks, and
        whatever else skops cannot hold, go to a path that ends in .pkl, for a pickle.

    Raises
    ------
    InvalidInputError
        If the suffix is another, or skops cannot hold the estimator.
    MissingExtraError
        If skops is missing.
    OSError
        If the file cannot be written.

    See Also
    --------
    load : Read it.

    Notes
    -----
    The training rows that neighbours are sought among are in the file, and so are the parameters,
    such as the `random_state` of `BaggingCertifiedClassifier`, which no attacker must know.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.persistence import load, save
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DPAClassifier(n_partitions=15).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "model.skops"
    ...     save(model, path)
    ...     again = load(path)
    >>> bool((again.certified_radius(X) == model.certified_radius(X)).all())
    True
    """
    write_model(path, estimator)
