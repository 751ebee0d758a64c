"""Layers of which many copies compute at once, with the same bits at every place.

Products of matrices may round in another way where a matrix starts at another place in a cache
line, and batch normalization of vectors where a column is near the end. These layers have the
weights, and their names, of torch's own.
"""

from copy import deepcopy

import torch
from torch import nn
from torch.nn import functional

from ..exceptions import LearnerError
from ._draws import fold_in, uniform

__all__ = ["KEY", "stackable"]

KEY = "voters_key"  # the buffer that dropout follows from
_LINE = 16  # float32 numbers in a cache line


class _AlignedLinear(nn.Module):
    """`torch.nn.Linear`, of matrices that fill cache lines."""

    def __init__(self, plain):
        super().__init__()
        self.weight, self.bias = plain.weight, plain.bias

    def forward(self, rows):
        n_outputs, n_inputs = self.weight.shape
        flat = _filled_up(rows.reshape(-1, n_inputs))
        products = torch.matmul(flat, _filled_up(self.weight).t())
        products = products[: rows[..., 0].numel(), :n_outputs]
        if self.bias is not None:
            products = products + self.bias
        return products.reshape(*rows.shape[:-1], n_outputs)


def _filled_up(matrix):
    """Return a matrix with zeros below and to the right."""
    below, right = (-size % _LINE for size in matrix.shape)
    return functional.pad(matrix, (0, right, 0, below)) if below or right else matrix


class _PlainBatchNorm(nn.Module):
    """`torch.nn.BatchNorm1d`, of means along the rows."""

    def __init__(self, plain):
        super().__init__()
        self.weight, self.bias = plain.weight, plain.bias
        self.epsilon, self.momentum = plain.eps, plain.momentum
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            self.register_buffer(name, getattr(plain, name))

    def forward(self, rows):
        axes = [axis for axis in range(rows.dim()) if axis != 1]
        shape = [1, -1, *[1] * (rows.dim() - 2)]
        if self.training or self.running_mean is None:
            mean = rows.mean(dim=axes)
            centered = rows - mean.view(shape)
            variance = (centered * centered).mean(dim=axes)
            if self.running_mean is not None:
                n_values = rows[:, 0].numel()
                self._follow(self.running_mean, mean)
                self._follow(self.running_var, variance * (n_values / max(n_values - 1, 1)))
                self.num_batches_tracked.add_(1)
        else:
            centered, variance = rows - self.running_mean.view(shape), self.running_var
        scaled = centered * torch.rsqrt(variance + self.epsilon).view(shape)
        if self.weight is not None:
            scaled = scaled * self.weight.view(shape) + self.bias.view(shape)
        return scaled

    def _follow(self, average, value):
        average.mul_(1 - self.momentum).add_(value.detach() * self.momentum)


class _KeyedDropout(nn.Module):
    """Dropout of what follows from a voter's seed, the step and the number of the layer."""

    def __init__(self, probability, number, whole_channels):
        super().__init__()
        self.probability, self.number = probability, number
        self.whole_channels = whole_channels
        self.register_buffer(KEY, torch.zeros((), dtype=torch.int64), persistent=False)

    def forward(self, values):
        if not self.training or self.probability == 0:
            return values
        shape = values.shape[:2] if self.whole_channels else values.shape
        draws = uniform(fold_in(getattr(self, KEY), self.number), shape.numel())
        kept = (draws >= self.probability).view(*shape, *[1] * (values.dim() - len(shape)))
        return values * kept * (1 / max(1 - self.probability, 1e-6))


_DROPOUTS = {nn.Dropout: False, nn.Dropout1d: True, nn.Dropout2d: True, nn.Dropout3d: True}
_BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


class _ProductConvolution(nn.Module):
    """`torch.nn.Conv2d` as products of matrices, which GPUs compute alike each time."""

    def __init__(self, plain):
        super().__init__()
        self.weight, self.bias = plain.weight, plain.bias
        self.settings = {
            name: getattr(plain, name) for name in ("kernel_size", "stride", "padding", "dilation")
        }

    def forward(self, images):
        size, stride, padding, dilation = self.settings.values()
        height, width = (
            (images.shape[2 + i] + 2 * padding[i] - dilation[i] * (size[i] - 1) - 1) // stride[i]
            + 1
            for i in range(2)
        )
        if size == stride == (1, 1) and padding == (0, 0):
            patches = images.flatten(2)
        else:
            patches = functional.unfold(images, **self.settings)
        outputs = torch.matmul(self.weight.flatten(1), patches)
        if self.bias is not None:
            outputs = outputs + self.bias.unsqueeze(1)
        return outputs.unflatten(2, (height, width))


def _is_plain(layer):
    return layer.groups == 1 and layer.padding_mode == "zeros" and type(layer.padding) is tuple


def stackable(module, *, convolutions_as_products):
    """Return a module with layers in place of torch's that any copy computes alike.

    Parameters
    ----------
    module : torch.nn.Module
        Left as it is; shares its weights with what is returned.
    convolutions_as_products : bool
        Whether to compute convolutions as products of matrices. Grouped convolutions are about
        three times as fast on a processor.

    Returns
    -------
    torch.nn.Module
        With a buffer named `KEY` in each layer that draws.

    Raises
    ------
    LearnerError
        If a layer cannot learn in a stack.
    """
    weights = [*module.parameters(), *module.buffers()]
    copy = deepcopy(module, {id(tensor): tensor for tensor in weights})
    made, n_dropouts = {}, 0
    for name, layer in list(copy.named_modules(remove_duplicate=False)):
        if id(layer) not in made:
            made[id(layer)] = _in_place_of(layer, n_dropouts, convolutions_as_products), layer
            n_dropouts += type(layer) in _DROPOUTS
        replaced = made[id(layer)][0]
        if replaced is layer:
            continue
        if not name:
            return replaced
        parent, _, child = name.rpartition(".")
        setattr(copy.get_submodule(parent), child, replaced)
    return copy


def _in_place_of(layer, n_dropouts, convolutions_as_products):
    kind = type(layer)
    if kind in _DROPOUTS:
        return _KeyedDropout(layer.p, n_dropouts, _DROPOUTS[kind])
    if kind is nn.Linear:
        return _AlignedLinear(layer)
    if kind in _BATCH_NORMS and layer.momentum is None and layer.track_running_stats:
        raise LearnerError(
            "A batch normalization with momentum=None counts its batches, which copies in a stack "
            "cannot do each for itself; give it a momentum, such as 0.1."
        )
    if kind is nn.BatchNorm1d:
        return _PlainBatchNorm(layer)
    if kind is nn.Conv2d and convolutions_as_products and _is_plain(layer):
        return _ProductConvolution(layer)
    return layer
