"""Modules made of what a user gave, with weights that follow from a seed."""

from inspect import Parameter, isclass, signature

from torch import nn

from ..exceptions import InvalidInputError
from ._multilayer_perceptron import MultilayerPerceptron
from ._own_generator import OwnGenerator
from ._small_conv_net import SmallConvNet

__all__ = ["make_module", "n_outputs_for"]

_OUTPUTS = 16  # float32 numbers in a cache line


def n_outputs_for(n_classes):
    """Return how many outputs a network for so many classes is asked to have.

    Voters can be trained together if their networks have equal shapes, and few rows may lack a
    class. So it is a multiple of 16; outputs that stand for no class count for nothing.

    Parameters
    ----------
    n_classes : int
        Number of classes among a voter's rows.

    Returns
    -------
    int
    """
    return -(-n_classes // _OUTPUTS) * _OUTPUTS


def make_module(module, module_params, input_shape, n_outputs, seed):
    """Return a new module.

    Parameters
    ----------
    module : type of torch.nn.Module, callable or None
        None: a small network for images, or one for tables.
    module_params : dict or None
        What it is called with.
    input_shape : tuple of int
        Shape of an input; passed on as `input_shape` if the module takes it.
    n_outputs : int
        Number of outputs; passed on as `n_classes` if the module takes it.
    seed : int
        What its weights are drawn with.

    Returns
    -------
    torch.nn.Module
        In training mode, of float32, on the processor.

    Raises
    ------
    InvalidInputError
        If that is no module, or cannot be made.
    """
    if module is None:
        module = SmallConvNet if len(input_shape) == 3 else MultilayerPerceptron
    if isinstance(module, nn.Module) or not callable(module):
        raise InvalidInputError(
            f"module={module!r} must be a class of torch modules, or a function that returns a new "
            "one, not a module itself: each voter starts from new weights."
        )
    arguments = {"input_shape": input_shape, "n_classes": n_outputs}
    taken = _names_taken(module)
    arguments = {name: value for name, value in arguments.items() if taken is None or name in taken}
    with OwnGenerator(seed):
        made = module(**{**arguments, **(module_params or {})})
        if not isinstance(made, nn.Module):
            raise InvalidInputError(
                f"module={module!r} returned a {type(made).__name__}, but a torch module is needed."
            )
        return made.float().train()


def _names_taken(function):
    """Return the names of a function's arguments, or None if it takes any."""
    parameters = signature(function.__init__ if isclass(function) else function).parameters
    if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters.values()):
        return None
    return set(parameters)
