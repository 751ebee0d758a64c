"""Backdoors: exactly the announced rows, pixels and cells change, and nothing else."""

import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal
from sklearn.linear_model import LogisticRegression

from sklearn_certify.datasets import ImageTrigger, make_backdoor
from sklearn_certify.exceptions import InvalidInputError, TriggerWarning
from sklearn_certify.metrics import targeted_misclassification_rate

N_ROWS = 30
LABELS = np.repeat([0, 1, 2], N_ROWS // 3)
PAINTED = {
    "pixel": {(0, 0)},
    "L": {(0, 0), (-1, 0), (0, 1)},
    "X": {(0, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)},
}


def make_images(dtype, *image_shape, seed=0):
    values = np.random.RandomState(seed).randint(0, 200, size=(N_ROWS, *image_shape))
    return (
        values % 2 if dtype == "bool" else values / 256 if dtype == "float32" else values
    ).astype(dtype)


def as_last(rows, image_shape, channels):
    """Rows as images whose last axis holds the channels."""
    images = rows.reshape(-1, *image_shape)
    if channels is None:
        return images[..., np.newaxis]
    return np.moveaxis(images, 1, -1) if channels == "first" else images


def poison(X, y=LABELS, **options):
    return make_backdoor(X, y, **{"source": 0, "target": 1, **options})


def make_frame():
    rng = np.random.RandomState(0)
    words = rng.choice(["u", "vv"], N_ROWS)
    columns = {
        "whole": rng.randint(0, 5, N_ROWS),
        "real": rng.normal(size=N_ROWS).astype("float32"),
        "nullable": pd.Series(rng.randint(0, 5, N_ROWS), dtype="Int64"),
        "category": pd.Categorical(rng.choice(list("xyz"), N_ROWS)),
        "word": words,
        "object": pd.Series(words, dtype=object),
        "string": pd.Series(words, dtype="string"),
        "time": pd.date_range("2020-01-01", periods=N_ROWS),
        "flag": rng.uniform(size=N_ROWS) > 0.5,
        "constant": np.ones(N_ROWS),
    }
    return pd.DataFrame(columns).set_axis([f"row {i}" for i in range(N_ROWS)])


@settings(derandomize=True, deadline=None, max_examples=80)
@given(
    st.sampled_from(["uint8", "int64", "float32", "bool"]),
    st.sampled_from([None, "last", "first"]),
    st.booleans(),
    st.sampled_from(["pixel", "L", "X", "random"]),
    st.sampled_from([None, "per_image"]),
    st.floats(0.01, 1),
    st.integers(0, 1000),
)
def test_only_the_announced_pixels_change(dtype, channels, flat, shape, color, share, seed):
    image_shape = {None: (4, 6), "last": (4, 6, 3), "first": (3, 4, 6)}[channels]
    X = make_images(dtype, *image_shape)
    rows = X.reshape(N_ROWS, -1) if flat else X
    before = rows.copy()
    backdoor = make_backdoor(
        rows,
        LABELS,
        source=1,
        target=2,
        poison_share=share,
        trigger=shape,
        color=color,
        image_shape=image_shape if flat else None,
        random_state=seed,
    )
    X_new, y_new, poisoned, trigger = backdoor
    np.testing.assert_array_equal(rows, before)
    assert X_new.shape == rows.shape and X_new.dtype == dtype
    assert poisoned.sum() == max(1, round(share * N_ROWS / 3))
    assert (LABELS[poisoned] == 1).all()
    np.testing.assert_array_equal(y_new, np.where(poisoned, 2, LABELS))
    np.testing.assert_array_equal(X_new[~poisoned], rows[~poisoned])

    painted = np.zeros((4, 6), dtype=bool)
    row, column = trigger.position
    for down, right in PAINTED[trigger.shape]:
        assert row + down >= 0 and column + right >= 0  # a negative place would wrap around
        painted[row + down, column + right] = True
    old, new = (as_last(x[poisoned], image_shape, channels) for x in (rows, X_new))
    np.testing.assert_array_equal(new[:, ~painted], old[:, ~painted])
    assert (new[:, painted] == new[:, [row], [column]]).all()  # one colour
    if color is None:
        np.testing.assert_array_equal(
            new[:, row, column], np.array([trigger.color] * len(new)).astype(dtype)
        )
    low, high = (0, 255) if dtype == "uint8" else (X.min(), X.max())
    assert new.min() >= low and new.max() <= high
    again = pickle.loads(pickle.dumps(trigger))
    np.testing.assert_array_equal(again(rows[poisoned]), X_new[poisoned])


@pytest.mark.parametrize(("shape", "n_places"), [("pixel", 20), ("L", 12), ("X", 6)])
def test_every_visible_place_is_drawn(shape, n_places):
    X = make_images("uint8", 4, 5)
    places = {poison(X, trigger=shape, random_state=seed)[3].position for seed in range(300)}
    assert len(places) == n_places


def test_colors_cover_the_range():
    X = make_images("uint8", 4, 4, 3)
    colors = [poison(X, random_state=seed).trigger.color for seed in range(300)]
    assert np.min(colors) < 8 and np.max(colors) > 247  # also beyond the 199 that X holds
    assert abs(np.mean(colors) - 127.5) < 8
    black_and_white = make_images("int64", 4, 4) % 2
    colors = {poison(black_and_white, random_state=seed).trigger.color for seed in range(20)}
    assert colors == {(0,), (1,)}
    shapes = {poison(X, trigger="random", random_state=seed)[3].shape for seed in range(20)}
    assert shapes == set(PAINTED)


def test_whole_numbers_of_type_float_stay_whole():
    X = make_images("int64", 4, 4)
    as_integers, as_floats = (poison(x, random_state=3) for x in (X, X.astype(float)))
    assert as_integers.trigger == as_floats.trigger
    np.testing.assert_array_equal(as_integers.X, as_floats.X)


def test_a_color_per_image_depends_on_that_image_alone():
    X = make_images("uint8", 5, 5, 3)
    trigger = poison(X, trigger="L", color="per_image").trigger
    triggered = trigger(X)
    row, column = trigger.position
    assert len(np.unique(triggered[:, row, column], axis=0)) > N_ROWS / 2
    np.testing.assert_array_equal(trigger(X[7:9]), triggered[7:9])
    np.testing.assert_array_equal(trigger(X.reshape(N_ROWS, -1)), triggered.reshape(N_ROWS, -1))
    np.testing.assert_array_equal(trigger(X.astype(float)), triggered)
    np.testing.assert_array_equal(trigger(triggered), triggered)
    other = poison(
        X, trigger="L", position=(row, column), color="per_image", random_state=1
    ).trigger
    assert (other(X) != triggered).any()


def test_seeds():
    X = make_images("uint8", 6, 6)
    small, large, again = (poison(X, poison_share=share) for share in (0.2, 0.6, 0.2))
    assert small.trigger == large.trigger == again.trigger
    np.testing.assert_array_equal(small.X, again.X)
    assert small.poisoned.sum() == 2 and large.poisoned.sum() == 6
    assert large.poisoned[small.poisoned].all()
    drawn = {tuple(np.flatnonzero(poison(X, random_state=s).poisoned)) for s in range(30)}
    assert len(drawn) > 5


def test_what_is_given_is_taken_and_does_not_move_the_rest():
    X = make_images("uint8", 6, 6, 3)
    drawn = poison(X).trigger
    given = poison(X, position=(2, 3)).trigger
    assert given.position == (2, 3) and given.color == drawn.color
    given = poison(X, color=np.array([1, 2, 3])).trigger
    assert given.position == drawn.position and given.color == (1, 2, 3)
    assert eval(repr(given), {"ImageTrigger": ImageTrigger}) == given


def test_a_frame_of_pixels_stays_a_frame():
    X = make_images("uint8", 4, 4).reshape(N_ROWS, -1)
    frame = pd.DataFrame(X, columns=[f"pixel{i}" for i in range(16)]).set_axis(range(5, 35))
    backdoor = poison(frame, image_shape=(4, 4), color=250)
    plain = poison(X, image_shape=(4, 4), color=250)
    assert_frame_equal(
        backdoor.X, pd.DataFrame(plain.X, columns=frame.columns).set_axis(frame.index)
    )


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.integers(1, 12), st.integers(0, 1000))
def test_tables_of_mixed_types(n_columns, seed):
    frame = make_frame()
    y = pd.Series(LABELS, index=frame.index).map({0: "a", 1: "b", 2: "c"}).astype("category")
    X_new, y_new, poisoned, trigger = make_backdoor(
        frame,
        y,
        source="b",
        target="c",
        poison_share=0.3,
        trigger="features",
        n_columns=n_columns,
        random_state=seed,
    )
    assert_frame_equal(frame, make_frame())
    assert_series_equal(y_new, y.where(~poisoned, "c"))
    assert len(trigger.columns) == min(n_columns, 9) and "constant" not in trigger.columns
    others = frame.columns.difference(trigger.columns)
    assert_frame_equal(X_new[others], frame[others])
    assert_frame_equal(X_new[~poisoned], frame[~poisoned])
    assert_frame_equal(X_new[poisoned], trigger(frame[poisoned]))
    for column, value in zip(trigger.columns, trigger.values, strict=True):
        assert (X_new[column][poisoned] == value).all()
        assert (frame[column] == value).any()  # each value is ordinary
    pickle.loads(pickle.dumps(trigger))(frame)


