"""The bound on attack success rates against its definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.metrics import certified_attack_success_rate

rows = st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 6)), min_size=1, max_size=12)


@settings(derandomize=True, deadline=None)
@given(rows, st.integers(0, 8), st.sampled_from([None, 1, 2]))
def test_it_follows_its_definition(rows, size, source):
    y_true, radii = map(list, zip(*rows, strict=True))
    counted = [r for t, r in rows if (t != 0 if source is None else t == source)]
    if not counted:
        with pytest.raises(InvalidInputError, match="No row of y_true is"):
            certified_attack_success_rate(y_true, radii, size, target=0, source=source)
        return
    rate = certified_attack_success_rate(y_true, radii, size, target=0, source=source)
    assert rate == pytest.approx(sum(r < size for r in counted) / len(counted))
    rates = certified_attack_success_rate(y_true, radii, [0, size], target=0, source=source)
    np.testing.assert_allclose(rates[1], rate)
    assert rates[0] <= rates[1]
    names = [f"class {label}" for label in y_true]
    named = {"target": "class 0", "source": None if source is None else f"class {source}"}
    assert certified_attack_success_rate(names, radii, size, **named) == rate


@pytest.mark.parametrize(
    ("radii", "options", "message"),
    [
        ([1.0, 2.0], {"target": 1}, "radii must be integers"),
        ([1, 2], {"target": "1"}, "y_true holds whole numbers"),
        ([1, 2], {"target": 1, "source": 1}, "the same label"),
        ([1, 2], {"target": 1, "source": "0"}, "source holds texts"),
        ([1, 2], {"target": 1, "source": 5}, "of the class source=5"),
        ([1], {"target": 1}, "inconsistent numbers of samples"),
    ],
)
def test_bad_input(radii, options, message):
    with pytest.raises(ValueError, match=message):
        certified_attack_success_rate([0, 1], radii, 1, **options)


def test_no_rows():
    with pytest.raises(InvalidInputError, match="There are no rows"):
        certified_attack_success_rate([], np.empty(0, int), 1, target=1)
