"""Features of images: stateless transformers, each image by itself, to the last bit.

_reading        images from arrays, lists and flat rows; _pairs, sizes for rows and columns
_base           what all transformers share: blocks of images, threads, names
_hog            histograms of oriented gradients (_hog_kernels)
_deskew         strokes set upright (_deskew_kernel)
_color_grid     mean colours on a grid (_color_kernels)
"""

from ._color_grid import ColorGrid
from ._deskew import Deskew
from ._hog import HOG

__all__ = ["HOG", "ColorGrid", "Deskew"]
