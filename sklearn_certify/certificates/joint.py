"""Joint certificates: one budget of poison against a whole test set."""

from ._joint_partition import joint_partition_accuracy

__all__ = ["joint_partition_accuracy"]
