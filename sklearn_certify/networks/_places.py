"""How many voters may learn, or answer, together: tried, not believed.

That no other voter reaches a place follows from how stacks compute. That the same voter has the
same bits at another place does not: the end of an array, or the middle of a cache line, may be
rounded in another way, by operations that only the user's module knows. So the same made-up voter
is put at all places. Where it comes out differently, voters are trained, and asked, one by one.

A smaller stack stands for a larger one, if memory runs out, where the made-up voter has the same
bits in both.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import joblib
import numpy as np
import torch

from .._user_warnings import warn_user
from ..exceptions import CertifyWarning, LearnerError
from ._short_memory import is_out_of_memory
from ._stacked_module import tensors_of

__all__ = ["Places", "made_up_state"]

_FEWEST = 2  # torch may compute a single voter in another way than several
_found = {}  # numbers of places, and what became of the made-up voter, by what that depends on


class Places(ABC):
    """The number of places of a stack, found by trying.

    Parameters
    ----------
    name : str
        Of the module, for messages.
    key : tuple
        What the outcome of a trial depends on.
    n_places : int
        The number wished for.
    memory : ShortMemory
        That of the device.

    Attributes
    ----------
    number : int
        As many as are wished for; fewer, if there is no memory for a stack of so many; one, if a
        voter's place matters.

    Raises
    ------
    LearnerError
        If there is no memory for the smallest stack.
    """

    deed: ClassVar[str]  # what voters are together, for messages

    def __init__(self, name, key, n_places, memory):
        self.name, self.memory = name, memory
        self._key = (type(self), *key)
        found = (*self._key, n_places)
        if found not in _found:
            _found[found] = self._find(n_places)
        self.number = _found[found]

    @abstractmethod
    def _outcomes(self, n_places):
        """Yield what becomes of the same made-up voter at each of so many places."""

    def _outcome(self, n_places):
        """Return a hash of what becomes of the made-up voter; None if its place matters."""
        key = (*self._key, n_places, "outcome")
        if key not in _found:
            hashes = {joblib.hash(outcome) for outcome in self._outcomes(n_places)}
            _found[key] = hashes.pop() if len(hashes) == 1 else None
        return _found[key]

    def _find(self, n_places):
        if n_places == 1:
            return 1
        error = self._shortage(n_places)
        number = n_places if error is None else self._fewer(n_places, error)
        if self._outcome(number) is None:
            self._tell_that_places_matter()
            return 1
        if number < n_places:
            self.memory.tell(
                f"{number} voters are {self.deed} at once; set n_stacked={number} to have the same "
                "bits wherever there is more"
            )
        return number

    def _shortage(self, n_places):
        """Return the error if there is no memory for so many made-up voters, else None."""
        try:
            self._outcome(n_places)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            shortage = error.with_traceback(None)  # whose frames hold what fills the device
        else:
            return None
        self.memory.free()
        return shortage

    def halve(self, error):
        """Go on with half as many places, in which voters have the same bits.

        Parameters
        ----------
        error : Exception
            What was raised when there was no memory left.

        Raises
        ------
        LearnerError
            If voters would have other bits, or there are no fewer places.
        """
        fewer = self._fewer(self.number, error)
        if self._outcome(fewer) != self._outcome(self.number):
            raise LearnerError(
                f"There is no memory on {self.memory} for {self.number} voters to be {self.deed} "
                f"at once, and {fewer} would differ in their last digits; set n_stacked={fewer}."
            ) from error
        self.number = fewer
        self.memory.tell(f"{fewer} voters are {self.deed} at once, with the same results")

    def _fewer(self, n_places, error):
        """Return the number of places that there is room for, by halving."""
        while n_places > _FEWEST:
            n_places = -(-n_places // 2)
            if self._shortage(n_places) is None:
                return n_places
        raise LearnerError(
            f"There is no memory on {self.memory} for a single voter to be {self.deed}; make the "
            "module smaller, or lower batch_size."
        ) from error

    def _tell_that_places_matter(self):
        warn_user(
            f"What {self.name} computes depends on its place in a stack here, so voters are "
            f"{self.deed} one by one, which is slow; layer sizes and batch sizes that are "
            "multiples of 16 often help.",
            CertifyWarning,
        )


def made_up_state(module):
    """Return weights and averages of a module's shapes, which follow from these alone.

    Whole numbers among its buffers are its own: they may say where something is.

    Parameters
    ----------
    module : torch.nn.Module
        Any.

    Returns
    -------
    dict of ndarray
        By name.
    """
    rng, state = np.random.default_rng(0), {}
    weights = dict(module.named_parameters())
    for name, tensor in tensors_of(module).items():
        if not tensor.is_floating_point():
            state[name] = tensor.numpy()
            continue
        n_inputs = max(tensor[:1].numel(), 1) if tensor.dim() > 1 else 1
        values = rng.normal(size=tuple(tensor.shape)) / np.sqrt(n_inputs)
        # averages of squares are among those that are no weights
        values = values if name in weights else 1 + np.abs(values)
        state[name] = torch.as_tensor(values).to(tensor.dtype).numpy()
    return state
