"""Classifiers that send every row through a transformer, alone, before anything learns from it."""

from sklearn.base import clone
from sklearn.utils import get_tags

from ._row_by_row import check_transformer, transform_each
from ._words import place_of

__all__ = ["RowTransformerMixin"]


class RowTransformerMixin:
    """Mixin of the classifiers that have a parameter `transformer`.

    A subclass calls `_fit_transformer` before it looks at training rows, and `_transform_rows` on
    training rows and queries. What speaks of rows, hashes and certificates, speaks of them as
    they come.
    """

    def _fit_transformer(self):
        """Keep the transformer, as it is now, or raise if it still has something to learn."""
        if self.transformer is not None:
            check_transformer(self.transformer, place_of(self))
        # nothing that set_params does later reaches it
        self._row_transformer = None if self.transformer is None else clone(self.transformer)

    def _transform_rows(self, X):
        """Return rows as the transformer of ``fit`` makes them, each alone."""
        if self._row_transformer is None:
            return X
        return transform_each(self._row_transformer, X, n_jobs=self.n_jobs, verbose=self.verbose)

    def _input_tags_of_transformer(self, otherwise):
        """Return what the transformer says that it takes, or another answer if there is none."""
        if self.transformer is None:
            return otherwise
        try:
            return get_tags(self.transformer).input_tags
        except (AttributeError, NotImplementedError):  # not derived from BaseEstimator
            return otherwise
