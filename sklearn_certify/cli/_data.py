"""The rows that a report is about: digits, or a table in a file."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.datasets import load_diabetes, load_digits

from ..exceptions import InvalidInputError
from ..report._dataset import Dataset
from ..report._regression._target_dataset import TargetDataset
from ..threat import find_threat_model
from ._periods import read_periods
from ._scheme import Scheme, suffix_of
from .tables import (
    STANDARD_INPUT,
    NumberStyle,
    as_text,
    choose_columns,
    read_features,
    read_features_and_targets,
    read_labels,
    read_table,
    with_targets,
)

__all__ = [
    "TableOptions",
    "bundled_diabetes",
    "bundled_digits",
    "read_dataset",
    "read_dataset_and_scheme",
]


def bundled_digits():
    """Return scikit-learn's handwritten digits, which need no download."""
    X, y = load_digits(return_X_y=True)
    return Dataset("scikit-learn's digits", X, y, is_table=False, image_shape=(8, 8))


def bundled_diabetes():
    """Return scikit-learn's measurements of diabetes patients, whose targets are numbers."""
    X, y = load_diabetes(return_X_y=True, scaled=False)
    return TargetDataset("scikit-learn's diabetes", X, y, is_table=False)


@dataclass(frozen=True)
class TableOptions:
    """What a user says about a file.

    Columns go by their name, or by their number: 1 is the first one, -1 the last.

    Parameters
    ----------
    target : str, default=None
        Column with the labels; the last one if None.
    groups : str, default=None
        Column with the contributors.
    periods : str, default=None
        Column with the periods in which rows came.
    every : str, default=None
        How long a period is, where the column holds dates.
    drop : sequence of str, default=()
        Columns that are no features.
    columns : sequence of (str, str), default=()
        Columns and their kinds, "number" or "text"; "all" stands for those not named.
    missing : sequence of str, default=()
        Texts that stand for a missing cell, besides the empty one.
    decimal, thousands : str, default=None
        How numbers are written, see `NumberStyle`.
    encoding, delimiter : str, default=None
        How text is written, see `read_table`.
    header : bool, default=None
        Whether the first line names the columns, see `read_table`.
    has_targets : bool, default=False
        Whether `target` is a quantity, which regressors predict, and no label.
    """

    target: str | None = None
    groups: str | None = None
    drop: tuple = ()
    columns: tuple = ()
    missing: tuple = ()
    decimal: str | None = None
    thousands: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header: bool | None = None
    has_targets: bool = False
    periods: str | None = None
    every: str | None = None


def read_dataset(path, options=None, threat_model="insert_delete"):
    """Read a table from a file.

    Rows without a label, a contributor or a period are left out before anything is decided.

    Parameters
    ----------
    path : str
        The file.
    options : TableOptions, default=None
        What the user says about it.
    threat_model : str, default="insert_delete"
        What one unit of poison may do: how much of it can turn what the rows decide.

    Returns
    -------
    Dataset

    Raises
    ------
    InvalidInputError
        If the file cannot be read, or its table cannot be used.
    MissingExtraError
        If what reads the format is missing.
    """
    return read_dataset_and_scheme(path, options, threat_model)[0]


def read_dataset_and_scheme(path, options=None, threat_model="insert_delete"):
    """Read a table from a file, and keep how it was read.

    Parameters
    ----------
    path, options, threat_model
        As for `read_dataset`.

    Returns
    -------
    Dataset
    Scheme
    """
    options = options or TableOptions()
    table = read_table(
        path,
        missing=options.missing,
        encoding=options.encoding,
        delimiter=options.delimiter,
        has_names=options.header,
    )
    target, notes = _find_target(table, options, path)
    groups, periods = _find_groups_and_periods(table, options, target)
    kinds, other_kind = _fixed_kinds(table, options.columns)
    positions, left_out = _find_features(table, options, {target, groups, periods}, kinds)
    notes = [*table.notes, *notes, *left_out]

    style = NumberStyle(options.decimal, options.thousands)
    table, incomplete = _complete_rows(table, target, groups, periods, path)
    notes += incomplete
    if options.has_targets:
        table, incomplete = with_targets(table, target, kinds.get(target), style)
        notes += incomplete
    group_names, contributors = None, None
    if groups is not None:
        group_names = np.array(list(map(as_text, table.columns[groups])), dtype=object)
        _, contributors = np.unique(group_names, return_inverse=True)
        # whatever contributors do to their own rows is one unit
        if not find_threat_model(threat_model).labels_alone:
            threat_model = "modify"
    decided = {"contributors": contributors, "threat_model": threat_model}
    limits = []
    if table.key_lists is not None:
        positions, unchosen, limits = choose_columns(table, positions, set(kinds), **decided)
        notes += unchosen
    if not positions:
        raise InvalidInputError(f"{path} has no column besides the labels.")
    read = read_features_and_targets if options.has_targets else _read_features_and_labels
    if other_kind:
        kinds = {**dict.fromkeys(positions, other_kind), **kinds}
    features, y = read(table, positions, target, kinds, style, **decided)
    limits += features.limits
    names = [table.names[position] for position in positions]
    dataset = (TargetDataset if options.has_targets else Dataset)(
        "standard input" if path == STANDARD_INPUT else Path(path).name,
        features.X,
        y,
        table.names[target],
        group_names,
        None if groups is None else table.names[groups],
        features.text_columns,
        notes=notes + features.notes,
        limits=limits,
        feature_names=names,
        periods=None
        if periods is None
        else read_periods(table.columns[periods], table.names[periods], options.every),
        period_column=None if periods is None else table.names[periods],
    )
    tightest = min(limits, key=lambda limit: limit.units, default=None)
    capped = tightest is not None and tightest.units < math.inf
    kinds = ["text" if place in features.text_columns else "number" for place in range(len(names))]
    scheme = Scheme(
        list(zip(names, kinds, strict=True)),
        target=table.names[target],
        groups=None if groups is None else table.names[groups],
        decimal=features.decimal,
        thousands=options.thousands,
        missing=list(options.missing),
        suffix=suffix_of(path),
        encoding=options.encoding,
        delimiter=options.delimiter,
        header=options.header,
        limit=int(tightest.units) if capped else None,
        decision=tightest.decision if capped else None,
    )
    return dataset, scheme


