"""Certificates for people who have votes of their own: arrays in, radii out.

Nothing here knows an estimator. Votes hold class indices, -1 where a voter abstains.

plurality           voters that share no rows (Deep Partition Aggregation)
overlap             voters that share partitions (Finite Aggregation)
  tighten             a better bound for several partitions
runoff              an election in two rounds (runoff_kernels)
flips               voters that tell how many flipped labels turn them
temporal            voters that learn from consecutive periods (even_spans, temporal_kernels)
resampling          voters on random samples (bagging):
  label_probabilities what the votes of a sample say about all voters
  resampling_gaps     what an attack takes from a lead
median              the median of what voters answer (regression)
  interval_search     how far poison moves it
infinite_aggregation  the same, with statistics of single rows (row_losses)
neighbors           nearest neighbours (neighbor_kernels)
neighbors_median    the median of their targets
joint               one attack against a whole test set

With a `target` they are about attackers who want one class: targeted_overlap, targeted_runoff and
targeted_neighbors, on what it takes to pass all other classes (targets).

They share: margins (counts, gaps), partition_damage (of voters and partitions, Theorem 2),
spread_sums (sums over the voters of a partition), validation, arrays (types for hints).
"""

from ._margins import count_votes
from .flips import flip_radius
from .infinite_aggregation import infinite_aggregation_radius
from .joint import (
    joint_knn_accuracy,
    joint_neighbors_accuracy,
    joint_partition_accuracy,
    joint_runoff_accuracy,
    joint_temporal_accuracy,
)
from .median import lower_median, median_interval, median_radius
from .neighbors import knn_radius, rnn_radius
from .neighbors_median import knn_median_interval, knn_median_radius
from .overlap import overlap_radius
from .plurality import plurality_radius
from .resampling import bagging_radius
from .runoff import runoff_radius, runoff_votes
from .temporal import temporal_earliness, temporal_radius

__all__ = [
    "bagging_radius",
    "count_votes",
    "flip_radius",
    "infinite_aggregation_radius",
    "joint_knn_accuracy",
    "joint_neighbors_accuracy",
    "joint_partition_accuracy",
    "joint_runoff_accuracy",
    "joint_temporal_accuracy",
    "knn_median_interval",
    "knn_median_radius",
    "knn_radius",
    "lower_median",
    "median_interval",
    "median_radius",
    "overlap_radius",
    "plurality_radius",
    "rnn_radius",
    "runoff_radius",
    "runoff_votes",
    "temporal_earliness",
    "temporal_radius",
]
