"""How many voters may be trained together."""

import numpy as np

from ._places import Places, made_up_state
from ._stack import Stack
from ._stacked_module import structure_of
from ._trainee import Trainee

__all__ = ["PlacesForTraining"]

_STEPS = 8


class PlacesForTraining(Places):
    """How many voters may be trained together: `Places` for a made-up voter's first steps.

    Parameters
    ----------
    example : Trainee
        Whose module, and the form of whose rows, are those of all.
    settings : TrainingSettings
        As for `train`.
    memory : ShortMemory
        That of the device.
    """

    deed = "trained"

    def __init__(self, example, settings, memory):
        self._example, self._settings = example, settings
        inputs, module = example.inputs, example.module
        key = (structure_of(module), inputs.shape[1:], inputs.dtype.str, repr(settings))
        super().__init__(type(module).__name__, key, settings.n_stacked, memory)

    def _outcomes(self, n_places):
        example, settings = self._example, self._settings
        rng = np.random.default_rng(0)
        n_rows = settings.batch_size + 3
        inputs = rng.normal(100, 50, size=(n_rows, *example.inputs.shape[1:])).clip(0, 255)
        inputs, codes = inputs.astype(example.inputs.dtype), np.arange(n_rows) % 2
        state = made_up_state(example.module)
        voters = [Trainee(inputs, codes, 1, example.module, settings) for _ in range(n_places)]
        stack = Stack(voters, settings, n_places)
        for place, voter in enumerate(voters):
            voter.n_steps, voter.state = _STEPS, state
            stack.put(place, voter)
        for _ in range(_STEPS):
            stack.step()
        for place in range(n_places):
            yield stack.state_at(place)