def _read_features_and_labels(table, positions, target, kinds, style, **decided):
    """Return the features, with what is to be said of the labels too, and the labels."""
    y, notes, limits = read_labels(
        table.columns[target], table.names[target], kinds.get(target), **decided
    )
    features = read_features(table, positions, kinds, style, **decided)
    return replace(features, notes=notes + features.notes, limits=limits + features.limits), y


def _find_target(table, options, path):
    """Return the position of the labels, and what to say about it."""
    if options.target is not None:
        return table.position(options.target), []
    if table.key_lists is not None:  # what stands last is up to each row
        raise InvalidInputError(
            f"{path} has no last column, since each line names its own: name the one with the "
            f"labels with --target; there are {', '.join(map(repr, table.names[:10]))}."
        )
    other = {table.position(name) for name in options.drop}
    for name in (options.groups, options.periods):
        if name is not None:
            other.add(table.position(name))
    named = [position for position in range(len(table.names)) if position not in table.left_out]
    target = max((position for position in named if position not in other), default=named[-1])
    what = "targets" if options.has_targets else "labels"
    return target, [
        f"The {what} are the last column, {table.names[target]!r}; --target names another."
    ]


def _find_groups_and_periods(table, options, target):
    """Return the positions of the contributors and of the periods, None where there are none."""
    groups = None if options.groups is None else table.position(options.groups)
    if groups == target:
        raise InvalidInputError(f"--groups {options.groups} is the column with the labels.")
    periods = None if options.periods is None else table.position(options.periods)
    if periods is not None and periods in (target, groups):
        raise InvalidInputError(
            f"--periods {options.periods} is the column with the labels, or the contributors."
        )
    return groups, periods


def _fixed_kinds(table, columns):
    """Return the kinds that the user fixed by position, and the one of all other columns."""
    kinds, other_kind = {}, None
    for name, kind in columns:
        if name == "all" and name not in table.names:
            other_kind = kind
        else:
            kinds[table.position(name)] = kind
    return kinds, other_kind


def _find_features(table, options, taken, kinds):
    """Return the positions of the features, and what to say about columns that are none."""
    taken = taken.union(table.position(name) for name in options.drop)
    named = taken.union(kinds)  # by an option
    left_out = {position: why for position, why in table.left_out.items() if position not in named}
    positions = [
        position
        for position in range(len(table.names))
        if position not in taken and position not in left_out
    ]
    return positions, list(dict.fromkeys(left_out.values()))


def _complete_rows(table, target, groups, periods, path):
    """Leave out the rows without a label, a contributor or a period; say how many."""
    notes = []
    for position, what in (
        (target, "label"),
        (groups, "contributor"),
        (periods, "period"),
    ):
        if position is None:
            continue
        rows = [row for row, cell in enumerate(table.columns[position]) if cell != ""]
        n_left_out = len(table.lines) - len(rows)
        if not rows:
            raise InvalidInputError(
                f"No row of {path} has a {what} in column {table.names[position]!r}."
            )
        if n_left_out:
            are_out = "rows without a {} are" if n_left_out > 1 else "row without a {} is"
            notes.append(f"{n_left_out} {are_out.format(what)} left out.")
            table = table.take(rows)
    return table, notes
