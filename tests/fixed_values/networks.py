"""A network whose arithmetic is exact, so that its votes are the same on every machine."""

import pytest

torch = pytest.importorskip("torch")
skorch = pytest.importorskip("skorch")


class WholeNumbers(torch.nn.Module):
    """One layer, which starts from whole numbers and loses half of its inputs in training."""

    def __init__(self, n_features=8, n_classes=4):
        super().__init__()
        self.layer = torch.nn.Linear(n_features, n_classes)
        for parameter in self.parameters():
            parameter.data = torch.randint(-2, 3, parameter.shape).to(parameter.dtype)

    def forward(self, X):
        if self.training:
            X = X * torch.randint(0, 2, X.shape)
        return self.layer(X)


def network():
    """Return a classifier that learns in steps of powers of two."""
    return skorch.NeuralNetClassifier(
        WholeNumbers,
        criterion=torch.nn.MultiMarginLoss,
        criterion__reduction="sum",
        optimizer=torch.optim.SGD,
        lr=2**-4,
        max_epochs=4,
        batch_size=8,
        train_split=None,
        verbose=0,
        classes=[0, 1, 2, 3],
    )
