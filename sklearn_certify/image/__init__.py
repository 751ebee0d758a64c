"""Features of images: stateless transformers, each image by itself, to the last bit.

_reading          images from arrays, lists and flat rows; _pairs, sizes for rows and columns
_base             what all transformers share: blocks of images, threads, names
_hog              histograms of oriented gradients (_hog_kernels)
_color_grid       mean colours on a grid, _color_histogram (_color_kernels)
_flat_pixels      images as rows
_gray, _contrast (_contrast_kernels), _equalizer, _deskew (_deskew_kernel),
_resized_crop (_resample_kernel)  images of images
_make             the usual steps put together
"""

from ._color_grid import ColorGrid
from ._color_histogram import ColorHistogram
from ._contrast import ContrastNormalizer
from ._deskew import Deskew
from ._equalizer import HistogramEqualizer
from ._flat_pixels import FlatPixels
from ._gray import GrayImages
from ._hog import HOG
from ._make import make_hog_pipeline
from ._resized_crop import ResizedCrop

__all__ = [
    "HOG",
    "ColorGrid",
    "ColorHistogram",
    "ContrastNormalizer",
    "Deskew",
    "FlatPixels",
    "GrayImages",
    "HistogramEqualizer",
    "ResizedCrop",
    "make_hog_pipeline",
]
