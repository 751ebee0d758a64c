"""Certificates for people who have votes of their own: arrays in, radii out.

Nothing here knows an estimator. Votes hold class indices, -1 where a voter abstains.
"""

from .joint import joint_partition_accuracy
from .overlap import overlap_radius
from .plurality import count_votes, plurality_radius
from .runoff import runoff_radius, runoff_votes

__all__ = [
    "count_votes",
    "joint_partition_accuracy",
    "overlap_radius",
    "plurality_radius",
    "runoff_radius",
    "runoff_votes",
]
