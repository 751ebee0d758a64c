"""Steps of many copies of a network at once, each with a learning rate of its own.

torch's optimizers have one learning rate, but voters with more rows have more steps. On a processor
one loop does all, which is three times as fast as to go through the arrays for each operation.
Nothing here multiplies and adds in one operation: at the end of an array such a pair may be rounded
twice, and elsewhere once, so that a voter would depend on its place.
"""

import numpy as np
from numba import njit

__all__ = ["OPTIMIZERS"]

_MEAN_DECAY, _SQUARE_DECAY = np.float32(0.9), np.float32(0.999)
_MEAN_RISE, _SQUARE_RISE = np.float32(1) - _MEAN_DECAY, np.float32(1) - _SQUARE_DECAY
_SMALLEST = 1e-8


class _SGD:
    """Stochastic gradient descent with Nesterov's momentum; decay counts as part of gradients."""

    memories = ("velocity",)

    def __init__(self, momentum, weight_decay):
        self.momentum = momentum
        self.weight_decay = weight_decay

    def scales(self, rate, number):
        """Return what a copy's step number, from 1, is made with."""
        return (rate,)

    def step(self, weights, gradient, memory, scales):
        """Change weights, of shape (n_copies, ...), and what is remembered."""
        velocity = memory["velocity"]
        if weights.device.type == "cpu":
            arrays = _flat(weights, gradient, velocity)
            momentum, decay = np.float32(self.momentum), np.float32(self.weight_decay)
            _sgd(*arrays, scales.numpy(), momentum, decay)
            return
        (rates,) = _along(weights, scales)
        gradient = gradient + weights * self.weight_decay
        velocity.mul_(self.momentum).add_(gradient)
        weights.sub_((gradient + velocity * self.momentum).mul_(rates))


@njit(cache=True, nogil=True)
def _sgd(weights, gradient, velocity, scales, momentum, decay):
    n_copies, n_weights = weights.shape
    for copy in range(n_copies):
        rate = scales[copy, 0]
        for i in range(n_weights):
            slope = gradient[copy, i] + weights[copy, i] * decay
            velocity[copy, i] = velocity[copy, i] * momentum + slope
            weights[copy, i] -= (slope + velocity[copy, i] * momentum) * rate


class _Adam:
    """Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019)."""

    memories = ("mean", "square")

    def __init__(self, momentum, weight_decay):
        self.weight_decay = weight_decay

    def scales(self, rate, number):
        """Return what a copy's step number, from 1, is made with."""
        mean_share = 1 - float(_MEAN_DECAY) ** number
        deviation_share = (1 - float(_SQUARE_DECAY) ** number) ** 0.5
        # averages are divided by their shares: what is left of that for each weight
        scale = rate * deviation_share / mean_share
        return scale, _SMALLEST * deviation_share, 1 - rate * self.weight_decay

    def step(self, weights, gradient, memory, scales):
        """Change weights, of shape (n_copies, ...), and what is remembered."""
        mean, square = memory["mean"], memory["square"]
        if weights.device.type == "cpu":
            _adam(*_flat(weights, gradient, mean, square), scales.numpy())
            return
        rates, smallest, left = _along(weights, scales)
        mean.mul_(_MEAN_DECAY).add_(gradient * _MEAN_RISE)
        square.mul_(_SQUARE_DECAY).add_((gradient * gradient).mul_(_SQUARE_RISE))
        weights.mul_(left).sub_((mean / square.sqrt().add_(smallest)).mul_(rates))


@njit(cache=True, nogil=True, error_model="numpy")
def _adam(weights, gradient, mean, square, scales):
    n_copies, n_weights = weights.shape
    for copy in range(n_copies):
        rate, smallest, left = scales[copy, 0], scales[copy, 1], scales[copy, 2]
        for i in range(n_weights):
            slope = gradient[copy, i]
            mean[copy, i] = mean[copy, i] * _MEAN_DECAY + slope * _MEAN_RISE
            square[copy, i] = square[copy, i] * _SQUARE_DECAY + slope * slope * _SQUARE_RISE
            step = mean[copy, i] / (np.sqrt(square[copy, i]) + smallest)
            weights[copy, i] = weights[copy, i] * left - step * rate


def _flat(*tensors):
    """Return tensors as arrays of shape (n_copies, n_values) in the same memory."""
    return [tensor.detach().numpy().reshape(len(tensor), -1) for tensor in tensors]


def _along(weights, scales):
    """Return scales so that each copy's weights are multiplied by its own."""
    return [scale.view(-1, *[1] * (weights.dim() - 1)) for scale in scales.unbind(1)]


OPTIMIZERS = {"sgd": _SGD, "adam": _Adam}
