"""Scores of backdoors and filters against plain loops."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.metrics import (
    false_negatives,
    false_positives,
    targeted_misclassification_rate,
)

labels = st.integers(0, 2)
predictions = st.lists(st.tuples(labels, labels, labels), max_size=12)
masks = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=12)


@settings(derandomize=True, deadline=None)
@given(predictions, st.sampled_from([None, "abc"]))
def test_the_rate_follows_its_definition(rows, names):
    rows = [(0, 0, 0), *rows]  # the rate of no rows is an error
    n_hits = sum(row == (0, 0, 1) for row in rows)
    n_source = sum(true == 0 for true, _, _ in rows)
    columns = [
        [names[label] if names else label for label in column] for column in zip(*rows, strict=True)
    ]
    source, target = (names[0], names[1]) if names else (0, 1)
    rate = targeted_misclassification_rate(*columns, source=source, target=target)
    assert isinstance(rate, float) and rate == pytest.approx(n_hits / n_source)


@settings(derandomize=True, deadline=None)
@given(masks)
def test_errors_of_a_filter_follow_their_definitions(rows):
    rows = [(True, False), (False, True), *rows]
    poisoned, keep_mask = map(list, zip(*rows, strict=True))
    kept, dropped = rows.count((True, True)), rows.count((False, False))
    assert false_negatives(poisoned, keep_mask) == kept
    assert false_positives(poisoned, keep_mask) == dropped
    share = false_negatives(poisoned, keep_mask, normalize=True)
    assert share == pytest.approx(kept / sum(poisoned))
    share = false_positives(np.array(poisoned), pd.Series(keep_mask), normalize=True)
    assert share == pytest.approx(dropped / (len(rows) - sum(poisoned)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1], [0, 1], [0, 1], 2, 1), "No row of y_true is of the class source=2"),
        (([], [], [], 0, 1), "No row of y_true"),
        (([0, 1], [0, 1], [0, 1], 1, 1), "the same label"),
        (([0, 1], [0, 1], [0, 1], 0, "1"), "target holds texts .* but source holds whole numbers"),
        (([0, 1], [0, 1], ["0", "1"], 0, 1), "y_pred_triggered holds texts .* but source holds"),
        (([0, 1], [0, "1"], [0, 1], 0, 1), r"y_pred holds texts \(such as '1' in row 1\)"),
        (([0, 1], [0, 1], [0], 0, 1), "inconsistent numbers of samples"),
        (([0], [[0, 1]], [0], 0, 1), "should be a 1d array"),
    ],
)
def test_a_rate_that_has_no_meaning(arguments, message):
    *columns, source, target = arguments
    with pytest.raises(ValueError, match=message):
        targeted_misclassification_rate(*columns, source=source, target=target)


@pytest.mark.parametrize("hold", [list, np.array, pd.Series, pd.Categorical])
def test_labels_in_whatever_holds_them(hold):
    labels = map(hold, (["a", "a", "b"], ["a", "b", "b"], ["b", "b", "b"]))
    assert targeted_misclassification_rate(*labels, source="a", target="b") == 0.5
    unknown = pd.Series(["a", None, "a"], dtype="string")
    assert (
        targeted_misclassification_rate(unknown, [*"aab"], [*"bbb"], source="a", target="b") == 0.5
    )


@pytest.mark.parametrize("count", [false_negatives, false_positives])
@pytest.mark.parametrize(
    ("poisoned", "keep_mask", "message"),
    [
        ([True, False], [0, 1], "keep_mask must hold True or False"),  # row numbers
        ([1, 3], [True, False], "poisoned must hold True or False"),
        ([True, False], [True], "inconsistent numbers of samples"),
        ([[True, False]], [True], "should be a 1d array"),
    ],
)
def test_masks_are_checked(count, poisoned, keep_mask, message):
    with pytest.raises(ValueError, match=message):
        count(poisoned, keep_mask)


def test_a_share_of_no_rows_is_an_error():
    with pytest.raises(InvalidInputError, match="no poisoned row"):
        false_negatives([False], [True], normalize=True)
    with pytest.raises(InvalidInputError, match="no clean row"):
        false_positives([True], [True], normalize=True)
    assert false_negatives([False], [True]) == 0
