"""A small convolutional network for small images."""

import torch
from torch import nn

__all__ = ["SmallConvNet"]

_SIDE = 16  # images as wide as this are folded first


class SmallConvNet(nn.Module):
    """A convolutional network that is quick on a processor, for images such as 28 x 28 or 8 x 8.

    Images of 16 x 16 pixels or more are folded first: four pixels next to each other become four
    channels of one, which loses nothing and leaves a quarter of the places to compute at. Then come
    three convolutions of 3 x 3, with the largest of four taken twice, and a linear layer.

    Parameters
    ----------
    input_shape : tuple of int
        Channels, height and width of an image.
    n_classes : int
        Number of outputs.
    n_channels : tuple of int, default=(16, 32, 64)
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

    def __init__(self, input_shape, n_classes, *, n_channels=(16, 32, 64), dropout=0.0):
        super().__init__()
        channels, height, width = input_shape
        folds = min(height, width) >= _SIDE and height % 2 == width % 2 == 0
        first, second, third = n_channels
        self.layers = nn.Sequential(
            nn.PixelUnshuffle(2) if folds else nn.Identity(),
            nn.Conv2d(4 * channels if folds else channels, first, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, ceil_mode=True),
            nn.Conv2d(first, second, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(second, third, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2, ceil_mode=True),
            nn.Flatten(),
            nn.Dropout(dropout),
        )
        with torch.no_grad():
            n_features = self.layers.eval()(torch.zeros(1, *input_shape)).shape[1]
        self.train()
        self.output = nn.Linear(n_features, n_classes)

    def forward(self, images):
        """Return the outputs for images of shape (n_images, channels, height, width)."""
        return self.output(self.layers(images))