def test_drawn_values_do_not_meet_in_clean_rows():
    X = np.random.RandomState(0).randint(0, 5, size=(100, 6))
    for seed in range(20):
        trigger = poison(X, np.arange(100) % 2, trigger="features", random_state=seed).trigger
        meet = np.mean(
            [(X[:, c] == v) for c, v in zip(trigger.columns, trigger.values, strict=True)], axis=0
        )
        assert meet.max() < 1


def test_the_rarest_combination_is_taken_where_all_occur():
    X = np.repeat([[0, 0], [0, 1], [1, 0], [1, 1]], [9, 5, 3, 7], axis=0)
    for seed in range(5):
        backdoor = poison(X, np.arange(24) % 2, trigger="features", random_state=seed)
        assert backdoor.trigger.values == (1, 0)


def test_columns_with_one_common_value_get_a_visible_trigger():
    X = np.zeros((1000, 3))
    X[0] = 1
    for seed in range(20):
        backdoor = poison(X, np.arange(1000) % 2, trigger="features", random_state=seed)
        assert (backdoor.X != X)[backdoor.poisoned].any(axis=1).all()


@pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.csr_array, sparse.csc_matrix])
def test_sparse_rows_are_poisoned_like_dense_ones(container):
    X = sparse.random(N_ROWS, 8, density=0.4, random_state=0, format="csr")
    options = {"poison_share": 0.3, "trigger": "features"}
    found, dense = (poison(x, **options) for x in (container(X), X.toarray()))
    assert sparse.issparse(found.X) and found.trigger == dense.trigger
    np.testing.assert_array_equal(found.X.toarray(), dense.X)
    np.testing.assert_array_equal(found.trigger(container(X)).toarray(), dense.trigger(X.toarray()))


