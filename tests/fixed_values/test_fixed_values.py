"""Hashes, votes and radii are what they were."""

import pytest

from .values import FILE, ROOMS, cases_of, recorded, release


@pytest.mark.parametrize(("room", "name"), [(r, n) for r in ROOMS for n in cases_of(r)])
def test_values_are_what_they_were(room, name):
    case = cases_of(room)[name]
    for library in case.libraries:
        pytest.importorskip(library)
        expected = recorded()["releases"][library]
        if release(library) != expected:
            pytest.skip(
                f"{library} {release(library)} may fit other models or draw other numbers than "
                f"{library} {expected}, of which the values are"
            )
    assert case.summaries() == recorded()[room][name]


def test_every_value_has_a_case():
    names = {room: set(cases_of(room)) for room in ROOMS}
    assert {room: set(recorded()[room]) for room in ROOMS} == names


def test_the_file_stays_small():
    assert FILE.stat().st_size < 75_000
