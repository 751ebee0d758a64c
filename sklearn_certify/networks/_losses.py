"""Losses of many copies of a network at once, each on its own batch."""

import torch

__all__ = ["cross_entropy"]


def cross_entropy(outputs, targets, known, label_smoothing):
    """Return the mean loss of each copy on its batch.

    Parameters
    ----------
    outputs : tensor of shape (n_copies, n_rows, n_outputs)
        What the copies say.
    targets : tensor of int64, of shape (n_copies, n_rows)
        The class of each row.
    known : tensor of bool, of shape (n_copies, n_outputs)
        The outputs that stand for classes.
    label_smoothing : float
        Share of the target that all classes of a copy have alike.

    Returns
    -------
    tensor of shape (n_copies,)
    """
    known = known.unsqueeze(1)
    outputs = outputs.float().masked_fill(~known, -torch.inf)
    logarithms = torch.log_softmax(outputs, dim=2)
    losses = -logarithms.gather(2, targets.unsqueeze(2)).squeeze(2)
    if label_smoothing:
        means = logarithms.masked_fill(~known, 0.0).sum(dim=2) / known.sum(dim=2)
        losses = losses * (1 - label_smoothing) - means * label_smoothing
    return losses.mean(dim=1)
