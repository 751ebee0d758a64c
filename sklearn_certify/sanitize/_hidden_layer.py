"""What a hidden layer of a neural classifier makes of rows."""

from contextlib import suppress
from typing import ClassVar

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils import check_array, check_random_state, get_tags
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from .._compat import HasMethods, Integral, _fit_context
from .._compute.native_threads import one_native_thread
from .._compute.seeds import LARGEST_SEED, fit_seeded_clone
from .._rows import all_rows, check_labels, check_rows, take_rows
from .._steps import Rule, register
from .._training import is_torch_network, module_activations
from ..base import all_or_nothing
from ..exceptions import InvalidInputError
from ._perceptron_kernels import activate, multiply_rows

__all__ = ["HiddenLayerTransformer"]


class HiddenLayerTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Turn rows into the activations of a hidden layer of a neural classifier.

    A network that has learned a backdoor often tells poisoned rows apart in its last hidden
    layer, where filters such as `SpectralSignatureFilter` look for them. Such a network learns
    from the rows that it describes, so nothing behind this step has a certificate.

    A network that was fitted on data which the attacker cannot touch, in a `FrozenEstimator`,
    describes rows for a certified classifier. This step then learns nothing. Every row goes through
    the network alone, on one core, so that its activations follow from it to the last bit: the
    step is sound in front of the classifier, and as its `transformer`.

    Parameters
    ----------
    estimator : estimator
        scikit-learn's `MLPClassifier`, skorch's `NeuralNetClassifier` (or `NetClassifier`), or a
        `Pipeline` that ends in one of them. It is cloned and fitted; a `FrozenEstimator` stays as
        it was fitted. Steps of such a pipeline get all rows at once, and are not trusted in front
        of a certified classifier; put them, frozen, in front of this step.
    layer : int or str, default=-1
        Which hidden layer. The hidden layers of an `MLPClassifier` are numbered from 0. Of a torch
        module, the modules without submodules are numbered in the order of their registration, up
        to the output layer (the last one that has weights), which does not count; a name, as
        in the module's ``named_modules()``, picks any module. -1 is the last hidden layer.
    random_state : int, RandomState instance or None, default=0
        Source of the seed of `estimator`; the clone's own `random_state`, if it has one, is set.

    Attributes
    ----------
    estimator_ : estimator
        The fitted classifier; of a frozen one there need be no ``fit``.
    n_features_in_ : int
        Number of features seen during ``fit``; missing if rows are texts.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X is a DataFrame with string names.

    See Also
    --------
    SpectralSignatureFilter : Drops rows that stick out in such features.
    ActivationClusteringFilter : Splits such features into two clusters.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.neural_network import MLPClassifier
    >>> from sklearn_certify.sanitize import HiddenLayerTransformer
    >>> X, y = load_digits(return_X_y=True)
    >>> network = MLPClassifier(hidden_layer_sizes=(32, 16), max_iter=20, tol=1)
    >>> HiddenLayerTransformer(network).fit_transform(X, y).shape
    (1797, 16)
    >>> HiddenLayerTransformer(network, layer=0).fit_transform(X, y).shape
    (1797, 32)

    >>> from sklearn.frozen import FrozenEstimator
    >>> from sklearn_certify import CertifiedKNN
    >>> trusted = network.fit(X[:300], y[:300])
    >>> layer = HiddenLayerTransformer(FrozenEstimator(trusted))
    >>> neighbors = CertifiedKNN(n_neighbors=25, transformer=layer).fit(X[300:1500], y[300:1500])
    >>> bool(neighbors.certified_radius(X[1500:]).max() >= 10)
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "estimator": [HasMethods(["fit"])],
        "layer": [Integral, str],
        "random_state": ["random_state"],
    }

    def __init__(self, estimator, layer=-1, *, random_state=0):
        self.estimator = estimator
        self.layer = layer
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y=None):
        """Fit a clone of the classifier, unless it is frozen.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_rows, ...)
            Training rows.
        y : array-like of shape (n_rows,), default=None
            Labels; a frozen classifier needs none.

        Returns
        -------
        self : object
            The fitted transformer.

        Raises
        ------
        InvalidInputError
            If the classifier is no neural network that is known, or has no such layer.
        """
        with all_or_nothing(self):
            X, self._row_form = check_rows(self, X, self.estimator)
            if _is_frozen(self):
                check_is_fitted(self.estimator)
                self.estimator_ = self.estimator
            else:
                y = check_labels(self, y)
                check_consistent_length(X, y)
                seed = int(check_random_state(self.random_state).randint(LARGEST_SEED))
                rows = self._as_the_network_takes_it(all_rows(X))
                self.estimator_ = fit_seeded_clone(self.estimator, rows, y, seed)
            self._layer = self.layer  # a later set_params waits for the next fit
            self._n_features_out = self._activations(take_rows(X, np.arange(1))).shape[1]
        return self

    def transform(self, X):
        """Return the activations of the layer, without what is random in training.

        Parameters
        ----------
        X : {array-like, sparse matrix, DataFrame} of shape (n_rows, ...)
            Rows.

        Returns
        -------
        ndarray of float, of shape (n_rows, n_units)
            A layer of several dimensions is flattened.

        Raises
        ------
        NotFittedError
            If the transformer was not fitted.
        """
        check_is_fitted(self)
        if not hasattr(self, "estimator_"):  # it is frozen
            return clone(self).fit(X).transform(X)
        X, _ = check_rows(self, X, self.estimator, self._row_form)
        with one_native_thread():
            return self._activations(X)

    def _activations(self, X):
        X = self._as_the_network_takes_it(all_rows(X))  # steps may write to what they get
        steps, network = _split(self.estimator_)
        for step in steps:
            X = step.transform(X)
        if isinstance(network, MLPClassifier):
            return _perceptron_activations(network, X, self._layer)
        if is_torch_network(network):
            return module_activations(network, X, self._layer)
        raise InvalidInputError(
            f"{type(network).__name__} has no hidden layers; use scikit-learn's MLPClassifier, "
            "skorch's NeuralNetClassifier, or a Pipeline that ends in one of them."
        )

    def _as_the_network_takes_it(self, X):
        """Flatten images for a bare perceptron, and give a bare torch network its floats."""
        network = self.estimator
        while isinstance(network, FrozenEstimator):
            network = network.estimator
        if not isinstance(X, np.ndarray):
            return X
        if isinstance(network, MLPClassifier):
            return X.reshape(len(X), -1)
        return X.astype(np.float32) if is_torch_network(network) and X.dtype == float else X

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = tags.target_tags.required = not _is_frozen(self)
        with suppress(AttributeError, NotImplementedError):  # not derived from BaseEstimator
            tags.input_tags = get_tags(self.estimator).input_tags
        tags.input_tags.three_d_array = True
        return tags


