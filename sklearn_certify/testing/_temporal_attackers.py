"""Attackers who do as they like within as many consecutive periods as are certified."""

__all__ = ["WAYS", "attack_at_any_time", "attack_where_it_hurts"]

WAYS = ("replaced", "added", "relabelled", "removed", "odd")


def attack_where_it_hurts(scene, beyond=0):
    """Yield attacks in the periods that reach the voters whose turning costs a prediction most.

    Parameters
    ----------
    scene : TemporalScene
        What is attacked.
    beyond : int, default=0
        Periods more than are certified.

    Yields
    ------
    TemporalAttack
    """
    for way in WAYS:
        for query in scene.hopeful_queries():
            for rival in scene.rivals(query)[:2]:
                n_periods = int(scene.radii[query]) + beyond
                start = scene.worst_start(query, rival, n_periods)
                yield scene.attack(way, query, rival, start, n_periods)


def attack_at_any_time(scene):
    """Yield attacks of all ways and lengths in turns, at the ends of time and within.

    Parameters
    ----------
    scene : TemporalScene
        What is attacked.

    Yields
    ------
    TemporalAttack
    """
    queries = scene.hopeful_queries()
    turn = 0
    while len(queries):
        query = queries[turn % len(queries)]
        rivals = scene.rivals(query)[:3]
        longest = int(scene.radii[query])
        n_periods = 1 if turn % 2 else int(scene.rng.integers(longest)) + 1
        first, last = int(scene.periods.min()), int(scene.periods.max())
        starts = [first - n_periods, first, last - n_periods + 1, last + 1]
        anywhere = int(scene.rng.integers(first - n_periods, last + 2))
        start = anywhere if turn % 3 else starts[turn // 3 % len(starts)]
        start = int(scene.within_declared(start, n_periods))
        yield scene.attack(
            WAYS[turn % len(WAYS)], query, rivals[turn % len(rivals)], start, n_periods
        )
        turn += 1
