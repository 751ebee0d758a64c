"""How a table was read, so that other rows are read in the same way: none of them decides."""

from dataclasses import asdict, dataclass, replace
from pathlib import PurePath

from ..exceptions import InvalidInputError
from .tables import PACKED_SUFFIXES, NumberStyle, read_features, read_table

__all__ = ["Scheme", "read_with", "suffix_of"]

_FORM = ("encoding", "delimiter", "header")  # what is said of a file of text, as a whole


@dataclass(frozen=True)
class Scheme:
    """What is known of the columns of a table, and of how its cells are written.

    Attributes
    ----------
    features : list of (str, str)
        Names of the columns and their kinds, "number" or "text", in order.
    target, groups : str or None
        Names of the columns with the labels and the contributors.
    decimal : {".", ","}
        What marks decimals in numbers that can be read in two ways.
    thousands : str or None
        What separates thousands; None: any mark may.
    missing : list of str
        Texts that stand for a missing cell.
    suffix : str
        How the name of the file ends.
    encoding, delimiter : str or None
        As they were given.
    header : bool or None
        As it was given.
    limit : int or None
        The largest poison size that cannot change any of this; None: nothing can.
    decision : str or None
        What more poison may change.
    """

    features: list
    target: str | None = None
    groups: str | None = None
    decimal: str = "."
    thousands: str | None = None
    missing: list = ()
    suffix: str = ".csv"
    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    limit: int | None = None
    decision: str | None = None

    def as_json(self):
        """Return what JSON has of it."""
        return asdict(self)

    @classmethod
    def from_json(cls, content, path):
        """Return a scheme from what `as_json` returned.

        Parameters
        ----------
        content : dict
            Of a file that anyone may have written.
        path : str
            The file.

        Returns
        -------
        Scheme

        Raises
        ------
        InvalidInputError
            If it makes no sense.
        """
        try:
            scheme = cls(**content)
            features = [tuple(feature) for feature in scheme.features]
            texts = [name for name, _ in features] + list(scheme.missing)
            sound = all(isinstance(text, str) for text in texts)
            sound = sound and {kind for _, kind in features} <= {"number", "text"}
            sound = sound and (scheme.limit is None or isinstance(scheme.limit, int))
            sound = sound and scheme.decimal in (".", ",")
        except (TypeError, ValueError):
            sound = False
        if not sound:
            raise InvalidInputError(f"Cannot read {path}: its notes on the table are damaged.")
        return replace(scheme, features=features)

    def told(self, given):
        """Return the scheme for a file of which a user says something else.

        Parameters
        ----------
        given : dict
            Values by the name of the attribute; None where nothing is said.

        Returns
        -------
        Scheme
        """
        return replace(self, **{name: v for name, v in given.items() if v not in (None, [])})

    def table(self, path, given):
        """Read names and cells of a file.

        Parameters
        ----------
        path : str
            The file.
        given : collection of str
            Names of the attributes that are about this very file; the others, as far as they are
            about files of text as a whole, hold for files whose names end alike.

        Returns
        -------
        Table
        """
        alike = suffix_of(path) == self.suffix
        form = {name: getattr(self, name) for name in _FORM if alike or name in given}
        return read_table(
            path,
            missing=self.missing,
            encoding=form.get("encoding"),
            delimiter=form.get("delimiter"),
            has_names=form.get("header"),
        )


def suffix_of(path):
    """Return how the name of a file ends, packed or not; lines of text on standard input too."""
    suffixes = PurePath(path).suffixes
    if suffixes and suffixes[-1].lower() in PACKED_SUFFIXES:
        suffixes.pop()
    return suffixes[-1].lower() if suffixes else ".csv"


def read_with(scheme, table, path):
    """Read the features of a table as those of another one were read.

    Parameters
    ----------
    scheme : Scheme
        How they were read.
    table : Table
        Names and cells.
    path : str
        What to call the table in messages.

    Returns
    -------
    X : ndarray of shape (n_rows, n_features)
    notes : list of str
        What a reader has to know.

    Raises
    ------
    InvalidInputError
        If columns are missing.
    """
    names = [name for name, _ in scheme.features]
    missing = [name for name in names if name not in table.names]
    if missing and table.key_lists is not None:  # a row need not name what it has nothing of
        empty = [[""] * len(table.lines) for _ in missing]
        table = replace(table, names=table.names + missing, columns=table.columns + empty)
    elif missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise InvalidInputError(
            f"{path} has no column {', '.join(map(repr, missing[:5]))}{more}, which the model was "
            f"fitted on; it has {', '.join(map(repr, table.names[:10]))}"
            f"{', ...' if len(table.names) > 10 else ''}."
        )
    positions = [table.names.index(name) for name in names]
    fixed = dict(zip(positions, (kind for _, kind in scheme.features), strict=True))
    table = replace(table, kinds={})  # of this file, which decides nothing
    features = read_features(table, positions, fixed, NumberStyle(scheme.decimal, scheme.thousands))
    return features.X, [*table.notes, *features.notes]
