"""An attacker who sees partitions, voters and votes: turn the voters that carry the margin."""

import numpy as np

from .._compat import _safe_indexing
from ._training_set import Attack, TrainingSet, like_labels

__all__ = ["attack_the_margin"]

_COPIES_PER_PARTITION = 8  # enough that hardly a partition goes without
_ROUNDS = 4  # after each of which the attacker looks at the votes anew
_ROWS_TRIED = 2  # of each partition, where removing the first turned nobody


def attack_the_margin(scene, beyond=0):
    """Yield attacks on the voters whose turning costs a prediction most.

    After each round the attacker looks which voters turned, and goes on with those that are
    worth most then.

    Parameters
    ----------
    scene : Scene
        What is attacked.
    beyond : int, default=0
        Units more than a certified radius.

    Yields
    ------
    Attack
        Is sent the trial of the attack, or None if it was not tried.
    """
    trials = scene.trials
    if trials.subject.partitions(trials.fitted) is None:
        return
    for attempt in range(_ROWS_TRIED):
        for query in scene.hopeful_queries():
            for rival in scene.rivals(query)[:2]:
                for size in scene.sizes(query, rival):
                    for weapon in _weapons(scene, query, rival, attempt):
                        yield from _press(scene, query, rival, size + beyond, weapon)


def _press(scene, query, rival, size, weapon):
    """Yield ever larger attacks on one prediction, up to a size."""
    trials = scene.trials
    spread = trials.subject.partitions(trials.fitted)[1]
    units, used, fitted = [], [], trials.fitted
    while len(units) < size:
        votes = trials.subject.votes(fitted, scene.query_row(query))
        ranked = _most_harmful(scene.weights(votes, query, rival), spread, used)
        n_wanted = -(-(size - len(units)) // _ROUNDS)
        batch = weapon(ranked, n_wanted)
        if not batch:
            return
        for unit, partitions in batch:
            units.append(unit)
            used += partitions
        trial = yield Attack("the voters that carry the margin turned", tuple(units))
        if trial is None or trial.fitted is None:  # a smaller one was found, or it was refused
            return
        fitted = trial.fitted


def _most_harmful(weights, spread, used):
    """Return partitions in the order of the damage that turning their voters to the rival does."""
    turned = np.zeros(len(weights), dtype=bool)
    chosen = []
    for _ in range(len(spread) - len(used)):
        damage = (weights * ~turned)[spread].sum(axis=1)
        damage[[*used, *chosen]] = -1
        chosen.append(int(damage.argmax()))
        turned[spread[chosen[-1]]] = True
    return chosen


def _weapons(scene, query, rival, attempt):
    """Return functions of ranked partitions and a number, which return units to turn them.

    Each unit comes with the partitions that it reaches.
    """
    model = scene.model
    partition = scene.trials.subject.partitions(scene.trials.fitted)[0]
    supporters = {}
    for row in scene.supporters(query):
        supporters.setdefault(int(partition[row]), []).append(int(row))

    def row_in(place):
        rows = supporters.get(place, [])
        return rows[min(attempt, len(rows) - 1)] if rows else None

    def taking(ranked, n_wanted):
        rows = [(row_in(place), place) for place in ranked]
        rows = [(row, place) for row, place in rows if row is not None][:n_wanted]
        return [
            (scene.flipping(row, rival) if model.labels_alone else scene.removing(row), [place])
            for row, place in rows
        ]

    if not model.inserts:
        return [taking]
    newcomers = _newcomers(scene, query, rival)

    def sending(ranked, n_wanted):
        places = [place for place in ranked if place in newcomers][:n_wanted]
        return [(scene.adding(newcomers[place][0], rival, newcomers[place][1]), [place])
                for place in places]  # fmt: skip

    def moving(ranked, n_wanted):
        units, free = [], list(ranked)
        while free and len(units) < n_wanted:
            place = free.pop(0)
            row = row_in(place)
            if row is None:
                continue
            if scene.training_set.groups is not None:  # contributors stay where they are
                units.append((scene.replacing(row, scene.copies(query, 1), rival), [place]))
                continue
            target = next((other for other in free if other in newcomers), None)
            if target is None:
                continue
            free.remove(target)
            units.append((scene.replacing(row, newcomers[target][0], rival), [place, target]))
        return units

    if model.relabels:
        return [moving]
    return [sending, taking] if model.deletes else [sending]


def _newcomers(scene, query, rival):
    """Return, for each partition, a row next to a query that falls into it, and its group."""
    n_copies = _COPIES_PER_PARTITION * len(scene.trials.subject.partitions(scene.trials.fitted)[1])
    copies = scene.copies(query, n_copies)
    training_set = scene.training_set
    names = None
    if training_set.groups is not None:
        names = [scene.new_group() for _ in range(n_copies)]
    places = scene.trials.subject.partitions_of_new_rows(
        TrainingSet(
            copies,
            like_labels(training_set.y, [rival] * n_copies),
            None if names is None else like_labels(training_set.groups, names),
        )
    )
    newcomers = {}
    for number, place in enumerate(() if places is None else places.tolist()):
        name = None if names is None else names[number]
        newcomers.setdefault(place, (_safe_indexing(copies, [number]), name))
    return newcomers
