"""Steps of many copies of a network at once, each with a learning rate of its own.

torch's optimizers have one learning rate, but voters with more rows have more steps. Nothing here
multiplies and adds in one operation: at the end of an array such a pair may be rounded twice, and
elsewhere once, so that a voter would depend on its place.
"""

__all__ = ["OPTIMIZERS"]

_MEAN_DECAY, _SQUARE_DECAY = 0.9, 0.999
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

    def step(self, weights, gradient, memory, rates):
        velocity = memory["velocity"]
        if self.weight_decay:
            gradient = gradient + weights * self.weight_decay
        velocity.mul_(self.momentum).add_(gradient)
        weights.sub_((gradient + velocity * self.momentum).mul_(rates))


class _Adam:
    """Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019)."""

    memories = ("mean", "square")

    def __init__(self, momentum, weight_decay):
        self.weight_decay = weight_decay

    def scales(self, rate, number):
        """Return what a copy's step number, from 1, is made with."""
        return rate, 1 - _MEAN_DECAY**number, 1 - _SQUARE_DECAY**number

    def step(self, weights, gradient, memory, rates, mean_shares, square_shares):
        mean, square = memory["mean"], memory["square"]
        mean.mul_(_MEAN_DECAY).add_(gradient * (1 - _MEAN_DECAY))
        square.mul_(_SQUARE_DECAY).add_((gradient * gradient).mul_(1 - _SQUARE_DECAY))
        if self.weight_decay:
            weights.sub_((weights * self.weight_decay).mul_(rates))
        deviation = (square / square_shares).sqrt_().add_(_SMALLEST)
        weights.sub_((mean / mean_shares).div_(deviation).mul_(rates))


OPTIMIZERS = {"sgd": _SGD, "adam": _Adam}
