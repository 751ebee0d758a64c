"""A network of linear layers for tables."""

from math import prod

from torch import nn

__all__ = ["MultilayerPerceptron"]


class MultilayerPerceptron(nn.Module):
    """Linear layers with rectified units between them.

    Parameters
    ----------
    input_shape : tuple of int
        Shape of a row; rows that are no vectors are flattened.
    n_classes : int
        Number of outputs.
    hidden_layer_sizes : tuple of int, default=(64, 64)
        Units of the layers between. Multiples of 16 are computed fastest.
    dropout : float, default=0.0
        Share of the units of each layer that are hidden in training.

    Examples
    --------
    >>> import torch
    >>> from sklearn_certify.networks import MultilayerPerceptron
    >>> network = MultilayerPerceptron((30,), n_classes=2, hidden_layer_sizes=(32,))
    >>> network(torch.zeros(5, 30)).shape
    torch.Size([5, 2])
    """

    def __init__(self, input_shape, n_classes, *, hidden_layer_sizes=(64, 64), dropout=0.0):
        super().__init__()
        layers, n_units = [nn.Flatten()], prod(input_shape)
        for size in hidden_layer_sizes:
            layers += [nn.Linear(n_units, size), nn.ReLU(), nn.Dropout(dropout)]
            n_units = size
        self.layers = nn.Sequential(*layers, nn.Linear(n_units, n_classes))

    def forward(self, rows):
        """Return the outputs for rows of shape (n_rows, ...)."""
        return self.layers(rows)
