"""Rows in the form that a module takes, found on one of them before anything is learned."""

import numpy as np
import torch
from scipy.sparse import csr_matrix, issparse

__all__ = ["RowForm", "find_row_form"]


class RowForm:
    """How rows become what a module takes.

    Parameters
    ----------
    floats : bool, default=False
        Whether they become ``float32``.
    channels : {None, "one", "last"}, default=None
        Whether images get their one channel, or have the last axis moved to the front.
    """

    def __init__(self, *, floats=False, channels=None):
        self.floats = floats
        self.channels = channels

    def apply(self, X):
        """Return rows in this form, in memory that may be written to.

        Parameters
        ----------
        X : {ndarray, CSR matrix} of shape (n_rows, ...)
            Rows.

        Returns
        -------
        The type of X
        """
        if self.floats:
            with np.errstate(over="ignore"):
                X = X.astype(np.float32, copy=False)
        if issparse(X):
            return csr_matrix(X)  # skorch takes no sparse arrays
        if self.channels == "one":
            X = X[:, np.newaxis]
        elif self.channels == "last":
            X = np.moveaxis(X, -1, 1)
        return np.require(X, requirements=["C", "W"])


def find_row_form(module, ask, X):
    """Return the first form in which a module takes rows: as they are, if it does.

    Parameters
    ----------
    module : torch module
        Initialized.
    ask : callable
        ``ask(X)`` returns what the module makes of a tensor of rows.
    X : {ndarray, CSR matrix} of shape (n_rows, ...)
        Rows, at least one. The first one, twice, is what is tried.

    Returns
    -------
    RowForm
        If no form is taken, one with which the module's error is about shapes.
    """
    otherwise = RowForm(floats=X.dtype == np.float64)
    if any(torch.nn.parameter.is_lazy(parameter) for parameter in module.parameters()):
        return otherwise  # a trial would fix its shapes
    row = X[:1].toarray() if issparse(X) else X[:1]
    rows = np.concatenate([row, row])
    for form in (RowForm(), RowForm(floats=True), *_forms_of_images(module, rows)):
        if _takes(ask, form.apply(rows)):
            return form
    return otherwise


def _forms_of_images(module, rows):
    convolution = next(
        (part for part in module.modules() if isinstance(part, torch.nn.Conv2d)), None
    )
    if convolution is None:
        return
    if rows.ndim == 3 and convolution.in_channels == 1:
        yield RowForm(floats=True, channels="one")
    if rows.ndim == 4 and rows.shape[3] == convolution.in_channels:
        yield RowForm(floats=True, channels="last")


def _takes(ask, rows):
    try:
        made = ask(torch.from_numpy(rows))
    except Exception:
        return False
    made = made[0] if isinstance(made, tuple) else made
    return getattr(made, "shape", ())[:1] == (len(rows),)
