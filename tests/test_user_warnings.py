"""Warnings point at the line of the user's own code."""

import warnings

import pytest

from sklearn_certify._user_warnings import warn_user

CALL = "from sklearn_certify.metrics import certify"


def test_the_line_that_called():
    with pytest.warns(UserWarning, match="odd") as caught:
        warn_user("odd", UserWarning)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("names", [{}, {"__name__": "__main__"}])
def test_code_in_a_string_need_not_belong_to_a_module(names):
    code = compile(CALL, "<cell>", "exec")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(code, names)
    assert {warning.filename for warning in caught} == {"<cell>"}
