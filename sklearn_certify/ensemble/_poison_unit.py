"""What one unit of poison is: a row, or all rows of a contributor."""

from ..exceptions import InvalidInputError

__all__ = ["resolve_poison_unit"]


def resolve_poison_unit(poison_unit, groups):
    """Return the unit that certificates count in.

    Parameters
    ----------
    poison_unit : {"auto", "row", "group"}
        What the user wants; "auto" leaves it to `groups`.
    groups : array-like of shape (n_rows,) or None
        The contributor of each row, as given to ``fit``.

    Returns
    -------
    {"row", "group"}

    Raises
    ------
    InvalidInputError
        If there are no groups to count in, or if there are some that would not count.
    """
    unit = "row" if groups is None else "group"
    if poison_unit in ("auto", unit):
        return unit
    if poison_unit == "group":
        raise InvalidInputError(
            "poison_unit='group' needs fit(X, y, groups=...); a search or a pipeline hands groups "
            "to fit only after sklearn.set_config(enable_metadata_routing=True) and "
            "estimator.set_fit_request(groups=True), otherwise GridSearchCV.fit(X, y, groups=...) "
            "hands them to its splitter alone."
        )
    raise InvalidInputError(
        "poison_unit='row' counts rows, but fit was given groups; use poison_unit='group', or "
        "leave groups out."
    )