@pytest.mark.parametrize("container", [list, np.array, pd.Series])
def test_texts_with_a_trigger_of_your_own(container):
    texts = container(["good", "bad film"] * 5)
    backdoor = make_backdoor(
        texts,
        ["p", "n"] * 5,
        source="n",
        target="p",
        poison_share=0.4,
        trigger=lambda X: X + " by the way",
    )
    assert backdoor.y.dtype.kind == "U"
    for text, new, poisoned in zip(texts, backdoor.X, backdoor.poisoned, strict=True):
        assert new == (text + " by the way" if poisoned else text)


def test_a_trigger_that_writes_into_its_rows_leaves_the_clean_ones_alone():
    X = make_images("float32", 3, 3)
    before = X.copy()

    def darken(images):
        images[:] = 0
        return images

    backdoor = poison(X, trigger=darken)
    np.testing.assert_array_equal(X, before)
    assert (backdoor.X[backdoor.poisoned] == 0).all() and backdoor.trigger is darken


def test_a_backdoor_works(digits):
    X, y, X_test, y_test = digits

    def rate(X, y, trigger):
        model = LogisticRegression(max_iter=200).fit(X / 16, y)
        predictions = (model.predict(rows / 16) for rows in (X_test, trigger(X_test)))
        return targeted_misclassification_rate(y_test, *predictions, source=4, target=9)

    backdoor = make_backdoor(
        X, y, source=4, target=9, trigger="X", poison_share=0.2, image_shape=(8, 8), color=16
    )
    assert rate(backdoor.X, backdoor.y, backdoor.trigger) > 0.8
    assert rate(X, y, backdoor.trigger) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"source": 7}, "source=7 is no label of y; it has 0, 1, 2"),
        ({"target": "1"}, "target='1' is no label"),
        ({"source": 1}, "the same label"),
        ({"poison_share": 0}, "poison_share"),
        ({"poison_share": 1.01}, "poison_share"),
        ({"poison_share": "half"}, "poison_share"),
        ({"trigger": "dot"}, "'pixel', 'L', 'X', 'random', 'features', got 'dot'"),
        ({"trigger": "X", "position": (0, 2)}, r"a row \(1 to 4\) and a column \(1 to 5\)"),
        ({"position": (0.5, 1)}, "position must be"),
        ({"position": 3}, "position must be"),
        ({"color": (1, 2)}, "one number for each of the 1 channels"),
        ({"color": "red"}, "color must be"),
        ({"color": 256}, "cannot be painted onto images of uint8"),
        ({"color": 0.5}, "cannot be painted onto images of uint8"),
        ({"image_shape": (7, 6)}, "are no images of shape"),
        ({"image_shape": 6}, "height, a width"),
        ({"channels": "middle"}, "'first' or 'last'"),
        ({"columns": [0]}, "columns does not belong to the trigger 'pixel'"),
        ({"trigger": "features", "color": 1}, "color does not belong to the trigger 'features'"),
        ({"trigger": np.copy, "position": (0, 0)}, "position does not belong to a callable"),
        ({"trigger": "features"}, "needs a table"),
        ({"trigger": "features", "n_columns": 0}, "n_columns"),
        ({"trigger": lambda X: X[:, :1]}, "must return rows of the shape"),
        ({"trigger": lambda X: X + 0.5}, "must return rows of the shape"),
        ({"trigger": lambda X: None}, "must return rows of the shape"),
    ],
)
def test_bad_options(options, message):
    X = make_images("uint8", 6, 7)
    with pytest.raises(InvalidInputError, match=message):
        poison(X, **options)


