"""Certificates: votes in, radii out."""

from .plurality import count_votes, plurality_radius

try:  # TEMPORARY while rooms are being built
    from .overlap import overlap_radius
except ImportError:
    overlap_radius = None
try:
    from .joint import joint_partition_accuracy
except ImportError:
    joint_partition_accuracy = None
try:
    from .runoff import runoff_radius, runoff_votes
except ImportError:
    runoff_radius = runoff_votes = None
