"""Labels or numbers, and names of groups, as columns of Arrow and in JSON."""

from collections import Counter

import numpy as np
import pyarrow as pa

from ...exceptions import InvalidInputError

__all__ = ["LabelForm", "decode_texts", "encode_texts", "label_counts"]


class LabelForm:
    """The type of labels, or of numbers.

    Parameters
    ----------
    dtype : str
        Of NumPy; texts are "O", or "U" if they came in an array of texts.
    """

    def __init__(self, dtype):
        self.dtype = dtype

    @classmethod
    def of(cls, y):
        """Return the form of labels as `check_labels` returns them."""
        return cls(y.dtype.kind if y.dtype.kind in "OU" else y.dtype.str)

    @property
    def is_text(self):
        return self.dtype in ("O", "U")

    def accept(self, y):
        """Return labels of a later block in this form, or raise if they have another."""
        given = self.of(y)
        if self.is_text and given.is_text:
            return y.astype(self.dtype)
        if self.is_text or given.is_text or not np.can_cast(given.dtype, self.dtype, "safe"):
            raise InvalidInputError(f"the labels are {given}, not {self}.")
        return y.astype(self.dtype, copy=False)

    def encode(self, y):
        """Return the column of Arrow that holds labels."""
        return encode_texts(y) if self.is_text else pa.array(y, from_pandas=False)

    def decode(self, column):
        """Return the labels that such a column holds."""
        if self.is_text:
            return decode_texts(column).astype(self.dtype)
        return column.to_numpy(zero_copy_only=False).astype(self.dtype)

    def from_list(self, labels):
        """Return labels of this form."""
        return np.array(labels, dtype=self.dtype)

    def __str__(self):
        return "texts" if self.is_text else str(np.dtype(self.dtype))


def label_counts(y, target_type):
    """Return how many rows have each label, a Counter; an empty one of numbers."""
    if target_type == "numbers":  # of which each row may have one of its own
        return Counter()
    labels, counts = np.unique(y, return_counts=True)
    return Counter(dict(zip(labels.tolist(), counts.tolist(), strict=True)))


def encode_texts(texts):
    """Return a column of Arrow that holds texts, also those that are not quite Unicode."""
    return pa.array([text.encode("utf-8", "surrogatepass") for text in texts], pa.large_binary())


def decode_texts(column):
    """Return the texts that a column of Arrow holds, an array of objects."""
    texts = np.empty(len(column), dtype=object)
    for place, content in enumerate(column.to_pylist()):
        texts[place] = content.decode("utf-8", "surrogatepass")
    return texts
