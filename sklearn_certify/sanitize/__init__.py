"""Filters that drop suspicious rows from a training set: empirical defences, no certificates."""

from ._activation_clustering import ActivationClusteringFilter
from ._boosting import BoostingHomogeneousSets
from ._hidden_layer import HiddenLayerTransformer
from ._inverse_self_paced import InverseSelfPacedFilter
from ._sanitized import SanitizedClassifier
from ._spectral_signature import SpectralSignatureFilter
from ._trimmed_loss import TrimmedLossFilter

__all__ = [
    "ActivationClusteringFilter",
    "BoostingHomogeneousSets",
    "HiddenLayerTransformer",
    "InverseSelfPacedFilter",
    "SanitizedClassifier",
    "SpectralSignatureFilter",
    "TrimmedLossFilter",
]
