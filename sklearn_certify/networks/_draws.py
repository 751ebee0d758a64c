"""Random numbers that follow from a seed and a counter: the same on every device, in any company.

A generator of torch serves one voter at a time. Numbers made of a seed by arithmetic on integers
serve all voters of a stack in one call, to none is anything left of another, and training that was
interrupted goes on from the number of its step alone. The arithmetic is SplitMix64's (Steele, Lea
and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
"""

import torch

__all__ = ["fold_in", "mixed", "uniform"]

_GAMMA = 0x9E3779B97F4A7C15 - 2**64  # torch has signed integers, which overflow in the same way
_FIRST = 0xBF58476D1CE4E5B9 - 2**64
_SECOND = 0x94D049BB133111EB - 2**64
_BITS = 24  # of a float32 in [0, 1)


def mixed(keys):
    """Return integers of which no bit is like those of their neighbours'.

    Parameters
    ----------
    keys : tensor of int64
        Of any shape.

    Returns
    -------
    tensor of int64, of the same shape
    """
    keys = (keys ^ _shifted(keys, 30)) * _FIRST
    keys = (keys ^ _shifted(keys, 27)) * _SECOND
    return keys ^ _shifted(keys, 31)


def _shifted(keys, n_bits):
    """Shift to the right and fill up with zeros, not with the sign."""
    return (keys >> n_bits) & ((1 << (64 - n_bits)) - 1)


def fold_in(keys, number):
    """Return keys of what has a number: a step, a layer, a purpose.

    Parameters
    ----------
    keys : tensor of int64
        Of any shape.
    number : int or tensor of int64
        From 0.

    Returns
    -------
    tensor of int64
    """
    number = torch.as_tensor(number, device=keys.device)  # overflows as keys do
    return mixed(keys + (number + 1) * _GAMMA)


def uniform(keys, n_draws):
    """Draw numbers uniformly from [0, 1).

    Parameters
    ----------
    keys : tensor of int64, of shape (...)
        One for each series of numbers.
    n_draws : int
        Length of a series.

    Returns
    -------
    tensor of float32, of shape (..., n_draws)
    """
    counters = torch.arange(1, n_draws + 1, device=keys.device) * _GAMMA
    bits = _shifted(mixed(keys.unsqueeze(-1) + counters), 64 - _BITS)
    return bits.to(torch.float32) * 2.0**-_BITS
