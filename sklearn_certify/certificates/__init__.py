"""Certificates for people who have votes of their own: arrays in, radii out.

Nothing here knows an estimator. Votes hold class indices, -1 where a voter abstains.

plurality           voters that share no rows (Deep Partition Aggregation)
overlap             voters that share partitions (Finite Aggregation)
  tighten             a better bound for several partitions
runoff              an election in two rounds (runoff_kernels)
resampling          voters on random samples (bagging):
  label_probabilities what the votes of a sample say about all voters
  resampling_gaps     what an attack takes from a lead
neighbors           nearest neighbours (neighbor_kernels)
joint               one attack against a whole test set

They share: margins (counts, gaps), partition_damage (of voters and partitions, Theorem 2),
spread_sums (sums over the voters of a partition), validation, arrays (types for hints).
"""

from ._margins import count_votes
from .joint import (
    joint_knn_accuracy,
    joint_neighbors_accuracy,
    joint_partition_accuracy,
    joint_runoff_accuracy,
)
from .neighbors import knn_radius, rnn_radius
from .overlap import overlap_radius
from .plurality import plurality_radius
from .resampling import bagging_radius
from .runoff import runoff_radius, runoff_votes

__all__ = [
    "bagging_radius",
    "count_votes",
    "joint_knn_accuracy",
    "joint_neighbors_accuracy",
    "joint_partition_accuracy",
    "joint_runoff_accuracy",
    "knn_radius",
    "overlap_radius",
    "plurality_radius",
    "rnn_radius",
    "runoff_radius",
    "runoff_votes",
]
