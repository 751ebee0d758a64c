"""Types of the arrays that certificates and their kernels pass on to each other."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Dtype", "Floats", "Int64s", "Integers", "Room"]

Floats: TypeAlias = NDArray[np.floating[Any]]
Integers: TypeAlias = NDArray[np.integer[Any]]
Int64s: TypeAlias = NDArray[np.int64]
Dtype: TypeAlias = np.dtype[Any]
Room: TypeAlias = tuple[NDArray[Any], ...]  # arrays that a kernel writes intermediate results in
