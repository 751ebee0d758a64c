"""What went wrong with a network, in a sentence that says what to do."""

import re
from contextlib import contextmanager

from ..exceptions import LearnerError
from ._short_memory import OUT_OF_MEMORY

__all__ = ["explained_errors"]

# The first pattern that is found in an error decides; its groups and the network fill the sentence.
_SENTENCES = (
    (
        r"(?:(\w+) does not have a deterministic implementation|CUBLAS_WORKSPACE_CONFIG)",
        "{0} has no deterministic kernel on {device!r}, so that the same rows would give other "
        "votes from run to run; use another layer in its place, or device='cpu'.",
    ),
    (
        OUT_OF_MEMORY,
        "{device!r} has no room for batches of {batch_size} rows; use a smaller batch_size, or "
        "n_jobs=None, so that one voter works at a time.",
    ),
    (
        r"not compiled with CUDA|No CUDA GPUs|no NVIDIA driver|invalid device ordinal"
        r"|Cannot initialize CUDA|device type .* not available",
        "torch finds no device {device!r} here; use device='cpu', or a torch that is built for it.",
    ),
    (
        r"more than 1 value per channel",
        "A batch had a single row, from which batch normalisation cannot learn; use GroupNorm in "
        "its place, or a batch_size that leaves no row over.",
    ),
)


@contextmanager
def explained_errors(network):
    """Raise what is known to go wrong inside the block in words that help.

    Parameters
    ----------
    network : NetClassifier
        What is working.

    Raises
    ------
    LearnerError
        In place of an error of torch that is known.
    """
    try:
        yield
    except LearnerError:
        raise
    except Exception as error:
        words = f"{type(error).__name__}: {error}"
        for pattern, sentence in _SENTENCES:
            found = re.search(pattern, words)
            if found:
                groups = (group or "A product of matrices" for group in found.groups())
                raise LearnerError(
                    sentence.format(
                        *groups, device=str(network.device), batch_size=network.batch_size
                    )
                ) from error
        raise
