"""Features that make linear learners into learners with a kernel, each row by itself.

_random_fourier  random Fourier features (_fourier_kernel)
"""

from ._random_fourier import RandomFourierFeatures

__all__ = ["RandomFourierFeatures"]
