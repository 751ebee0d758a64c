"""Records as lines of a CSV file."""

import csv
import io

__all__ = ["as_csv", "write_csv"]


def as_csv(records):
    """Return records as the text of a CSV file.

    Parameters
    ----------
    records : list of dict
        At least one; the names of its values are the columns.

    Returns
    -------
    str
    """
    file = io.StringIO()
    write_csv(file, list(records[0]), records)
    return file.getvalue()


def write_csv(file, columns, records):
    """Write a line of names, and one for each record.

    Parameters
    ----------
    file : text file
        Where to.
    columns : sequence of str
        The names.
    records : iterable of dict
        Their values.
    """
    writer = csv.DictWriter(file, fieldnames=columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
