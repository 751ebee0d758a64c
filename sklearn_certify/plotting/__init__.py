"""Plots of certificates and of what filters suspect. They need the extra ``plot`` (matplotlib)."""

from ._accuracy_display import CertifiedAccuracyDisplay
from ._radius_display import CertifiedRadiusDisplay
from ._suspicious_rows_display import SuspiciousRowsDisplay
from ._vote_count_display import VoteCountDisplay
from ._vote_share_display import VoteShareDisplay

__all__ = [
    "CertifiedAccuracyDisplay",
    "CertifiedRadiusDisplay",
    "SuspiciousRowsDisplay",
    "VoteCountDisplay",
    "VoteShareDisplay",
]
