"""Fitted estimators in files, which are read without running any code that they hold.

_save, _load     the way in
_model_file      what such a file holds besides the estimator: versions, notes (_header)
_skops_format    files of skops, made of arrays and of types that are known (_trusted_types)
_pickle_format   pickles, for what skops cannot hold
"""

from ._load import load
from ._save import save

__all__ = ["load", "save"]
