"""How many voters may be asked together."""

import numpy as np
import torch

from ._places import Places, made_up_state
from ._stacked_module import StackedModule, structure_of

__all__ = ["PlacesForAsking"]


class PlacesForAsking(Places):
    """How many voters may be asked together: `Places` for what a made-up voter says.

    Parameters
    ----------
    module : torch.nn.Module
        That of a voter.
    n_places : int
        The number wished for.
    block_shape : tuple of int, (n_queries, ...)
        Shape of a block of queries.
    half_precision : bool
        Whether they compute in bfloat16 where that is faster.
    memory : ShortMemory
        That of the device.
    """

    deed = "asked"

    def __init__(self, module, n_places, block_shape, half_precision, memory):
        self._module, self._block_shape = module, block_shape
        self._half_precision = half_precision
        key = (structure_of(module), block_shape, str(memory.device), half_precision)
        super().__init__(type(module).__name__, key, n_places, memory)

    def _outcomes(self, n_places):
        device = self.memory.device
        stacked = StackedModule(self._module, n_places, device, half_precision=self._half_precision)
        weights, averages = stacked.new_weights(), stacked.new_averages()
        state = made_up_state(self._module)
        for name, tensor in {**weights, **averages}.items():
            tensor[:] = torch.as_tensor(state[name], device=device)
        rng = np.random.default_rng(0)
        inputs = torch.as_tensor(rng.normal(size=(1, *self._block_shape)), device=device)
        with torch.no_grad():
            inputs = inputs.float().expand(n_places, *self._block_shape)
            outputs = stacked.outputs(weights, averages, inputs)
        yield from outputs.cpu().numpy()
