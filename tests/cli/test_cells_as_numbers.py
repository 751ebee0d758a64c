"""Cells as numbers: each on its own, however people write them."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sklearn_certify.cli.tables import NumberStyle, read_numbers

STYLES = [
    NumberStyle(decimal, mark) for decimal in (None, ".", ",") for mark in (None, *",. '", "")
]
NUMBERS = {
    "7": 7, "-7": -7, "+7": 7, "\u22127": -7, "007": 7, "1.5": 1.5, "1,5": 1.5, ".5": 0.5, "5.": 5,
    "1e5": 1e5, "1.5E-3": 1.5e-3, "1,234.5": 1234.5, "1.234,5": 1234.5, "1,234,567": 1234567,
    "1.234.567": 1234567, "1 234,5": 1234.5, "1\u00a0234": 1234, "1'234.5": 1234.5,
    "1\u2019234": 1234, "12,34,567": 1234567, "0.123": 0.123, "0,123": 0.123, "1234.567": 1234.567,
    "12 %": 12, "12.5%": 12.5, "$5": 5, "-$5": -5, "$-5": -5, "5 €": 5, "1.234,50 €": 1234.5,
    "EUR 5": 5, "£1,234.50": 1234.5, "9007199254740993": 2.0**53, 5: 5, 2.5: 2.5, True: 1,
}  # fmt: skip
OTHERS = ["x", "?", "-", ".", "1.2.3", "12:30", "2020-01-05", "1_000", "inf", "-inf", "1e999",
          "0x1F", "1 2", "$-5-", "-$-5", "12 kg", "1,23,4", "1.23.456", "\u0661", "%", "$", "e5",
          "1e", float("inf"), 10**400, '{"a": 1}', "1,2,3", "()"]  # fmt: skip
MISSING = ["", "nan", "NaN", "NA", "n/a", "NULL", "None", "<NA>", "#N/A"]


@pytest.mark.parametrize("cell", NUMBERS)
def test_numbers(cell):
    numbers = read_numbers([cell], NumberStyle())
    assert numbers.with_point.tolist() == numbers.with_comma.tolist() == [NUMBERS[cell]]
    assert numbers.votes.tolist() == [1]
    assert not numbers.is_ambiguous.any()


@pytest.mark.parametrize("cell", OTHERS)
def test_what_is_no_number(cell):
    numbers = read_numbers([cell], NumberStyle())
    assert np.isnan(numbers.with_point[0]) and np.isnan(numbers.with_comma[0])
    assert numbers.votes.tolist() == [-1]


@pytest.mark.parametrize("cell", MISSING)
def test_what_is_missing(cell):
    numbers = read_numbers([cell], NumberStyle())
    assert np.isnan(numbers.with_point[0])
    assert numbers.votes.tolist() == [0]


@pytest.mark.parametrize(
    ("cell", "with_point", "with_comma"),
    [("1.234", 1.234, 1234), ("1,234", 1234, 1.234), ("-$12,000", -12000, -12)],
)
def test_cells_that_can_be_read_in_two_ways(cell, with_point, with_comma):
    numbers = read_numbers([cell, "7"], NumberStyle())
    assert numbers.is_ambiguous.tolist() == [True, False]
    assert (numbers.with_point[0], numbers.with_comma[0]) == (with_point, with_comma)
    assert numbers.tells.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("style", "cell", "value"),
    [
        (NumberStyle(thousands="'"), "1.234", 1.234),
        (NumberStyle(thousands=""), "1,234", 1.234),
        (NumberStyle(thousands=" "), "1\u202f234", 1234),
        (NumberStyle(thousands="'"), "1 234", np.nan),
    ],
)
def test_given_separator_of_thousands(style, cell, value):
    numbers = read_numbers([cell], style)
    assert np.array_equal(numbers.with_point, [value], equal_nan=True)
    assert np.array_equal(numbers.with_comma, [value], equal_nan=True)


@pytest.mark.parametrize(
    ("style", "mark"),
    [
        (NumberStyle(), None),
        (NumberStyle(decimal=","), ","),
        (NumberStyle(thousands=","), "."),
        (NumberStyle(thousands="."), ","),
        (NumberStyle(thousands=" "), None),
    ],
)
def test_what_fixes_the_decimal_mark(style, mark):
    assert style.fixed_mark == mark


cells = st.one_of(
    st.sampled_from([*NUMBERS, *OTHERS, *MISSING, "1.234", "1,234"]),
    st.text("0123456789.,+-eE $%'", max_size=9).map(str.strip),
    st.integers(-3000, 3000).map(str),
    st.floats(-3000, 3000).map("{:.3f}".format),
    st.floats(-3000, 3000).map(lambda value: f"{value:.1f}".replace(".", ",")),
)


@given(st.lists(cells, min_size=1, max_size=8), st.sampled_from(STYLES))
@example(["1.5", "2.5", "?"], NumberStyle())
@example(["1,5", "2,5", "1e999"], NumberStyle())
@example([5, 2.5, ""], NumberStyle())
def test_a_cell_is_read_alike_in_any_company(column, style):
    """Quick ways for plain columns must not show."""
    together = read_numbers(column, style)
    for row, cell in enumerate(column):
        # "x" keeps a column from being plain
        for alone in (read_numbers([cell], style), read_numbers([cell, "x", "1,5"], style)):
            for name, values in vars(together).items():
                assert np.array_equal(values[row], vars(alone)[name][0], equal_nan=True), name
