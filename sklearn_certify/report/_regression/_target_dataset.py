"""Rows with targets."""

from ..._rows import check_targets
from .._dataset import Dataset, make_dataset
from ._words import rounded

__all__ = ["TargetDataset", "make_target_dataset"]


class TargetDataset(Dataset):
    """Rows with targets, finite numbers, in place of labels; otherwise as `Dataset`."""

    def _labels_in_words(self):
        return f"targets from {rounded(self.y.min())} to {rounded(self.y.max())}"


def make_target_dataset(X, y, groups, source, target):
    """Check rows as they come from a notebook.

    Parameters
    ----------
    X, groups, source, target
        As for `make_dataset`.
    y : array-like of shape (n_rows,)
        Targets.

    Returns
    -------
    TargetDataset

    Raises
    ------
    ValueError
        If there is not one finite target, and one contributor if any, for each row.
    """
    return make_dataset(X, y, groups, source, target, kind=TargetDataset, check=check_targets)
