"""Network in Network, the voter of the papers on partition aggregation."""

from math import sqrt

from torch import nn

__all__ = ["NetworkInNetwork"]


class NetworkInNetwork(nn.Module):
    """Network in Network: convolutions of 5 x 5 or 3 x 3, each followed by two of 1 x 1.

    Parameters
    ----------
    input_shape : tuple of int
        Channels, height and width of an image.
    n_classes : int
        Number of outputs.
    batch_norm : bool, default=True
        True: the network of [2]_, which Deep Partition Aggregation trains: batch normalization
        behind each convolution, and a linear layer on the means of the last channels. False: that
        of [1]_: dropout between the blocks, and the last convolution gives the classes.
    width : int, default=192
        Channels of most layers; the second and third have 5/6 and 1/2 of them.

    References
    ----------
    .. [1] M. Lin, Q. Chen, S. Yan, "Network In Network", ICLR 2014.
    .. [2] S. Gidaris, P. Singh, N. Komodakis, "Unsupervised Representation Learning by Predicting
       Image Rotations", ICLR 2018.

    Examples
    --------
    >>> import torch
    >>> from sklearn_certify.networks import NetworkInNetwork
    >>> network = NetworkInNetwork((3, 32, 32), n_classes=10)
    >>> network(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([2, 10])
    """

    def __init__(self, input_shape, n_classes, *, batch_norm=True, width=192):
        super().__init__()
        narrow, half = round(width * 5 / 6), width // 2
        last = width if batch_norm else n_classes
        kernels = [5, 1, 1, 5, 1, 1, 3, 1, 1]
        channels = [input_shape[0], width, narrow, half, width, width, width, width, width, last]
        blocks = [
            _convolution(channels[i], channels[i + 1], kernels[i], batch_norm) for i in range(9)
        ]
        rest = [] if batch_norm else [nn.Dropout(0.5)]
        self.layers = nn.Sequential(
            *blocks[:3],
            nn.MaxPool2d(3, stride=2, padding=1),
            *rest,
            *blocks[3:6],
            nn.AvgPool2d(3, stride=2, padding=1) if batch_norm else nn.MaxPool2d(3, 2, padding=1),
            *rest,
            *blocks[6:],
        )
        self.output = nn.Linear(width, n_classes) if batch_norm else nn.Identity()
        if batch_norm:
            nn.init.zeros_(self.output.bias)

    def forward(self, images):
        """Return the outputs for images of shape (n_images, channels, height, width)."""
        return self.output(self.layers(images).mean(dim=(2, 3)))


def _convolution(n_inputs, n_outputs, size, batch_norm):
    layer = nn.Conv2d(n_inputs, n_outputs, size, padding=size // 2, bias=not batch_norm)
    # the deviation that keeps the size of gradients (He et al., 2015)
    nn.init.normal_(layer.weight, 0, sqrt(2 / (size * size * n_outputs)))
    normalization = [nn.BatchNorm2d(n_outputs)] if batch_norm else []
    return nn.Sequential(layer, *normalization, nn.ReLU())
