"""Many copies of one module, each with weights of its own, in one call of each layer."""

import torch
from torch.func import functional_call, vmap

from ..exceptions import LearnerError
from ._short_memory import is_out_of_memory
from ._stacked_layers import KEY, stackable

__all__ = ["StackedModule", "structure_of", "tensors_of"]


def tensors_of(module):
    """Return all that a module computes with, once under one name.

    Parameters
    ----------
    module : torch.nn.Module
        Any.

    Returns
    -------
    dict of tensor
        Its weights, and then its buffers; those that it shares are the module's own.
    """
    return {
        **{name: weights.detach() for name, weights in module.named_parameters()},
        **dict(module.named_buffers()),
    }


def structure_of(module):
    """Return what two modules have in common that can be copies in one stack.

    Parameters
    ----------
    module : torch.nn.Module
        Any.

    Returns
    -------
    tuple
        Its layers with their settings, the shapes of its weights and which of them it trains.
    """
    return (
        type(module),
        repr(module),
        tuple((name, tuple(tensor.shape)) for name, tensor in tensors_of(module).items()),
        tuple(weights.requires_grad for weights in module.parameters()),
    )


class StackedModule:
    """Copies of a module that compute together.

    Copy and place are the same thing here: what is at a place of the tensors reaches nothing that
    is at another.

    Parameters
    ----------
    module : torch.nn.Module
        Left as it is; of its weights only names and shapes count.
    n_places : int
        Number of copies.
    device : torch.device
        Where they are.
    half_precision : bool
        Whether layers that gain from it compute in bfloat16.
    """

    def __init__(self, module, n_places, device, *, half_precision):
        self.n_places = n_places
        self.device = device
        self.half_precision = half_precision
        self._module = stackable(module, convolutions_as_products=device.type != "cpu").to(device)
        self._name = type(module).__name__
        self._weights = dict(module.named_parameters())
        self._averages = dict(module.named_buffers())
        self._keys = [
            name
            for name, _ in self._module.named_buffers(remove_duplicate=False)
            if name.rpartition(".")[2] == KEY
        ]

    def new_weights(self):
        """Return zeros for the weights of all copies, by name."""
        return {name: self._zeros(tensor) for name, tensor in self._weights.items()}

    def new_averages(self):
        """Return zeros for the buffers of all copies, by name."""
        return {name: self._zeros(tensor) for name, tensor in self._averages.items()}

    def names_of_trained_weights(self):
        """Return the names of the weights that require gradients, as a list.

        Raises
        ------
        LearnerError
            If there are none.
        """
        names = [name for name, weights in self._weights.items() if weights.requires_grad]
        if not names:
            raise LearnerError(f"The module {self._name} has no weights that require gradients.")
        return names

    def _zeros(self, tensor):
        shape = (self.n_places, *tensor.shape)
        return torch.zeros(shape, dtype=tensor.dtype, device=self.device)

    def outputs(self, weights, averages, inputs, keys=None):
        """Return what each copy says of its own inputs.

        Parameters
        ----------
        weights, averages : dict of tensor
            As `new_weights` and `new_averages` return them; in training averages are updated.
        inputs : tensor of shape (n_places, n_rows, ...)
            The inputs of each copy.
        keys : tensor of int64, of shape (n_places,), default=None
            What dropout follows from. None: the copies are not in training.

        Returns
        -------
        tensor of float32, of shape (n_places, n_rows, n_outputs)

        Raises
        ------
        LearnerError
            If the module cannot compute that, or not for many copies at once.
        """
        self._module.train(keys is not None)
        if keys is None:
            keys = torch.zeros(self.n_places, dtype=torch.int64, device=self.device)
        try:
            with torch.autocast(
                self.device.type, torch.bfloat16, enabled=self.half_precision, cache_enabled=False
            ):
                outputs = vmap(self._one_copy)(weights, averages, inputs, keys)
        except (RuntimeError, NotImplementedError, TypeError, ValueError, IndexError) as error:
            if is_out_of_memory(error):
                raise
            first_line = str(error).strip().partition("\n")[0]
            raise LearnerError(
                f"The module {self._name} fails on inputs of shape {tuple(inputs.shape[1:])} in a "
                f"stack ({type(error).__name__}: {first_line}); it must take them, work under "
                "torch.func.vmap, and draw random numbers in layers torch.nn.Dropout alone."
            ) from error
        if outputs.dim() != 3 or outputs.shape[:2] != inputs.shape[:2]:
            raise LearnerError(
                f"The module {self._name} gives outputs of shape {tuple(outputs.shape[1:])} for "
                f"{inputs.shape[1]} rows; it must give one number per row and class."
            )
        return outputs.float()

    def _one_copy(self, weights, averages, inputs, key):
        tensors = {**weights, **averages, **dict.fromkeys(self._keys, key)}
        return functional_call(self._module, tensors, (inputs,))
