"""The generators that torch draws from by itself: in memory, and on each accelerator in use."""

import sys

__all__ = ["TorchStates", "seed_torch", "torch_generators"]

_ACCELERATORS = ("cuda", "xpu")  # whose generators can be asked for; that of MPS has functions


def torch_generators():
    """Return the generators that torch has by now.

    Returns
    -------
    list of torch.Generator
        Empty as long as nobody has imported torch. An accelerator has some, one per device, as soon
        as anybody works with it.
    """
    torch = sys.modules.get("torch")
    if not hasattr(torch, "default_generator"):
        return []
    generators = [torch.default_generator]
    for name in _ACCELERATORS:
        accelerator = getattr(torch, name, None)
        if accelerator is not None and accelerator.is_initialized():
            generators += accelerator.default_generators
    if torch.backends.mps.is_available():
        generators.append(_MPSGenerator)
    return generators


class _MPSGenerator:
    """The generator of Apple's GPU, which torch gives functions to and no name."""

    @staticmethod
    def get_state():
        return sys.modules["torch"].mps.get_rng_state()

    @staticmethod
    def set_state(state):
        sys.modules["torch"].mps.set_rng_state(state)

    @staticmethod
    def manual_seed(seed):
        sys.modules["torch"].mps.manual_seed(seed)


def seed_torch(seed):
    """Seed all that torch draws from, quickly.

    ``torch.manual_seed`` also prepares what nobody uses, and takes as long as a small fit.

    Parameters
    ----------
    seed : int
        A seed below 2**32.
    """
    generators = torch_generators()
    for generator in generators:
        generator.manual_seed(seed)
    if generators and _may_have_others():
        sys.modules["torch"].manual_seed(seed)


def _may_have_others():
    """Say whether there may be a device that none of the known generators is of."""
    accelerators = getattr(sys.modules["torch"], "accelerator", None)
    if accelerators is None:  # before torch 2.6, which cannot tell
        return True
    device = accelerators.current_accelerator()
    return device is not None and device.type not in (*_ACCELERATORS, "mps")


class TorchStates:
    """The states that torch's generators have now."""

    def __init__(self):
        self._states = {generator: generator.get_state() for generator in torch_generators()}

    def add_new(self, *, rewind=False):
        """Take in the generators that have come into being since.

        Parameters
        ----------
        rewind : bool, default=False
            Whether to set them back to their beginning.
        """
        for generator in torch_generators():
            if generator not in self._states:
                if rewind and generator is not _MPSGenerator:
                    generator.manual_seed(generator.initial_seed())
                self._states[generator] = generator.get_state()

    def restore(self):
        """Set the generators back."""
        for generator, state in self._states.items():
            generator.set_state(state)

    def have_changed(self):
        """Say whether a generator has another state by now, or is not known."""
        states = self._states
        return any(
            generator not in states or not states[generator].equal(generator.get_state())
            for generator in torch_generators()
        )
