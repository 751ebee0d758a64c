"""Joint certificates: one attack against a whole test set."""

from ._joint_neighbors import joint_neighbors_accuracy
from ._joint_partition import joint_partition_accuracy

__all__ = ["joint_neighbors_accuracy", "joint_partition_accuracy"]
