"""What counts as a missing value, whoever made it."""

__all__ = ["is_missing"]


def is_missing(value):
    """Say whether a cell is None, a NaN, a NaT or pandas' NA.

    Parameters
    ----------
    value : object
        A cell.

    Returns
    -------
    bool
    """
    if value is None:
        return True
    try:
        equal = value != value  # NaN and NaT are not equal to themselves
    except Exception:
        return False
    if type(equal).__name__ in ("bool", "bool_"):
        return bool(equal)
    return type(value).__name__ == "NAType"  # does not even say
