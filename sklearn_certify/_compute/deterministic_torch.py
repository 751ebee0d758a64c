"""Kernels of torch that add up in one order; what all threads share is set back by the last."""

import os
import sys
import threading
from contextlib import contextmanager

__all__ = ["deterministic_kernels"]

_WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"  # without which torch refuses products of matrices
_lock = threading.Lock()
_n_inside = 0
_before = None


@contextmanager
def deterministic_kernels():
    """Let torch, which has been imported, use deterministic kernels alone inside the block.

    Where an operation has none, torch raises a RuntimeError. The settings hold for the whole
    process: the first thread that comes in makes them and the last that leaves takes them back.
    """
    global _n_inside, _before
    with _lock:
        if _n_inside == 0:
            _before = _settings()
            _set(True, False, False, True, os.environ.get(_WORKSPACE, ":4096:8"))
        _n_inside += 1
    try:
        yield
    finally:
        with _lock:
            _n_inside -= 1
            if _n_inside == 0:
                _set(*_before)


def _settings():
    torch = sys.modules["torch"]
    return (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
        torch.backends.cudnn.benchmark,
        torch.backends.cudnn.deterministic,
        os.environ.get(_WORKSPACE),
    )


def _set(is_deterministic, only_warns, tries_kernels, is_cudnn_deterministic, workspace):
    torch = sys.modules["torch"]
    torch.use_deterministic_algorithms(is_deterministic, warn_only=only_warns)
    torch.backends.cudnn.benchmark = tries_kernels
    torch.backends.cudnn.deterministic = is_cudnn_deterministic
    if workspace is None:
        os.environ.pop(_WORKSPACE, None)
    else:
        os.environ[_WORKSPACE] = workspace
