"""Devices without memory left: how that is known, and told."""

import re

import torch

from .._user_warnings import warn_user
from ..exceptions import CertifyWarning

__all__ = ["OUT_OF_MEMORY", "ShortMemory", "is_out_of_memory"]

# in errors of torch, of CUDA's libraries and of allocators
OUT_OF_MEMORY = "out of memory|ALLOC_FAILED|can't allocate memory|not enough memory"


def is_out_of_memory(error):
    """Say whether an error means that a device has no memory left.

    Parameters
    ----------
    error : Exception
        What was raised.

    Returns
    -------
    bool
    """
    if isinstance(error, (torch.cuda.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and bool(re.search(OUT_OF_MEMORY, str(error)))


class ShortMemory:
    """What is done, and told once, when a device has no memory left.

    Parameters
    ----------
    device : torch.device
        The device.
    """

    def __init__(self, device):
        self.device = device
        self._was_told = False

    def __str__(self):
        return f"device {str(self.device)!r}"

    def free(self):
        """Give back what torch keeps for later."""
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def tell(self, consequence):
        """Warn of it, the first time."""
        if not self._was_told:
            self._was_told = True
            warn_user(
                f"{str(self).capitalize()} ran out of memory; {consequence}, or fewer if need be.",
                CertifyWarning,
            )
