"""The weakest span is one that the certificate of durations fails on."""

import numpy as np

from sklearn_certify.certificates import count_votes, temporal_radius
from sklearn_certify.certificates._weakest_spans import weakest_span


def damage_within(votes, starts, window, span, predicted, rival):
    """What the voters that meet a span can take from the lead over a rival."""
    met = [
        vote
        for vote, start in zip(votes, starts, strict=True)
        if start <= span[1] and start + window - 1 >= span[0]
    ]
    return sum(1 + (vote == predicted) - (vote == rival) for vote in met), len(met)


def test_it_is_what_limits_the_duration():
    rng = np.random.default_rng(0)
    n_found = 0
    for _ in range(400):
        n_classes, n_voters = int(rng.integers(1, 5)), int(rng.integers(2, 14))
        window, phantom = int(rng.integers(1, 4)), bool(rng.integers(0, 2))
        starts = np.arange(n_voters) + int(rng.integers(-5, 5))
        votes = rng.integers(-1, n_classes, size=n_voters)
        votes[rng.random(n_voters) < 0.6] = rng.integers(0, n_classes)
        (predicted,), (duration,) = temporal_radius(
            [votes], starts, starts + window - 1, n_classes, phantom=phantom
        )
        counts = count_votes([votes], n_classes)[0]
        fixed = (votes, starts, window, counts, predicted)
        if duration:
            assert weakest_span(*fixed, int(duration), phantom=phantom) is None
        found = weakest_span(*fixed, int(duration) + 1, phantom=phantom)
        if duration == n_voters + window - 1:
            assert found is None
            continue
        assert found.stop - found.start == duration
        span = found.start, found.stop
        damages = damage_within(votes, starts, window, span, predicted, found.rival)
        assert damages == (found.damage, found.n_voters)
        assert found.damage > found.gap
        padded = np.append(counts, 0)
        lead = padded[predicted] - padded[found.rival] - (found.rival < predicted)
        assert found.gap == max(lead - (found.rival == n_classes), 0)
        failing = {
            start
            for start in range(starts[0], starts[-1] + window - duration)
            for rival in found.rivals
            if damage_within(votes, starts, window, (start, start + duration), predicted, rival)[0]
            > max(padded[predicted] - padded[rival] - (rival < predicted or rival == n_classes), 0)
        }
        assert len(failing) == found.n_spans
        assert found.start in failing
        n_found += 1
    assert n_found > 200
