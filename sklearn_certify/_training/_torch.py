"""Networks of torch. Nothing here imports torch before a network of it is there."""

import sys
from copy import deepcopy

import numpy as np

from .._compute.deterministic_torch import deterministic_kernels
from ..exceptions import InvalidInputError, MissingExtraError

__all__ = [
    "fresh_module",
    "is_module",
    "is_torch_network",
    "module_activations",
    "wrapped_module",
]


def is_module(learner):
    """Say whether something is a module of torch, or a class of them.

    Parameters
    ----------
    learner : object
        Anything.

    Returns
    -------
    bool
    """
    if "torch" not in sys.modules:
        return False
    module = sys.modules["torch"].nn.Module
    return isinstance(learner, module) or (
        isinstance(learner, type) and issubclass(learner, module)
    )


def is_torch_network(estimator):
    """Say whether an estimator is a network of skorch.

    Parameters
    ----------
    estimator : object
        Anything.

    Returns
    -------
    bool
    """
    return hasattr(estimator, "forward_iter") and hasattr(estimator, "module")


def fresh_module(module):
    """Return a module with new weights: what it learned before, it may have from poison.

    Parameters
    ----------
    module : torch module or class of torch modules
        Left as it is.

    Returns
    -------
    torch module

    Raises
    ------
    InvalidInputError
        If some of its weights have no method that draws them anew.
    """
    if isinstance(module, type):
        return module()
    fresh = deepcopy(module)
    for part in fresh.modules():
        if hasattr(part, "reset_parameters"):
            part.reset_parameters()
    for (name, old), new in zip(module.named_parameters(), fresh.parameters(), strict=True):
        if old.equal(new) and not (old == old.flatten()[0]).all():
            raise InvalidInputError(
                f"The weights {name} of the torch module cannot be drawn anew, since no "
                "reset_parameters changes them; pass the module's class or a function "
                "learner(seed) that makes one."
            )
    return fresh


def wrapped_module(module):
    """Return a module as a classifier that one call of `partial_fit` trains for one epoch.

    Parameters
    ----------
    module : torch module
        One output per class.

    Returns
    -------
    NeuralNetClassifier

    Raises
    ------
    MissingExtraError
        If skorch is missing.
    """
    try:
        from skorch import NeuralNetClassifier
    except ImportError as error:
        raise MissingExtraError(
            'Torch modules need skorch: pip install "sklearn-certify[torch]"'
        ) from error
    import torch

    return NeuralNetClassifier(
        module,
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.SGD,
        optimizer__momentum=0.9,
        optimizer__weight_decay=5e-4,
        lr=0.02,
        batch_size=16,
        iterator_train__shuffle=True,
        iterator_valid__batch_size=1024,
        max_epochs=1,
        train_split=None,
        verbose=0,
        device="cuda" if torch.cuda.is_available() else "cpu",
    )


def module_activations(network, X, layer):
    """Return what a submodule gives while the network predicts each row alone.

    A product of matrices rounds otherwise in another batch, so every batch has a single row.

    Parameters
    ----------
    network : network of skorch
        Fitted.
    X : array-like of shape (n_rows, ...)
        Rows as the network takes them.
    layer : int or str
        Which submodule: a name as in ``named_modules()``, or a number among the modules without
        submodules in front of the last one that has weights; -1 is the last of them.

    Returns
    -------
    ndarray of float, of shape (n_rows, n_units)

    Raises
    ------
    InvalidInputError
        If there is no such layer, or it is not called, or gives no tensor.
    """
    module = _find_module(network.module_, layer)
    seen = []

    def watch(_, inputs, output):
        if not hasattr(output, "detach"):
            raise InvalidInputError(
                f"layer={layer!r} gives a {type(output).__name__} in place of a tensor; choose "
                "another layer."
            )
        seen.append(output.detach().cpu().numpy())

    rows = []
    handle = module.register_forward_hook(watch)
    try:
        with deterministic_kernels():
            for _ in _with_single_rows(network).forward_iter(X, training=False):
                if not seen:
                    raise InvalidInputError(f"The network does not call its layer={layer!r}.")
                rows.append(seen[-1].reshape(len(seen[-1]), -1))  # of several calls, the last
                seen.clear()
    finally:
        handle.remove()
    if len(rows) != X.shape[0]:
        raise InvalidInputError(
            f"The network gives batches of several rows with batch_size=1; use torch's DataLoader "
            f"as iterator_valid in place of {network.iterator_valid!r}."
        )
    return np.concatenate(rows)


def _with_single_rows(network):
    """Return a network that shares all with another, but predicts one row at a time."""
    torch = sys.modules["torch"]
    settings = {"iterator_valid__batch_size": 1}
    if network.iterator_valid is torch.utils.data.DataLoader:
        settings["iterator_valid__generator"] = torch.Generator()  # it draws from the global one
    other = object.__new__(type(network))
    vars(other).update({**vars(network), **settings})
    return other


def _find_module(module, layer):
    if isinstance(layer, str):
        named = dict(module.named_modules())
        if layer not in named:
            names = ", ".join(name for name in named if name)
            raise InvalidInputError(f"The network has no layer {layer!r}; it has {names}.")
        return named[layer]
    leaves = [part for part in module.modules() if not list(part.children())]
    with_weights = [i for i, part in enumerate(leaves) if list(part.parameters())]
    hidden = leaves[: with_weights[-1]] if with_weights else []
    if not -len(hidden) <= layer < len(hidden):
        raise InvalidInputError(
            f"layer={layer} is none of the network's {len(hidden)} hidden layers, which are "
            "numbered from 0, or from -1 backwards."
        )
    return hidden[layer]
