"""Joint certificates: one attack against a whole test set.

partition           accuracy of partition ensembles; how to bound the rows that flip together:
  partition_votes     the rows that may flip, with their votes
  exhaustive_search   every choice of few partitions
  partition_shares    what part of a flip each partition can do, for the two bounds that follow
  multiplier_bound    one multiplier for each row
  moment_bound        second moments of what an attack does to the rows
neighbors           accuracy of radius nearest neighbours; likewise:
  attacker            what a budget of poison allows
  neighbor_needs      how many removed and inserted rows flip each row
  island_bound        groups of rows share the removals (the paper's bound)
  knapsack            all rows share them
  branch_and_bound    and the insertions, too
"""

from ._neighbors import joint_neighbors_accuracy
from ._partition import joint_partition_accuracy

__all__ = ["joint_neighbors_accuracy", "joint_partition_accuracy"]
