"""Where networks are trained, and how the same bits come out each time."""

import os
from contextlib import ExitStack, contextmanager

import torch

from .._compute.native_threads import one_native_thread
from ..exceptions import InvalidInputError

__all__ = ["find_device", "free_memory", "same_bits"]

_ROOM_IN_MEMORY = 2**28  # bytes of rows at a time, where there is no limit to be asked for
_SHARE_FOR_ROWS = 4  # a device's free memory is divided by this


def find_device(name):
    """Return the device of a name.

    Parameters
    ----------
    name : str
        "auto": CUDA's first device if there is one, else the processor. Else as torch has it.

    Returns
    -------
    torch.device

    Raises
    ------
    InvalidInputError
        If there is no such device here.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InvalidInputError(f"device={name!r} is no device that torch knows.") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise InvalidInputError(
            f"device={name!r} needs a GPU that this torch can use, and there is none; "
            "use device='cpu' or 'auto'."
        )
    if device.type not in ("cpu", "cuda"):
        raise InvalidInputError(f"device={name!r} must be 'auto', 'cpu', 'cuda' or 'cuda:0', ...")
    return device


@contextmanager
def same_bits(device):
    """Let results inside the block depend on nothing that happens to be set.

    On a processor one thread computes, as in all voters. On a GPU cuDNN and cuBLAS use
    deterministic algorithms. What is set for that is taken back.

    Parameters
    ----------
    device : torch.device
        Where the block computes.
    """
    with ExitStack() as stack:
        stack.enter_context(one_native_thread())
        stack.enter_context(torch.enable_grad())
        if device.type == "cuda":
            stack.enter_context(_deterministic_cuda())
        yield


@contextmanager
def _deterministic_cuda():
    name, value = "CUBLAS_WORKSPACE_CONFIG", os.environ.get("CUBLAS_WORKSPACE_CONFIG")
    was, warned = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    if value is None:  # read when the first product is computed
        os.environ[name] = ":4096:8"
    torch.use_deterministic_algorithms(True)
    try:
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True):
            yield
    finally:
        torch.use_deterministic_algorithms(was, warn_only=warned)
        if value is None:
            os.environ.pop(name, None)


def free_memory(device):
    """Return how many bytes of rows may be on a device at a time.

    Parameters
    ----------
    device : torch.device
        Where rows are to be.

    Returns
    -------
    int
    """
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0] // _SHARE_FOR_ROWS
    return _ROOM_IN_MEMORY