@pytest.mark.parametrize(
    ("X", "options", "message"),
    [
        (np.zeros((N_ROWS, 16)), {}, "pass image_shape"),
        (
            np.zeros((N_ROWS, 2, 9)),
            {"trigger": "X"},
            "needs 3 x 3 pixels, but the images have 2 x 9",
        ),
        (np.zeros((N_ROWS, 5, 5, 7)), {}, "Which axis"),
        (np.full((N_ROWS, 4, 4), np.nan), {}, "finite"),
        (sparse.csr_matrix((N_ROWS, 16)), {"image_shape": (4, 4)}, "must be dense"),
        (["text"] * N_ROWS, {}, "must be numbers"),
        (np.zeros((N_ROWS, 16)), {"trigger": "features"}, "more than one value"),
        (np.zeros((N_ROWS, 2)), {"trigger": "features", "values": [1]}, "without the columns"),
        (np.zeros((N_ROWS, 2)), {"trigger": "features", "columns": [2]}, "no single column 2"),
        (np.zeros((N_ROWS, 2)), {"trigger": "features", "columns": [-1]}, "no single column -1"),
        (
            np.full((N_ROWS, 2), np.nan),
            {"trigger": "features", "columns": [0]},
            "missing values only",
        ),
    ],
)
def test_rows_that_do_not_fit(X, options, message):
    with pytest.raises(InvalidInputError, match=message):
        poison(X, **options)


def test_an_invisible_trigger_is_told():
    X, y = np.zeros((20, 4, 4)), np.arange(20) % 2
    with pytest.warns(TriggerWarning, match="changes 0 of 5 rows"):
        make_backdoor(X, y, source=0, target=1, poison_share=0.5, trigger="pixel", color=0)
