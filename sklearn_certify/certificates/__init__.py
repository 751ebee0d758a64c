"""Certificates for people who have votes of their own: arrays in, radii out.

Nothing here knows an estimator. Votes hold class indices, -1 where a voter abstains.
"""

from ._margins import count_votes
from .joint import joint_neighbors_accuracy, joint_partition_accuracy
from .neighbors import knn_radius, rnn_radius
from .overlap import overlap_radius
from .plurality import plurality_radius
from .resampling import bagging_radius
from .runoff import runoff_radius, runoff_votes

__all__ = [
    "bagging_radius",
    "count_votes",
    "joint_neighbors_accuracy",
    "joint_partition_accuracy",
    "knn_radius",
    "overlap_radius",
    "plurality_radius",
    "rnn_radius",
    "runoff_radius",
    "runoff_votes",
]
