"""A stack: places at which voters are trained step by step, each as if it were alone."""

import numpy as np
import torch

from ..exceptions import LearnerError
from ._draws import fold_in
from ._losses import cross_entropy
from ._optimizers import OPTIMIZERS
from ._schedules import learning_rate_factor
from ._stacked_module import StackedModule

__all__ = ["Stack"]

_DROPOUT, _AUGMENTATION = 1, 2  # purposes of random numbers


class Stack:
    """As many places as voters are trained together.

    The tensors have the same shapes whoever is there, and each operation treats the places
    separately. A place without a voter holds zeros.

    Parameters
    ----------
    trainees : list of Trainee
        All that are to come, whose rows are put on the device.
    settings : TrainingSettings
        As for `train`.
    n_places : int
        Number of places.
    """

    def __init__(self, trainees, settings, n_places):
        self.settings, self.n_places, self.device = settings, n_places, settings.device
        self.voters = [None] * n_places
        self._module = StackedModule(
            trainees[0].module, n_places, self.device, half_precision=settings.half_precision
        )
        self.weights = self._module.new_weights()
        self.trained = self._module.names_of_trained_weights()
        for name in self.trained:
            self.weights[name].requires_grad_()
        self.averages = self._module.new_averages()
        self._optimizer = OPTIMIZERS[settings.optimizer](settings.momentum, settings.weight_decay)
        self.memories = {
            name: {kind: torch.zeros_like(self.weights[name]) for kind in self._optimizer.memories}
            for name in self.trained
        }
        nothing = np.zeros((1, *trainees[0].inputs.shape[1:]), dtype=trainees[0].inputs.dtype)
        self._rows = self._on_device(np.concatenate([nothing, *(t.inputs for t in trainees)]))
        self._codes = self._on_device(np.concatenate([[0], *(t.codes for t in trainees)]))
        starts = np.cumsum([1, *(len(trainee.codes) for trainee in trainees)])
        self._start_of = dict(zip(map(id, trainees), starts[:-1].tolist(), strict=True))
        shape = (n_places, 1, *trainees[0].mean.shape)
        self._exact = torch.float64 if self._rows.dtype == torch.float64 else torch.float32
        self._means = torch.zeros(shape, dtype=self._exact, device=self.device)
        self._deviations = torch.ones_like(self._means)
        self._known = None
        self._seeds = torch.zeros(n_places, dtype=torch.int64, device=self.device)
        self.losses = torch.zeros(n_places, device=self.device)

    def _on_device(self, array):
        # a copy in torch's own memory, which starts at a cache line
        return torch.from_numpy(array).clone().to(self.device)

    def _tensors(self):
        """Yield the name and the tensor of all that a voter has at its place."""
        yield from self.weights.items()
        yield from self.averages.items()
        for name, memory in self.memories.items():
            for kind, tensor in memory.items():
                yield f"{name} {kind}", tensor

    @torch.no_grad()
    def put(self, place, trainee):
        """Let a voter go on, or start, at a place."""
        self.take(place)
        self.voters[place] = trainee
        state = trainee.state
        if state is None:
            state = trainee.first_state()
        for name, tensor in self._tensors():
            if name in state:
                tensor[place] = torch.as_tensor(state[name], device=self.device)
        self._means[place] = torch.as_tensor(trainee.mean, device=self.device)
        self._deviations[place] = torch.as_tensor(trainee.deviation, device=self.device)
        self._seeds[place] = trainee.seed

    @torch.no_grad()
    def take(self, place):
        """Leave nothing at a place."""
        self.voters[place] = None
        for _, tensor in self._tensors():
            tensor[place] = 0
        self._means[place], self._deviations[place], self._seeds[place] = 0, 1, 0

    def state_at(self, place):
        """Return copies of all that the voter at a place has, as arrays by name."""
        return {
            name: tensor[place].detach().cpu().numpy().copy() for name, tensor in self._tensors()
        }

    def step(self):
        """Let every voter take its next step."""
        rows = np.zeros((self.n_places, self.settings.batch_size), dtype=np.int64)
        steps = np.zeros(self.n_places, dtype=np.int64)
        scales = np.ones((self.n_places, len(self._optimizer.scales(0.0, 1))), dtype=np.float32)
        for place, trainee in enumerate(self.voters):
            if trainee is None:
                continue
            rows[place] = self._start_of[id(trainee)] + trainee.batch()
            steps[place] = trainee.step
            factor = learning_rate_factor(self.settings.schedule, trainee.step, trainee.n_steps)
            scales[place] = self._optimizer.scales(
                self.settings.learning_rate * factor, trainee.step + 1
            )
            trainee.step += 1
        self._learn(
            torch.from_numpy(rows).to(self.device),
            fold_in(self._seeds, torch.from_numpy(steps).to(self.device)),
            torch.from_numpy(scales).to(self.device),
        )

    def _learn(self, rows, keys, scales):
        with torch.no_grad():
            inputs = self._rows[rows]
            if self.settings.augmentation is not None:
                inputs = self.settings.augmentation(inputs, fold_in(keys, _AUGMENTATION))
            inputs = inputs.to(self._exact).sub(self._means).div_(self._deviations).float()
        outputs = self._module.outputs(self.weights, self.averages, inputs, fold_in(keys, _DROPOUT))
        losses = cross_entropy(
            outputs, self._codes[rows], self._known_among(outputs), self.settings.label_smoothing
        )
        weights = [self.weights[name] for name in self.trained]
        gradients = torch.autograd.grad(losses.sum(), weights, allow_unused=True)
        self.losses = losses.detach()
        with torch.no_grad():
            for name, gradient in zip(self.trained, gradients, strict=True):
                if gradient is not None:
                    self._optimizer.step(
                        self.weights[name], gradient.contiguous(), self.memories[name], scales
                    )

    def _known_among(self, outputs):
        numbers = [1 if voter is None else voter.n_known for voter in self.voters]
        if max(numbers) > outputs.shape[2]:
            raise LearnerError(
                f"The module has {outputs.shape[2]} outputs, but a voter knows {max(numbers)} "
                "labels; it must have an output for each, see n_classes."
            )
        counts = torch.tensor(numbers, device=self.device)
        return torch.arange(outputs.shape[2], device=self.device) < counts.unsqueeze(1)
