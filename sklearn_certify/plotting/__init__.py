"""Plots of certificates, of forecasts and of filters. They need the extra ``plot`` (matplotlib)."""

from ._accuracy_display import CertifiedAccuracyDisplay
from ._interval_width_display import IntervalWidthDisplay
from ._lethal_dose_display import LethalDoseDisplay
from ._median_display import MedianDisplay
from ._radius_display import CertifiedRadiusDisplay
from ._success_rate_display import AttackSuccessRateDisplay
from ._suspicious_rows_display import SuspiciousRowsDisplay
from ._vote_count_display import VoteCountDisplay
from ._vote_share_display import VoteShareDisplay
from ._votes_in_time_display import VotesInTimeDisplay

__all__ = [
    "AttackSuccessRateDisplay",
    "CertifiedAccuracyDisplay",
    "CertifiedRadiusDisplay",
    "IntervalWidthDisplay",
    "LethalDoseDisplay",
    "MedianDisplay",
    "SuspiciousRowsDisplay",
    "VoteCountDisplay",
    "VoteShareDisplay",
    "VotesInTimeDisplay",
]
