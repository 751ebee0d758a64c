"""Columns of tables whose type looks like the work of a few odd cells."""

from .._user_warnings import warn_user
from ..exceptions import FormWarning
from .form_tallies import Found, tallies_of

__all__ = ["warn_of_form", "warn_of_tallies"]

_COLUMNS_NAMED = 3
_MOSTLY_WHOLE = 0.75


def warn_of_form(X, y):
    """Warn of columns, and of labels, whose type may have been chosen because of a few cells.

    Suspicious are texts that are mostly numbers, texts mixed with numbers, and floats that are
    mostly whole: of one type or the other, for every voter, because of one row.

    Parameters
    ----------
    X : table, CSR matrix or ndarray of shape (n_rows, ...)
        Training rows as `check_rows` returns them.
    y : ndarray of shape (n_rows,)
        Their labels.
    """
    warn_of_tallies(tallies_of(X, y), "row {row}")


def warn_of_tallies(tallies, place):
    """Warn as `warn_of_form` does, of what was counted before.

    Parameters
    ----------
    tallies : iterable of (str, ColumnTally)
        Of columns and labels.
    place : str
        How to tell where a cell is; ``{row}`` stands for its row.
    """
    found = (_suspicion(tally, what, place) for what, tally in tallies)
    sentences = [sentence for sentence in found if sentence]
    if sentences:
        n_more = len(sentences) - _COLUMNS_NAMED
        more = f" There are {n_more} more such columns." if n_more > 0 else ""
        warn_user(
            f"{' '.join(sentences[:_COLUMNS_NAMED])}{more} If a type was chosen by looking at all "
            "rows, one poisoned row can change it for every voter, which no certificate covers.",
            FormWarning,
        )


def _suspicion(tally, what, place):
    if tally.are_floats:
        return _odd_float(tally, what, place)
    return None if tally.are_plainly_texts else _odd_cell(tally, what, place)


def _odd_float(tally, what, place):
    """Tell of a cell that is no whole number among floats that mostly are."""
    n_present, n_odd = tally.numbers.count, tally.fractions.count
    all_whole = not n_odd and not tally.missing.count
    if all_whole or n_odd >= (1 - _MOSTLY_WHOLE) * n_present:
        return None
    odd = tally.fractions if n_odd else tally.missing
    return (
        f"{what} holds floats, but {n_present - n_odd} of {n_present} are whole numbers, "
        f"while {place.format(row=odd.row)} holds {odd.cell!r}: read it with dtype='Int64' (or "
        "dtype='float64', if fractions are meant)."
    )


def _odd_cell(tally, what, place):
    """Tell of a cell of the kind that is rare in a column of texts or of mixed objects."""
    n_numbers = tally.numbers.count + tally.texts_of_numbers.count
    others = _first_of(tally.texts, tally.others)
    if others.count and 2 * n_numbers > tally.n_cells - tally.missing.count:
        return (
            f"{what} holds texts or objects, but {n_numbers} of its {tally.n_cells} cells are "
            f"numbers, while {place.format(row=others.row)} holds {others.cell!r:.60}: read it "
            "with dtype=float and na_values, or use pd.to_numeric(column, errors='coerce')."
        )
    texts = _first_of(tally.texts, tally.texts_of_numbers)
    if tally.numbers.count and texts.count:
        fewer = tally.numbers if tally.numbers.count <= texts.count else texts
        return (
            f"{what} mixes texts and numbers: {place.format(row=fewer.row)} holds "
            f"{fewer.cell!r:.60}, read it with dtype='string' (or use pd.to_numeric, if numbers "
            "are meant)."
        )
    return None


def _first_of(*kinds):
    """Return cells of several kinds together, with the one that comes first."""
    kinds = [kind for kind in kinds if kind.count]
    if not kinds:
        return Found()
    first = min(kinds, key=lambda kind: kind.row)
    return first._replace(count=sum(kind.count for kind in kinds))
