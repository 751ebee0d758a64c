"""A small convolutional network for small images."""

from torch import nn

__all__ = ["SmallConvNet"]

_FOLDED_FROM = 16  # pixels in height and width
_HALVED_FROM = 9


class SmallConvNet(nn.Module):
    """A convolutional network that is quick on a processor, for images such as 28 x 28 or 8 x 8.

    Images of 16 x 16 pixels or more are folded first: four pixels next to each other become four
    channels of one, which loses nothing and leaves a quarter of the places to compute at. Then come
    convolutions of 3 x 3, of which the first two halve height and width (the first only if they are
    more than 8), and a linear layer.

    Parameters
    ----------
    input_shape : tuple of int
        Channels, height and width of an image.
    n_classes : int
        Number of outputs.
    n_channels : tuple of int, default=(16, 32)
        Channels of the convolutions. Multiples of 16 are computed fastest.
    dropout : float, default=0.0
        Share of the values in front of the linear layer that are hidden in training.

    Examples
    --------
    >>> import torch
    >>> from sklearn_certify.networks import SmallConvNet
    >>> network = SmallConvNet((1, 28, 28), n_classes=10)
    >>> network(torch.zeros(5, 1, 28, 28)).shape
    torch.Size([5, 10])
    """

    def __init__(self, input_shape, n_classes, *, n_channels=(16, 32), dropout=0.0):
        super().__init__()
        channels, *sides = input_shape
        layers = []
        if min(sides) >= _FOLDED_FROM and all(side % 2 == 0 for side in sides):
            layers.append(nn.PixelUnshuffle(2))
            channels, sides = 4 * channels, [side // 2 for side in sides]
        for number, n_outputs in enumerate(n_channels):
            halves = number == 1 or (number == 0 and min(sides) >= _HALVED_FROM)
            layers += [nn.Conv2d(channels, n_outputs, 3, 2 if halves else 1, padding=1), nn.ReLU()]
            channels, sides = n_outputs, [-(-side // 2) if halves else side for side in sides]
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(dropout))
        self.output = nn.Linear(channels * sides[0] * sides[1], n_classes)

    def forward(self, images):
        """Return the outputs for images of shape (n_images, channels, height, width)."""
        return self.output(self.layers(images))
