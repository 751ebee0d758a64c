"""Joint certificates: one attack against a whole test set.

partition           accuracy of partition ensembles; how to bound the rows that flip together:
  partition_votes     the rows that may flip, with their votes
  flips_together      the best of these bounds, at each budget:
  exhaustive_search   every choice of few partitions
  partition_shares    what part of a flip each partition can do, for the two bounds that follow
  multiplier_bound    one multiplier for each row
  moment_bound        second moments of what an attack does to the rows
runoff              accuracy of run-off elections, by the same bounds:
  runoff_ballots      the election and its ballots
  runoff_ways         in which ways partitions can turn one row
  runoff_rows         the rows that may flip, and what partitions do to them
neighbors           accuracy of radius nearest neighbours; likewise:
  attacker            what a budget of poison allows
  neighbor_needs      how many removed and inserted rows flip each row
  island_bound        groups of rows share the removals (the paper's bound)
  knapsack            all rows share them
  branch_and_bound    and the insertions, too
knn                 accuracy of the k nearest neighbours, by the same bounds:
  ranked_needs        how many removed and inserted rows flip each row
temporal            accuracy of voters on consecutive periods
  temporal_losses     what an attack must reach to flip each row
"""

from ._knn import joint_knn_accuracy
from ._neighbors import joint_neighbors_accuracy
from ._partition import joint_partition_accuracy
from ._runoff import joint_accuracy_of_ballots, joint_runoff_accuracy
from ._runoff_ballots import RunoffBallots, runoff_ballots
from ._temporal import joint_temporal_accuracy

__all__ = [
    "RunoffBallots",
    "joint_accuracy_of_ballots",
    "joint_knn_accuracy",
    "joint_neighbors_accuracy",
    "joint_partition_accuracy",
    "joint_runoff_accuracy",
    "joint_temporal_accuracy",
    "runoff_ballots",
]
