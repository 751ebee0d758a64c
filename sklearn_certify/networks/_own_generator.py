"""Code that draws from torch's global generator draws from one of its own."""

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from ..exceptions import InvalidInputError

__all__ = ["OwnGenerator"]

_LIKE = {"rand_like": "uniform_", "randn_like": "normal_"}  # take no generator in older releases


class OwnGenerator(TorchDispatchMode):
    """Context in which every operation of torch that draws numbers uses a generator of its own.

    Voters work in threads, which share torch's global generator, so that it can be seeded for none
    of them. A mode holds for the thread that has entered it.

    Parameters
    ----------
    seed : int
        From 0, below 2**63.
    """

    def __init__(self, seed):
        super().__init__()
        self._seed = seed
        self._generators = {}

    @classmethod
    def _should_skip_dynamo(cls):
        return False  # torch would import its compiler at the first draw, which takes seconds

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if torch.Tag.nondeterministic_seeded not in func.tags or kwargs.get("generator"):
            return func(*args, **kwargs)
        generator = self._generator_for(args, kwargs)
        packet = func.overloadpacket
        if any(argument.name == "generator" for argument in func._schema.arguments):
            return func(*args, **{**kwargs, "generator": generator})
        name = packet._qualified_op_name.rpartition("::")[2]
        if name in _LIKE:
            kwargs.pop("pin_memory", None)
            empty = torch.empty_like(*args, **kwargs)
            return getattr(empty, _LIKE[name])(generator=generator)
        for overload in ("generator", f"{func._overloadname}_generator"):
            if overload in packet.overloads():
                return getattr(packet, overload)(*args, **{**kwargs, "generator": generator})
        raise InvalidInputError(
            f"torch's operation {name} draws random numbers and takes no generator, so that it "
            "cannot follow from a voter's seed; draw with torch.rand or torch.randn."
        )

    def _generator_for(self, args, kwargs):
        device = kwargs.get("device") or next(
            (arg.device for arg in args if isinstance(arg, torch.Tensor)), "cpu"
        )
        kind = torch.device(device).type
        if kind not in self._generators:
            self._generators[kind] = torch.Generator(kind).manual_seed(self._seed)
        return self._generators[kind]
