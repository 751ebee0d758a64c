"""Triggers of a few pixels that are painted onto images."""

from dataclasses import dataclass
from hashlib import blake2b
from numbers import Integral, Real

import numpy as np
from scipy.sparse import issparse

from ..exceptions import InvalidInputError

__all__ = ["SHAPES", "ImageTrigger", "draw_image_trigger"]

# (row, column) of every painted pixel, counted from the trigger's position
SHAPES = {
    "pixel": ((0, 0),),
    "L": ((-1, 0), (0, 0), (0, 1)),
    "X": ((-1, -1), (-1, 1), (0, 0), (1, -1), (1, 1)),
}
_CHANNEL_COUNTS = (1, 3, 4)  # grey, colours, colours with transparency


@dataclass
class ImageTrigger:
    """A small shape in one colour at a fixed place of an image.

    Parameters
    ----------
    shape : {"pixel", "L", "X"}
        "pixel": one pixel. "L": a corner, the pixel above it and the one to its right. "X": a
        pixel and its four diagonal neighbours.
    position : tuple of int (row, column)
        Where the pixel, the corner of the L or the centre of the X is, from 0 at the top left.
    color : number, sequence of numbers of shape (n_channels,), or "per_image"
        The value of the painted pixels, in the units of the image. "per_image": a colour of its
        own for every image, which depends on `seed` and on the rest of that image alone.
    image_shape : tuple of int
        (height, width), (height, width, n_channels) or (n_channels, height, width).
    channels : {"first", "last"}, default=None
        Which axis of an image of three axes holds the channels. None: the last if it is 1, 3 or
        4 long, else the first if that is. Images of two axes have no such axis.
    color_range : sequence of (low, high) of shape (n_channels,), default=None
        For ``color="per_image"``: between which values, both included, each channel is drawn;
        whole numbers only if both are of type int.
    seed : int, default=0
        For ``color="per_image"``: the source of the colours.

    Notes
    -----
    A trigger is a function: ``trigger(X)`` returns a copy of the rows of X, as images of
    `image_shape` or flattened, with the shape painted on each. Rows must be on the scale of those
    that it was made for. Where an image has the trigger's colour already, it does not change.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_certify.datasets import ImageTrigger
    >>> trigger = ImageTrigger("L", position=(2, 1), color=9, image_shape=(4, 4))
    >>> trigger(np.zeros((1, 4, 4), dtype=int))
    array([[[0, 0, 0, 0],
            [0, 9, 0, 0],
            [0, 9, 9, 0],
            [0, 0, 0, 0]]])
    """

    shape: str
    position: tuple
    color: object
    image_shape: tuple
    channels: str | None = None
    color_range: tuple | None = None
    seed: int = 0

    def __post_init__(self):
        if self.shape not in SHAPES:
            raise InvalidInputError(
                f"shape must be one of {', '.join(map(repr, SHAPES))}, got {self.shape!r}."
            )
        self.image_shape, self.channels = _resolve_layout(self.image_shape, self.channels)
        self.position = self._checked_position()
        if isinstance(self.color, str) and self.color == "per_image":
            self.color_range = self._checked_range()
        else:
            self.color = self._checked_color()

    def _checked_position(self):
        ranges = _visible_ranges(self.shape, *self._height_and_width())
        position = tuple(np.ravel(self.position).tolist())
        whole = len(position) == 2 and all(isinstance(value, Integral) for value in position)
        if not whole or not all(
            low <= value < high for value, (low, high) in zip(position, ranges, strict=True)
        ):
            rows, columns = (f"{low} to {high - 1}" for low, high in ranges)
            raise InvalidInputError(
                f"position must be a row ({rows}) and a column ({columns}), so that the whole "
                f"{self.shape} is in the image, got {self.position!r}."
            )
        return position

    def _checked_color(self):
        n_channels = self._n_channels()
        color = np.ravel(self.color).tolist()
        if len(color) == 1:
            color = color * n_channels
        if len(color) != n_channels or not all(isinstance(value, Real) for value in color):
            raise InvalidInputError(
                f'color must be "per_image", a number, or one number for each of the {n_channels} '
                f"channels, got {self.color!r}."
            )
        return tuple(color)

    def _checked_range(self):
        n_channels = self._n_channels()
        if np.shape(self.color_range) != (n_channels, 2) or any(
            low > high for low, high in self.color_range
        ):
            raise InvalidInputError(
                f'color="per_image" needs as color_range the lowest and the highest value of each '
                f"of the {n_channels} channels, got {self.color_range!r}."
            )
        return tuple((low, high) for low, high in self.color_range)

    def _height_and_width(self):
        return self.image_shape[1:] if self.channels == "first" else self.image_shape[:2]

    def _n_channels(self):
        if self.channels is None:
            return 1
        return self.image_shape[0 if self.channels == "first" else -1]

    def __call__(self, X):
        """Return a copy of rows with the trigger on each.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n_samples, ...)
            Images of `image_shape`, or flattened images.

        Returns
        -------
        ndarray or DataFrame
            Of the shape and types of X.

        Raises
        ------
        InvalidInputError
            If the rows are no such images, or cannot hold the colour.
        """
        rows = np.array(dense_numbers(X), order="C")
        images = as_images(rows, self.image_shape, self.channels)
        pixel_rows, pixel_columns = (np.array(SHAPES[self.shape]) + self.position).T
        if self.color == "per_image":
            images[:, pixel_rows, pixel_columns] = 0  # so that the colour stays when painted again
            colors = self._colors_of(rows)
        else:
            colors = np.array([self.color])
        cast = colors.astype(rows.dtype)
        if rows.dtype.kind in "biu" and not np.array_equal(cast, colors):
            raise InvalidInputError(
                f"The colour {colors[0].tolist()} cannot be painted onto images of {rows.dtype}."
            )
        images[:, pixel_rows, pixel_columns] = cast[:, np.newaxis]
        if hasattr(X, "iloc"):
            return type(X)(rows, index=X.index, columns=X.columns).astype(X.dtypes)
        return rows

    def _colors_of(self, rows):
        colors = np.empty((len(rows), self._n_channels()))
        for color, image in zip(colors, rows, strict=True):
            values = image + np.float64(0)  # one zero, one type
            digest = np.frombuffer(blake2b(values.tobytes(), digest_size=8).digest(), dtype="<u4")
            color[:] = draw_color(self.color_range, np.random.RandomState([self.seed, *digest]))
        return colors


