"""Load an estimator."""

from ._model_file import read_model

__all__ = ["load"]


def load(path, *, trusted=(), trust_pickle=False):
    """Read an estimator that `save` has written, or ``skops.io.dump``.

    No code of the file is run: it holds arrays, numbers and texts, and names of types that are
    installed here. Those of this package's estimators and of scikit-learn's are believed to do no
    harm, but for types that skops itself makes an exception of, such as the trees of scikit-learn,
    whose numbers nobody checks; any other has to be named in `trusted`.

    Parameters
    ----------
    path : str or path-like
        The file.
    trusted : sequence of str or type, default=()
        Types, or functions, that the file may name besides, by their dotted paths or as they are.
        Look at each: what it does when it is made, called or given a state is done.
    trust_pickle : bool, default=False
        Whether to read the file even if it is a pickle, or a file of joblib. It may run any code.

    Returns
    -------
    estimator
        As it was saved: with equal versions its votes, labels and radii are the same.

    Raises
    ------
    UntrustedModelError
        If the file holds types that are not trusted, which the message names, or is no file of
        skops and `trust_pickle` is False. Nothing of it has been made then.
    InvalidInputError
        If the file is cut off, damaged, of a later version, or needs what is not installed.
    MissingExtraError
        If skops is missing.
    OSError
        If the file cannot be opened.

    Warns
    -----
    ModelVersionWarning
        If this package, scikit-learn or numpy has another version than when it was saved.

    See Also
    --------
    save : Write it.

    Notes
    -----
    Whoever makes a file chooses its numbers, and so may forge any vote and any radius, or make
    compiled code read what is not there. Certificates are worth as much as the source of the file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from sklearn_certify import DPAClassifier
    >>> from sklearn_certify.persistence import load, save
    >>> X, y = load_iris(return_X_y=True)
    >>> model = DPAClassifier(DecisionTreeClassifier(), n_partitions=9).fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "model.skops"
    ...     save(model, path)
    ...     load(path, trusted=["sklearn.tree._tree.Tree"])
    DPAClassifier(estimator=DecisionTreeClassifier(), n_partitions=9)
    """
    return read_model(path, trusted=trusted, trust_pickle=trust_pickle).estimator
