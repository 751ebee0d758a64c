"""Plots of certified accuracy and certified radii. They need the extra ``plot`` (matplotlib)."""

from ._accuracy_display import CertifiedAccuracyDisplay
from ._radius_display import CertifiedRadiusDisplay

__all__ = ["CertifiedAccuracyDisplay", "CertifiedRadiusDisplay"]
