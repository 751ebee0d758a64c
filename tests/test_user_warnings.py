"""Warnings point at the line of the user's own code, wherever it stands."""

import pytest

from sklearn_certify._user_warnings import warn_user

PACKAGE = """
def warn():
    from sklearn_certify._user_warnings import warn_user
    warn_user("look here", UserWarning)
"""


@pytest.mark.parametrize("package", ["sklearn_certify.deep.inside", "sklearn.base", "joblib"])
def test_the_line_is_that_of_the_user(package):
    between = {"__name__": package}
    exec(PACKAGE, between)
    with pytest.warns(UserWarning, match="look here") as caught:
        between["warn"]()
    assert caught[0].filename == __file__


@pytest.mark.parametrize("names", [{}, {"__name__": "sklearn_own"}])
def test_code_without_a_name_is_the_users(names):
    code = compile("warn_user('look here', UserWarning)", "a cell", "exec")
    with pytest.warns(UserWarning, match="look here") as caught:
        exec(code, {"warn_user": warn_user, **names})
    assert caught[0].filename == "a cell"