def draw_image_trigger(X, shape, *, position, color, image_shape, channels, random_state):
    """Draw what is not given of an image trigger for the rows of X.

    Parameters
    ----------
    X : array-like or DataFrame of shape (n_rows, ...)
        Images.
    shape : {"pixel", "L", "X", "random"}
        "random": one of the three.
    position, color, image_shape, channels
        As in `make_backdoor`; None: drawn, or read off X.
    random_state : RandomState
        Source of the draws.

    Returns
    -------
    ImageTrigger

    Raises
    ------
    InvalidInputError
        If the rows are no images, or the shape does not fit into them.
    """
    # every draw is made, whether it is needed or not: what is given does not move the others
    shape_draw, color_seed, position_seed = random_state.randint(2**31 - 1, size=3)
    if shape == "random":
        shape = list(SHAPES)[shape_draw % len(SHAPES)]
    rows = dense_numbers(X)
    if image_shape is None:
        if rows.ndim < 3:
            raise InvalidInputError(
                f"Rows of shape {rows.shape[1:]} are flattened images: pass image_shape, such as "
                "(28, 28)."
            )
        image_shape = rows.shape[1:]
    image_shape, channels = _resolve_layout(image_shape, channels)
    images = as_images(rows, image_shape, channels)
    if position is None:
        draw = np.random.RandomState(position_seed).randint
        position = [draw(*low_high) for low_high in _visible_ranges(shape, *images.shape[1:3])]
    color_range = None
    per_image = isinstance(color, str) and color == "per_image"
    if color is None or per_image:
        color_range = _value_range(images)
    if color is None:
        color = draw_color(color_range, np.random.RandomState(color_seed))
    return ImageTrigger(
        shape,
        position,
        color,
        image_shape,
        channels,
        color_range=color_range if per_image else None,
        seed=int(color_seed) if per_image else 0,
    )


