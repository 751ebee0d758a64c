"""A voter on its way: its rows, its steps and what it has learned."""

import numpy as np
import torch

from ._optimizers import OPTIMIZERS
from ._row_scaling import scale_of_rows
from ._stacked_module import tensors_of

__all__ = ["Trainee"]


class Trainee:
    """One voter that is to be trained.

    Batches are cut from one permutation of its rows after another, so that each has the same
    number of rows, whatever their number is, and none needs to be filled up.

    Parameters
    ----------
    inputs : ndarray of shape (n_rows, ...)
        Its rows, as `as_inputs` returns them.
    codes : ndarray of int, of shape (n_rows,)
        Positions of their labels among its own.
    seed : int
        What all of its random numbers follow from.
    module : torch.nn.Module
        With its first weights.
    settings : TrainingSettings
        As for `train`.
    """

    def __init__(self, inputs, codes, seed, module, settings):
        self.inputs, self.codes, self.seed = inputs, codes, seed
        self.module = module
        self.n_known = int(codes.max()) + 1
        self.batch_size = settings.batch_size
        self.n_steps = -(-settings.n_epochs * len(codes) // settings.batch_size)
        self.mean, self.deviation = scale_of_rows(inputs, settings.normalize)
        self.step = 0
        self.state = None  # of a training that was interrupted, or is done: arrays by name
        self.loss = np.nan  # of its last batch
        self.problem = None  # why it cannot be fitted
        self.is_done = False
        self._pass, self._order = -1, None
        self._kinds_of_memory = OPTIMIZERS[settings.optimizer].memories

    def first_state(self):
        """Return what its training starts from: arrays by name."""
        return {name: tensor.numpy() for name, tensor in tensors_of(self.module).items()}

    def first_memories(self):
        """Return what the optimizer remembers at first: arrays by name."""
        return {
            f"{name} {kind}": np.zeros(tuple(weights.shape), dtype=np.float32)
            for name, weights in self.module.named_parameters()
            if weights.requires_grad
            for kind in self._kinds_of_memory
        }

    def batch(self):
        """Return the numbers of the rows of the next step, of shape (batch_size,)."""
        n_rows = len(self.codes)
        first = self.step * self.batch_size
        numbers = np.empty(self.batch_size, dtype=np.int64)
        filled = 0
        while filled < self.batch_size:
            number, start = divmod(first + filled, n_rows)
            if number != self._pass:
                self._pass = number
                self._order = np.random.default_rng((self.seed, number)).permutation(n_rows)
            part = self._order[start : start + self.batch_size - filled]
            numbers[filled : filled + len(part)] = part
            filled += len(part)
        return numbers

    def trained_module(self):
        """Return the module with the weights that were learned, in evaluation mode."""
        for name, tensor in tensors_of(self.module).items():
            tensor.copy_(torch.as_tensor(self.state[name]))
        return self.module.eval()
