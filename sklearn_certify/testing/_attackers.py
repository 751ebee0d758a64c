"""Attackers who see no voters: odd rows, copies of queries, rows taken away, labels turned.

An attacker is a generator: it yields attacks, and may be sent the trial of each.
"""

from contextlib import suppress

import numpy as np

from .._compat import _num_samples, _safe_indexing
from ..exceptions import CertifyError
from ..partition import hash_rows
from ._odd_rows import odd_rows
from ._training_set import Attack

__all__ = ["attack_as_a_mass", "attack_with_one_unit"]


def attack_with_one_unit(scene):
    """Yield attacks of one unit of every kind, in turns.

    Parameters
    ----------
    scene : Scene
        What is attacked.

    Yields
    ------
    Attack
    """
    model = scene.model
    kinds = [
        attacks
        for attacks, are_allowed in (
            (_odd_insertions(scene), model.inserts),
            (_removals(scene), model.deletes),
            (_copies(scene), model.inserts),
            (_replacements(scene), model.relabels and not model.labels_alone),
            (_flips(scene), model.relabels),
        )
        if are_allowed
    ]
    while kinds:
        for attacks in list(kinds):
            try:
                name, unit = next(attacks)
            except StopIteration:
                kinds.remove(attacks)
                continue
            yield Attack(name, (unit,))


def _odd_insertions(scene):
    row = scene.query_row(0)
    known = scene.rivals(0)[:1] + scene.labels[:1]
    for label in scene.invented_labels():
        yield f"a row with the new label {label!r:.20} added", scene.adding(row, label)
    for turn, (name, odd) in enumerate(odd_rows(row, scene.rng)):
        yield f"a row added, {name}", scene.adding(odd, known[turn % len(known)])


def _copies(scene):
    for query in range(len(scene.labels)):
        for label in scene.rivals(query)[:2]:
            yield (
                "a row next to a query added with another label",
                scene.adding(scene.copies(query, 1), label),
            )
        duplicate = scene.training_set.take([int(scene.distances(query).argmin())])
        yield (
            "the row next to a query added once more",
            scene.adding(duplicate.X, duplicate.labels()[0]),
        )


def _notable_rows(scene):
    """Yield rows whose absence may be noticed: first or last, alone, or at the end of a scale."""
    yield from _ends(scene.training_set.X)
    yield int(_rarest(scene)[0])
    spread_out = np.argsort(-np.abs(scene.coordinates).max(axis=0), kind="stable")
    for column in spread_out[:10]:
        yield int(scene.coordinates[:, column].argmax())
        yield int(scene.coordinates[:, column].argmin())


def _ends(X):
    """Return the first and the last row as they stand, in canonical order, and by length."""
    numbers = [0, _num_samples(X) - 1]
    with suppress(CertifyError):
        is_column = hasattr(X, "iloc") and not hasattr(X, "columns")  # a Series of texts
        hashes = hash_rows(np.asarray(X, dtype=object) if is_column else X)
        numbers += [int(hashes.argmin()), int(hashes.argmax())]
    if isinstance(X, (list, np.ndarray)):
        lengths = [len(str(row)) for row in X]
        numbers.append(int(np.argmax(lengths)))
    return numbers


def _rarest(scene):
    """Return the rows of the smallest class."""
    labels = scene.train_labels.tolist()
    rare = min(set(labels), key=lambda label: (labels.count(label), str(label)))
    return np.flatnonzero(scene.train_labels == rare)


def _rows_in_turn(scene):
    """Yield rows to take, one notable, one next to a query, and so on, none twice."""
    notable, seen = _notable_rows(scene), set()
    for query in range(len(scene.labels)):
        nearest = scene.supporters(query)[:1].tolist()
        for row in [*nearest, next(notable, None)]:
            if row is not None and row not in seen:
                seen.add(row)
                yield row
    yield from (row for row in notable if row not in seen)


def _removals(scene):
    for row in _rows_in_turn(scene):
        yield "a row removed", scene.removing(row)


def _flips(scene):
    labels = [*dict.fromkeys(scene.train_labels.tolist()), *scene.invented_labels()]
    for turn, row in enumerate(_rows_in_turn(scene)):
        others = [label for label in labels if label != scene.train_labels[row]]
        if others:
            # the last of them first: an invented label, if there may be one
            label = others[-1 - turn % len(others)]
            yield f"a label changed to {label!r:.20}", scene.flipping(row, label)


def _replacements(scene):
    odd = odd_rows(scene.query_row(0), scene.rng)
    for turn, row in enumerate(_rows_in_turn(scene)):
        query = turn % len(scene.labels)
        for label in scene.rivals(query)[:1]:
            yield (
                "a row changed into one next to a query",
                scene.replacing(row, scene.copies(query, 1), label),
            )
        if odd:
            label = scene.labels[query]
            name, new_row = odd[turn % len(odd)]
            yield f"a row changed, {name}", scene.replacing(row, new_row, label)


def attack_as_a_mass(scene, beyond=0):
    """Yield attacks with as many units as a radius, that need not see any voter.

    Copies of a query come, or its neighbours go or are turned; a class goes; odd rows come.

    Parameters
    ----------
    scene : Scene
        What is attacked.
    beyond : int, default=0
        Units more than a certified radius.

    Yields
    ------
    Attack
    """
    for query in scene.hopeful_queries():
        for rival in scene.rivals(query)[:2]:
            for size in scene.sizes(query, rival):
                yield from _turned_neighborhoods(scene, query, rival, size + beyond)
    yield from _odd_masses(scene, int(scene.radii.max()) + beyond)


def _turned_neighborhoods(scene, query, rival, size):
    supporters = _one_per_unit(scene, scene.supporters(query), size)
    copies = scene.copies(query, size)
    for way in range(len(scene.against(supporters[0], copies[:1], rival))):
        units = [
            scene.against(row, _safe_indexing(copies, [number]), rival)[way]
            for number, row in enumerate(supporters)
        ]
        yield Attack("the neighbourhood of a query turned", tuple(units))


def _odd_masses(scene, size):
    if size < 2:
        return
    if scene.model.deletes:
        rows = _one_per_unit(scene, _rarest(scene), size)
        units = tuple(scene.removing(row) for row in rows)
        yield Attack("rows of the smallest class removed", units)
    if scene.model.inserts:
        odd = odd_rows(scene.query_row(0), scene.rng)
        label = scene.labels[0]
        units = tuple(scene.adding(odd[number % len(odd)][1], label) for number in range(size))
        yield Attack("odd rows added", units)


def _one_per_unit(scene, rows, size):
    """Return rows of different units, `size` of them if there are so many."""
    taken, chosen = set(), []
    for row in rows:
        if len(chosen) < size and row not in taken:
            taken.update(scene.training_set.rows_of(row))
            chosen.append(int(row))
    return chosen
