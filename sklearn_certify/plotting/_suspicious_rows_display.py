"""The rows that a filter suspects most: a grid of images, or a table."""

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import indexable
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from .._compat import _num_samples, _safe_indexing
from ..exceptions import InvalidInputError
from ._common import check_matplotlib

__all__ = ["SuspiciousRowsDisplay"]

_CHANNELS = (1, 3, 4)
_KEPT_COLOR, _DROPPED_COLOR = "#0072B2", "#D55E00"  # from the palette of Okabe and Ito


class SuspiciousRowsDisplay:
    """The rows that a filter suspects most, for a person to look at.

    Images are drawn in a grid, other rows in a table; ``to_text`` writes a table for the terminal.
    Make one with `from_filter`.

    Parameters
    ----------
    rows : array-like of shape (n_shown, ...)
        The rows, most suspicious first: images of shape (height, width), (height, width, channels)
        or (channels, height, width), or rows of features.
    row_numbers : array-like of int of shape (n_shown,)
        Where the rows stand in the training set.
    labels : array-like of shape (n_shown,)
        The labels as given.
    suspicion : array-like of float of shape (n_shown,)
        The higher, the more suspicious.
    keep_mask : array-like of bool of shape (n_shown,)
        Whether the filter keeps the row nevertheless.
    voted_labels : array-like of shape (n_shown,), default=None
        The label that most of the filter's weak learners vote for; None if nobody votes.
    feature_names : array-like of str of shape (n_features,), default=None
        Names of the columns of the table.
    max_features : int, default=6
        Number of columns of the table that hold features.
    name : str, default=None
        Title of the plot.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes that the table is drawn on, or that hold the grid of images.
    axes_ : ndarray of matplotlib Axes of shape (n_shown,) or None
        Axes with one image each; None for a table.
    table_ : matplotlib Table or None
        The table; None for images.
    figure_ : matplotlib Figure
        Figure that holds the axes.

    See Also
    --------
    VoteShareDisplay : How the votes are spread over all rows.

    Examples
    --------
    >>> from sklearn_certify.plotting import SuspiciousRowsDisplay
    >>> display = SuspiciousRowsDisplay(
    ...     [[5.1, 0.2], [6.3, 1.8]], [17, 4], ["setosa", "setosa"], [0.9, 0.25], [False, True],
    ...     voted_labels=["virginica", "setosa"], feature_names=["length", "width"],
    ... )
    >>> print(display.to_text())
    row  given   voted      suspicion  kept  length  width
     17  setosa  virginica        0.9  no       5.1    0.2
      4  setosa  setosa          0.25  yes      6.3    1.8
    """

    def __init__(
        self,
        rows,
        row_numbers,
        labels,
        suspicion,
        keep_mask,
        *,
        voted_labels=None,
        feature_names=None,
        max_features=6,
        name=None,
    ):
        self.rows = rows
        self.row_numbers = row_numbers
        self.labels = labels
        self.suspicion = suspicion
        self.keep_mask = keep_mask
        self.voted_labels = voted_labels
        self.feature_names = feature_names
        self.max_features = max_features
        self.name = name

    def plot(self, ax=None, *, name=None, n_columns=None, image_kwargs=None):
        """Draw the grid of images or the table.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure of fitting size if None.
        name : str, default=None
            Title of the plot; the display's own if None.
        n_columns : int, default=None
            Number of images side by side; about as many as there are lines of them if None.
        image_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``imshow``.

        Returns
        -------
        display : SuspiciousRowsDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing.
        InvalidInputError
            If there are no rows.
        """
        check_matplotlib()
        if len(self.row_numbers) == 0:
            raise InvalidInputError("There are no rows to show.")
        self.axes_ = self.table_ = None
        title = self.name if name is None else name
        images = self._images()
        if images is None:
            self._draw_table(title, ax)
        else:
            self._draw_images(images, title, ax, n_columns, image_kwargs or {})
        self.figure_ = self.ax_.figure
        return self

    def to_text(self):
        """Write the rows as a table of text, which needs no matplotlib.

        Returns
        -------
        str
            One line per row and one above them; of images, their pixels are left out.
        """
        header, lines, is_number = self._cells()
        widths = [max(map(len, column)) for column in zip(header, *lines, strict=True)]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(cells, widths, is_number, strict=True)
            ).rstrip()
            for cells in (header, *lines)
        )

    def __str__(self):
        return self.to_text()

    def _cells(self):
        """Return the heads of the columns, the cells of every line, and what holds numbers."""
        columns = {
            "row": np.asarray(self.row_numbers),
            "given": np.asarray(self.labels),
            "voted": None if self.voted_labels is None else np.asarray(self.voted_labels),
            "suspicion": np.asarray(self.suspicion),
            "kept": np.where(np.asarray(self.keep_mask, dtype=bool), "yes", "no"),
        }
        columns = [(name, values) for name, values in columns.items() if values is not None]
        if self._images() is None:
            columns += self._feature_columns()
        header = [name for name, _ in columns]
        lines = zip(*([_short(value) for value in values] for _, values in columns), strict=True)
        return header, list(lines), [values.dtype.kind in "iuf" for _, values in columns]

    def _feature_columns(self):
        frame = self.rows
        names = self.feature_names
        if hasattr(frame, "iloc"):
            names = frame.columns if names is None else names
            features = [np.asarray(frame.iloc[:, place]) for place in range(frame.shape[1])]
        else:
            rows = frame.toarray() if issparse(frame) else np.asarray(frame)
            features = list(rows.reshape(len(rows), -1).T)
        if names is None:
            names = [f"x{place}" for place in range(len(features))]
        if len(names) != len(features):
            raise InvalidInputError(
                f"There are {len(features)} features but {len(names)} feature_names."
            )
        columns = list(zip(map(str, names), features, strict=True))
        if len(columns) > self.max_features:
            more = np.full(_num_samples(frame), "...")
            columns = [*columns[: self.max_features], (f"{len(columns):,} features", more)]
        return columns

    def _images(self):
        """Return the images with channels last and pixels as matplotlib draws them, or None."""
        if issparse(self.rows) or hasattr(self.rows, "iloc"):
            return None
        images = np.asarray(self.rows)
        if images.ndim == 4 and images.shape[-1] not in _CHANNELS and images.shape[1] in _CHANNELS:
            images = np.moveaxis(images, 1, -1)
        if images.ndim == 4 and images.shape[-1] == 1:
            images = images[..., 0]
        if images.dtype.kind not in "biuf" or not (
            images.ndim == 3 or (images.ndim == 4 and images.shape[-1] in _CHANNELS)
        ):
            return None
        if images.ndim == 4 and images.dtype != np.uint8:  # colours lie between 0 and 1
            darkest, brightest = float(images.min()), float(images.max())
            if darkest < 0 or brightest > 1:
                images = (images - darkest) / ((brightest - darkest) or 1)
        return images

    def _draw_images(self, images, title, ax, n_columns, image_kwargs):
        n_columns = min(n_columns or int(np.ceil(np.sqrt(len(images)))), len(images))
        n_lines = -(-len(images) // n_columns)
        if ax is None:
            import matplotlib.pyplot as plt

            size = (1.7 * n_columns + 0.2, 2.1 * n_lines + 0.4)
            _, ax = plt.subplots(figsize=size, layout="constrained")
        elif ax.get_subplotspec() is None:
            raise InvalidInputError("ax must come from plt.subplots or add_subplot, to be divided.")
        self.ax_ = ax
        ax.set_axis_off()
        # a line of its own for the title, which would lie on those of the images
        heights = [0.12, *[1] * n_lines]
        grid = ax.get_subplotspec().subgridspec(1 + n_lines, n_columns, height_ratios=heights)
        title_ax = ax.figure.add_subplot(grid[0, :])
        title_ax.set_axis_off()
        title_ax.text(0.5, 0.5, title or "", ha="center", va="center", size="large")
        style = {"cmap": "gray", "vmin": images.min(), "vmax": images.max(), **image_kwargs}
        self.axes_ = np.empty(len(images), dtype=object)
        for place, (image, caption, keep) in enumerate(
            zip(images, self._captions(), self.keep_mask, strict=True)
        ):
            line, column = divmod(place, n_columns)
            image_ax = ax.figure.add_subplot(grid[1 + line, column])
            image_ax.imshow(image, **style)
            image_ax.set(xticks=[], yticks=[])
            color = _KEPT_COLOR if keep else _DROPPED_COLOR
            image_ax.set_title(caption, fontsize="x-small", color=color)
            image_ax.spines[:].set_color(color)
            self.axes_[place] = image_ax

    def _captions(self):
        """Return what is written above each image."""
        voted = [None] * len(self.labels) if self.voted_labels is None else self.voted_labels
        captions = []
        for number, label, vote, suspicion, keep in zip(
            self.row_numbers, self.labels, voted, self.suspicion, self.keep_mask, strict=True
        ):
            ballot = "" if vote is None else f", voted {_short(vote)}"
            fate = "kept" if keep else "dropped"
            captions.append(
                f"row {number}, {fate}\ngiven {_short(label)}{ballot}\n"
                f"suspicion {_short(suspicion)}"
            )
        return captions

    def _draw_table(self, title, ax):
        header, lines, is_number = self._cells()
        if ax is None:
            import matplotlib.pyplot as plt

            widths = [max(map(len, column)) for column in zip(header, *lines, strict=True)]
            size = (0.5 + 0.1 * sum(width + 2 for width in widths), 0.6 + 0.25 * (len(lines) + 1))
            _, ax = plt.subplots(figsize=size, layout="constrained")
        self.ax_ = ax
        ax.set_axis_off()
        ax.set_title(title or "")
        table = ax.table(cellText=lines, colLabels=header, bbox=(0, 0, 1, 1), edges="horizontal")
        table.auto_set_font_size(False)
        table.set_fontsize(9)
        table.auto_set_column_width(range(len(header)))
        fate = header.index("kept")
        for (line, column), cell in table.get_celld().items():
            cell.set_text_props(ha="right" if is_number[column] else "left")
            cell.set_edgecolor("lightgray")
            if line == 0:
                cell.set_text_props(weight="bold")
            elif column == fate:
                is_kept = self.keep_mask[line - 1]
                cell.set_text_props(color=_KEPT_COLOR if is_kept else _DROPPED_COLOR)
        self.table_ = table

    @classmethod
    def from_filter(
        cls,
        filter,
        X,
        y,
        *,
        n_rows=16,
        image_shape=None,
        feature_names=None,
        max_features=6,
        name=None,
        draw=True,
        ax=None,
        n_columns=None,
        image_kwargs=None,
    ):
        """Show the rows of the training set that a fitted filter suspects most.

        Parameters
        ----------
        filter : filter
            A fitted filter with ``suspicion_``, or a `SanitizedClassifier` that was fitted with
            one.
        X : array-like of shape (n_samples, ...)
            The rows that it was fitted on.
        y : array-like of shape (n_samples,)
            Their labels as given.
        n_rows : int, default=16
            Number of rows to show; of equal suspicion, those that come first.
        image_shape : tuple of int, default=None
            Shape of a row as an image, if X holds its pixels in one line.
        feature_names : array-like of str of shape (n_features,), default=None
            Names of the columns of the table; those of a DataFrame if None.
        max_features : int, default=6
            Number of columns of the table that hold features.
        name : str, default=None
            Title of the plot; the name of the filter's class if None.
        draw : bool, default=True
            If False, nothing is drawn, and matplotlib is not needed; see ``to_text``.
        ax : matplotlib Axes, default=None
            Axes to draw on; a new figure of fitting size if None.
        n_columns : int, default=None
            Number of images side by side.
        image_kwargs : dict, default=None
            Keyword arguments of matplotlib's ``imshow``.

        Returns
        -------
        display : SuspiciousRowsDisplay

        Raises
        ------
        MissingExtraError
            If matplotlib is missing, unless `draw` is False.
        NotFittedError
            If the filter was not fitted.
        InvalidInputError
            If the filter has no ``suspicion_`` or was fitted on another number of rows, or
            `image_shape` does not fit.
        """
        if draw:
            check_matplotlib()
        check_is_fitted(filter)
        filter = getattr(filter, "sanitizer_", filter)
        if not hasattr(filter, "suspicion_"):
            raise InvalidInputError(f"{type(filter).__name__} has no suspicion_ to rank rows by.")
        X, y = indexable(X, column_or_1d(y))
        check_consistent_length(X, y, filter.suspicion_)
        if n_rows < 1:
            raise InvalidInputError(f"n_rows must be at least 1, got {n_rows}.")
        shown = np.argsort(-filter.suspicion_, kind="stable")[:n_rows]
        rows = _safe_indexing(X, shown)
        display = cls(
            rows if image_shape is None else _as_images(rows, image_shape),
            shown,
            y[shown],
            filter.suspicion_[shown],
            filter.keep_mask_[shown],
            voted_labels=_voted_labels(filter, shown),
            feature_names=feature_names,
            max_features=max_features,
            name=type(filter).__name__ if name is None else name,
        )
        if not draw:
            return display
        return display.plot(ax=ax, n_columns=n_columns, image_kwargs=image_kwargs)


def _as_images(rows, image_shape):
    rows = rows.toarray() if issparse(rows) else np.asarray(rows)
    if rows[0].size != np.prod(image_shape):
        raise InvalidInputError(
            f"image_shape={tuple(image_shape)} does not fit rows of {rows[0].size} values."
        )
    return rows.reshape(len(rows), *image_shape)


def _voted_labels(filter, shown):
    """Return the label with most votes, the first in ``classes_`` if there are several, or None."""
    if not hasattr(filter, "votes_"):
        return None
    votes = np.asarray(filter.votes_)[shown]
    counts = (votes[:, :, np.newaxis] == np.arange(len(filter.classes_))).sum(axis=1)
    return filter.classes_[counts.argmax(axis=1)]


def _short(value):
    """Write a cell briefly."""
    if isinstance(value, (float, np.floating)):
        return f"{value:.3g}"
    text = str(value)
    return text if len(text) <= 24 else f"{text[:21]}..."