def _is_frozen(transformer):
    return isinstance(transformer.estimator, FrozenEstimator)


def _has_a_bare_network(transformer):
    return not _split(transformer.estimator)[0]


register(
    HiddenLayerTransformer,
    Rule(
        learns=lambda step: "nothing" if _is_frozen(step) else "labels",
        alone=_has_a_bare_network,
        row_by_row=_has_a_bare_network,
        why="holds steps before its network, which get several rows at once",
    ),
)


def _split(estimator):
    """Return the fitted steps before the network, and the network."""
    steps = []
    while True:
        if isinstance(estimator, FrozenEstimator):
            estimator = estimator.estimator
        elif isinstance(estimator, Pipeline):
            steps += [estimator[:-1]] if len(estimator) > 1 else []
            estimator = estimator[-1]
        elif hasattr(estimator, "best_estimator_"):  # a search
            estimator = estimator.best_estimator_
        else:
            return steps, estimator


def _perceptron_activations(network, X, layer):
    n_hidden = network.n_layers_ - 2
    if isinstance(layer, str):
        raise InvalidInputError(
            f"layer={layer!r} is a name, but the layers of an MLPClassifier are numbered."
        )
    if not -n_hidden <= layer < n_hidden:
        raise InvalidInputError(
            f"layer={layer} is none of the network's {n_hidden} hidden layers, which are numbered "
            "from 0, or from -1 backwards."
        )
    values = check_array(X, accept_sparse=["csr", "csc"], dtype=[np.float64, np.float32])
    last = layer % n_hidden + 1
    for weights, intercepts in zip(network.coefs_[:last], network.intercepts_[:last], strict=True):
        dtype = np.result_type(values, weights)
        if issparse(values):  # each row by itself
            sums = safe_sparse_dot(values, weights).astype(dtype) + intercepts
        else:
            sums = np.tile(intercepts.astype(dtype), (len(values), 1))
            multiply_rows(np.ascontiguousarray(values, dtype), weights.astype(dtype), sums)
        activate(sums, network.activation)
        values = sums
    return values
