"""Joint certificates: one attack against a whole test set."""

from ._neighbors import joint_neighbors_accuracy
from ._partition import joint_partition_accuracy

__all__ = ["joint_neighbors_accuracy", "joint_partition_accuracy"]