def dense_numbers(X):
    """Return X as an ndarray of numbers, or raise `InvalidInputError`."""
    if issparse(X):
        raise InvalidInputError("Images must be dense; pass X.toarray().")
    rows = np.asarray(X)
    if rows.dtype.kind not in "biuf" or rows.ndim < 2:
        raise InvalidInputError(
            f"Images must be numbers of shape (n_samples, ...), got {rows.dtype} of shape "
            f"{rows.shape}."
        )
    return rows


def as_images(rows, image_shape, channels):
    """Return a view of rows of shape (n_rows, height, width, n_channels)."""
    if rows.shape[1:] not in (image_shape, (int(np.prod(image_shape)),)):
        raise InvalidInputError(
            f"Rows of shape {rows.shape[1:]} are no images of shape {image_shape}."
        )
    images = rows.reshape(len(rows), *image_shape)
    if channels is None:
        return images[..., np.newaxis]
    return np.moveaxis(images, 1, -1) if channels == "first" else images


def _resolve_layout(image_shape, channels):
    """Return the shape of one image, and which of its axes holds the channels."""
    image_shape = tuple(np.ravel(image_shape).tolist())
    if len(image_shape) not in (2, 3) or not all(
        isinstance(size, int) and size > 0 for size in image_shape
    ):
        raise InvalidInputError(
            f"An image has a height, a width and perhaps channels, got the shape {image_shape}."
        )
    if channels not in (None, "first", "last"):
        raise InvalidInputError(f"channels must be 'first' or 'last', got {channels!r}.")
    if len(image_shape) == 2:
        return image_shape, None
    if channels is None and image_shape[-1] in _CHANNEL_COUNTS:
        channels = "last"
    if channels is None and image_shape[0] in _CHANNEL_COUNTS:
        channels = "first"
    if channels is None:
        raise InvalidInputError(
            f"Which axis of images of shape {image_shape} holds the channels? Pass "
            "channels='first' or channels='last'."
        )
    return image_shape, channels


def _visible_ranges(shape, height, width):
    """Return (first, last + 1) of the rows and of the columns where the whole shape is visible."""
    offsets = np.array(SHAPES[shape])
    low, high = -offsets.min(axis=0), np.array([height, width]) - offsets.max(axis=0)
    if (low >= high).any():
        needed = " x ".join(map(str, np.ptp(offsets, axis=0) + 1))
        raise InvalidInputError(
            f"The trigger {shape!r} needs {needed} pixels, but the images have {height} x {width}."
        )
    return [(int(first), int(end)) for first, end in zip(low, high, strict=True)]


def _value_range(images):
    """Return (lowest, highest) value of every channel, of type int if all values are whole."""
    n_channels = images.shape[-1]
    if images.dtype == np.uint8:
        return ((0, 255),) * n_channels
    low, high = images.min(axis=(0, 1, 2)), images.max(axis=(0, 1, 2))
    if not (np.isfinite(low) & np.isfinite(high)).all():
        raise InvalidInputError("Images must hold finite numbers; some are missing or infinite.")
    whole = images.dtype.kind in "biu" or not (images % 1).any()
    kind = int if whole else float
    return tuple((kind(a), kind(b)) for a, b in zip(low, high, strict=True))


def draw_color(color_range, random_state):
    """Return one value for each channel, drawn evenly from its range, both ends included."""
    # one uniform number each, so that whole numbers and others take the same draws
    return [
        min(low + int((high - low + 1) * share), high)
        if isinstance(low, int) and isinstance(high, int)
        else low + (high - low) * share
        for (low, high), share in zip(
            color_range, random_state.uniform(size=len(color_range)), strict=True
        )
    ]
