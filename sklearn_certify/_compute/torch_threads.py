"""The threads of torch's own linear algebra, which no other library finds."""

import re
import sys
import threading
from contextlib import contextmanager

__all__ = ["limit_torch", "start_torch", "torch_gets_its_threads_back"]

_lock = threading.Lock()
_n_inside = 0
_n_threads = None  # before it was limited


@contextmanager
def torch_gets_its_threads_back():
    """Take back the limit of `limit_torch` when the last thread leaves the block."""
    global _n_inside, _n_threads
    with _lock:
        _n_inside += 1
    try:
        yield
    finally:
        with _lock:
            _n_inside -= 1
            if _n_inside == 0 and _n_threads is not None:
                sys.modules["torch"].set_num_threads(_n_threads)
                _n_threads = None


def start_torch():
    """Let torch, if it is there, set the threads of this thread now, not at its first work."""
    if _is_there():
        sys.modules["torch"].get_num_threads()


def limit_torch():
    """Limit MKL inside torch, if it is there; OpenMP must have been limited before.

    MKL follows OpenMP until somebody has called ``torch.set_num_threads``, and nothing else since.
    """
    global _n_threads
    if not _is_there():
        return
    torch = sys.modules["torch"]
    found = re.search(r"mkl_get_max_threads\(\) : (\d+)", torch.__config__.parallel_info())
    if found and found[1] != "1":
        with _lock:
            if _n_threads is None:
                _n_threads = int(found[1])
            torch.set_num_threads(1)


def _is_there():
    """Say whether torch has been imported, to its end."""
    return hasattr(sys.modules.get("torch"), "default_generator")
