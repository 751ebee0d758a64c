"""Parameters of the regressors that go by name: those asked for, else what suits the rows."""

from .._base_estimators import describe, for_dataset, parse_base_estimator

__all__ = ["base_regressor", "complete_for_targets"]

_ROWS_PER_VOTER = 10  # on average
_CONTRIBUTORS_PER_VOTER = 3  # on average, so that hardly a voter has none
_PARTITION_COUNTS = (5, 10, 20, 50, 100)
_SHARE_OF_NEIGHBORS = 1 / 8  # of the training rows


def complete_for_targets(given, split, users, option):
    """Add parameters that suit the number of training rows.

    Parameters
    ----------
    given : dict
        Parameters that the user has set, by name; None = not set.
    split : Split
        The rows.
    users : set of str
        The parameters that the chosen regressors have.
    option : callable
        Returns what the user calls a parameter.

    Returns
    -------
    settings : dict
        Values by parameter name.
    notes : list of str
        What was chosen by the number of rows.
    """
    settings, notes = {name: v for name, v in given.items() if v is not None}, []
    most = len(split.y_train) // _ROWS_PER_VOTER
    if split.groups_train is not None:
        most = min(most, split.n_units // _CONTRIBUTORS_PER_VOTER)
    suitable = {
        "n_partitions": max((n for n in _PARTITION_COUNTS if n <= most), default=5),
        "n_neighbors": max(1, int(_SHARE_OF_NEIGHBORS * len(split.y_train))),
    }
    for name, value in suitable.items():
        if name in users and name not in settings:
            settings[name] = value
            notes.append(f"{name}={value} suits this number of rows; {option(name)} sets another.")
    return settings, notes


def base_regressor(base, dataset):
    """Return what every voter is, and the same in words; an estimator is taken as it is.

    Parameters
    ----------
    base : None, str or estimator
        What was asked for.
    dataset : TargetDataset
        The rows.

    Returns
    -------
    estimator
        None for the default of the regressors' classes, which suits rows of numbers.
    str
    """
    if base is None and not dataset.is_table:
        return None, "StandardScaler and Ridge, within each voter"
    if base is not None and not isinstance(base, str):
        return base, " ".join(repr(base).split())
    base = parse_base_estimator("ridge" if base is None else base, regression=True)
    return for_dataset(base, dataset), describe(base, dataset)
