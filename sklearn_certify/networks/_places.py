"""Whether a voter learns, and says, the same at every place of a stack: tried, not believed.

That no other voter reaches a place follows from how stacks compute. That the same voter has the
same bits at another place does not: the end of an array, or the middle of a cache line, may be
rounded in another way, by operations that only the user's module knows. So the same made-up voter
is put at all places. Where it comes out differently, voters are trained, and asked, one by one.
"""

import numpy as np
import torch

from .._user_warnings import warn_user
from ..exceptions import CertifyWarning
from ._stack import Stack
from ._stacked_module import StackedModule, structure_of
from ._trainee import Trainee

__all__ = ["places_for_asking", "places_for_training"]

_STEPS = 8
_found = {}  # by what the outcome depends on


def places_for_training(example, settings):
    """Return how many voters may be trained together: as many as are wished for, or one.

    Parameters
    ----------
    example : Trainee
        Whose module, and the form of whose rows, are those of all.
    settings : TrainingSettings
        As for `train`.

    Returns
    -------
    int
    """
    inputs = example.inputs
    key = (structure_of(example.module), inputs.shape[1:], inputs.dtype.str, repr(settings))
    if key not in _found:
        _found[key] = _learn_alike(example, settings)
        if not _found[key]:
            _tell(example.module, "trained")
    return settings.n_stacked if _found[key] else 1


def _tell(module, deed):
    warn_user(
        f"What {type(module).__name__} computes depends on its place in a stack here, so voters "
        f"are {deed} one by one, which is slow; layer sizes and batch sizes that are multiples of "
        "16 often help.",
        CertifyWarning,
    )


def _learn_alike(example, settings):
    """Say whether a made-up voter is the same at each place; of the example its form counts."""
    if settings.n_stacked == 1:
        return True
    rng = np.random.default_rng(0)
    n_rows = settings.batch_size + 3
    inputs = rng.normal(100, 50, size=(n_rows, *example.inputs.shape[1:])).clip(0, 255)
    inputs, codes = inputs.astype(example.inputs.dtype), np.arange(n_rows) % 2
    state = _made_up_state(example.module)
    voters = [
        Trainee(inputs, codes, 1, example.module, settings) for _ in range(settings.n_stacked)
    ]
    stack = Stack(voters, settings, settings.n_stacked)
    for place, voter in enumerate(voters):
        voter.n_steps, voter.state = _STEPS, state
        stack.put(place, voter)
    for _ in range(_STEPS):
        stack.step()
    first = stack.state_at(0)
    return all(
        np.array_equal(value, first[name], equal_nan=True)
        for place in range(1, settings.n_stacked)
        for name, value in stack.state_at(place).items()
    )


def _made_up_state(module):
    """Return weights and averages of the module's shapes, which follow from these alone."""
    rng, state = np.random.default_rng(0), {}
    weights = dict(module.named_parameters())
    for name, tensor in module.state_dict().items():
        n_inputs = max(tensor[:1].numel(), 1) if tensor.dim() > 1 else 1
        values = rng.normal(size=tuple(tensor.shape)) / np.sqrt(n_inputs)
        # averages of squares are among those that are no weights
        values = values if name in weights else 1 + np.abs(values)
        state[name] = torch.as_tensor(values).to(tensor.dtype).numpy()
    return state


def places_for_asking(module, n_places, n_queries, input_shape, device, half_precision):
    """Return how many voters may be asked together: as many as are wished for, or one.

    Parameters
    ----------
    module : torch.nn.Module
        That of a voter.
    n_places : int
        The number wished for.
    n_queries : int
        Queries of a block.
    input_shape : tuple of int
        Shape of an input.
    device : torch.device
        Where they answer.
    half_precision : bool
        Whether they compute in bfloat16 where that is faster.

    Returns
    -------
    int
    """
    key = (structure_of(module), n_places, n_queries, input_shape, str(device), half_precision)
    if key not in _found:
        stacked = StackedModule(module, n_places, device, half_precision=half_precision)
        weights, averages = stacked.new_weights(), stacked.new_averages()
        state = _made_up_state(module)
        for name, tensor in {**weights, **averages}.items():
            if name in state:
                tensor[:] = torch.as_tensor(state[name], device=device)
        rng = np.random.default_rng(0)
        inputs = torch.as_tensor(rng.normal(size=(1, n_queries, *input_shape)), device=device)
        with torch.no_grad():
            inputs = inputs.float().expand(n_places, *inputs.shape[1:])
            outputs = stacked.outputs(weights, averages, inputs).cpu().numpy()
        _found[key] = all(np.array_equal(outputs[0], other, equal_nan=True) for other in outputs)
        if not _found[key]:
            _tell(module, "asked")
    return n_places if _found[key] else 1
