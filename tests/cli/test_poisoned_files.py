"""One poisoned row in a file, or a few: no other row is read in another way."""

import csv
import io
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sklearn.naive_bayes import GaussianNB

from sklearn_certify import DPAClassifier
from sklearn_certify.cli._data import TableOptions, read_dataset
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.report._base_estimators import for_dataset
from sklearn_certify.report._split import hold_out
from sklearn_certify.threat import THREAT_MODELS

NAMES = ["row", "a", "b", "city", "label"]


def write(path, rows, delimiter=",", names=NAMES):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows([names, *rows])
    return str(path)


def rows_of(dataset):
    """Return every row, with its label, by the number that the file gives it."""
    rows = zip(dataset.X.tolist(), dataset.y.tolist(), strict=True)
    # text instead of numbers, so that NaN equals NaN and 1 is not "1"
    return {row[0]: (repr(row), type(label), label) for row, label in rows}


def clean_rows(number="{:.1f}", labels=("0", "1"), n=120, seed=0):
    rng = np.random.RandomState(seed)
    for row in range(n):
        label = row % 2
        a, b = rng.normal(30 + 5 * label, 4), rng.normal(1500 + 200 * label, 100)
        city = ["Rome", "Ulm, upon Danube"][int(rng.rand() < 0.5)]
        yield [str(row), number.format(a), number.format(b), city, labels[label]]


POISON = {
    "odd text in a column of numbers": ["900", "x", "1500.0", "Rome", "0"],
    "odd texts everywhere": ["900", "a much longer text than any", "?", "1", "0"],
    "numbers in a column of text": ["900", "30.5", "1500.0", "7", "0"],
    "no label": ["900", "x", "y", "7", ""],
    "decimal comma": ["900", "30,5", "1.500,5", "Rome", "1"],
    "thousands": ["900", "1,234", "1.500.000", "Rome", "1"],
    "infinite": ["900", "inf", "1e999", "Rome", "1"],
    "label that is a word": ["900", "30.5", "1500.0", "Rome", "x"],
    "label with a fraction": ["900", "30.5", "1500.0", "Rome", "1.0"],
    "label with zeros": ["900", "30.5", "1500.0", "Rome", "001"],
    "label beyond 2**53": ["900", "30.5", "1500.0", "Rome", "9007199254740993"],
    "long label": ["900", "30.5", "1500.0", "Rome", "l" * 80],
    "quotes, lines and separators": ["900", 'a "b"', "c\nd", "e,f;g\th", "0"],
    "a row like the names": NAMES,
    "a remark": ["# 900", "30.5", "1500.0", "Rome", "0"],
}
FILES = {
    "commas": (",", "{:.1f}", ("0", "1")),
    "semicolons": (";", "{:.1f}", ("0", "1")),
    "tabs": ("\t", "{:.3f}", ("0", "1")),
    "labels with fractions": (",", "{:.1f}", ("0.0", "1.0")),
    "labels in two spellings": (",", "{:.1f}", ("1", "1.0")),
    "labels with zeros": (",", "{:.1f}", ("7", "007")),
    "whole numbers": (",", "{:.0f}", ("no", "yes")),
}


@pytest.mark.parametrize("delimiter, number, labels", FILES.values(), ids=FILES)
@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_other_rows_stay_as_they_are(tmp_path, poison, delimiter, number, labels):
    rows = list(clean_rows(number, labels))
    if labels == ("1", "1.0"):
        rows += [[str(200 + i), "30", "1500", "Rome", "2"] for i in range(40)]
    options = TableOptions(target="label")
    clean = read_dataset(write(tmp_path / "clean.csv", rows, delimiter), options)
    assert clean.radius_limit >= 1
    for place in (0, 60, len(rows)):
        poisoned = [*rows[:place], poison, *rows[place:]]
        path = write(tmp_path / "poisoned.csv", poisoned, delimiter)
        after = rows_of(read_dataset(path, options))
        before = rows_of(clean)
        assert {row: after[row] for row in before} == before


def test_deleting_the_one_odd_row_changes_no_other(tmp_path):
    rows = list(clean_rows())
    rows[50][1] = "?"
    options = TableOptions(target="label")
    before = read_dataset(write(tmp_path / "clean.csv", rows), options, "delete")
    assert before.radius_limit >= 1
    del rows[50]
    after = rows_of(read_dataset(write(tmp_path / "less.csv", rows), options, "delete"))
    assert {**rows_of(before), **after} == rows_of(before)


@pytest.mark.parametrize("poison", [p for p in POISON.values() if p != NAMES])
def test_certificates_hold_on_the_poisoned_file(tmp_path, poison):
    """The voters that did not get the poisoned row vote as before, to the last vote."""
    rows = list(clean_rows())
    options = TableOptions(target="label", drop=("row",))
    clean = read_dataset(write(tmp_path / "clean.csv", rows), options)
    poisoned = read_dataset(write(tmp_path / "poisoned.csv", [*rows, poison]), options)
    split = hold_out(clean, 0.25, 0)
    n_new = len(poisoned.y) - len(clean.y)
    voter = for_dataset(GaussianNB(), clean)
    classifier = DPAClassifier(voter, n_partitions=9).fit(split.X_train, split.y_train)
    labels, radii = classifier.predict_certified(split.X_test)
    radii = np.minimum(radii, clean.radius_limit)
    assert (radii >= 1).mean() > 0.5
    attacked = DPAClassifier(voter, n_partitions=9).fit(
        np.concatenate([split.X_train, poisoned.X[len(clean.y) :]]),
        np.concatenate([split.y_train, poisoned.y[len(clean.y) :]]),
    )
    assert (attacked.predict(split.X_test) == labels)[radii >= 1].all()
    before = classifier.classes_[classifier.votes(split.X_test)]
    after = attacked.classes_[attacked.votes(split.X_test)]
    assert (before != after).any(axis=0).sum() <= n_new


CELLS = ["1", "1.5", "1,5", "1.234", "1,234", "x", "?", "", "nan", "1e5", "12 %", "a; long, text"]
LABELS = ["1", "1.0", "0", "007", "7", "x", "a longer label", ""]
a_row = st.tuples(*[st.sampled_from(CELLS)] * 3, st.sampled_from(LABELS)).map(list)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), threat_model=st.sampled_from(THREAT_MODELS), grouped=st.booleans())
def test_attacks_within_the_limit_change_no_row(tmp_path, data, threat_model, grouped):
    """Attackers who know the rule: all their rows are alike, and they remove what is against."""
    kinds = data.draw(st.lists(a_row, min_size=2, max_size=3))
    rows = [[*row] for row in kinds for _ in range(data.draw(st.integers(2, 20)))]
    rows = [[str(i), *row] for i, row in enumerate(rows)]
    names = [*NAMES, "who"]
    for i, row in enumerate(rows):  # contributors with one to three rows
        row.append(f"w{i // 2 if i % 5 else i // 3}")
    options = TableOptions(
        target="label", groups="who" if grouped else None, columns=(("row", "text"),)
    )
    delimiter = data.draw(st.sampled_from([",", ";"]))

    def read(rows):
        try:
            path = write(tmp_path / "t.csv", rows, delimiter, names)
            return read_dataset(path, options, threat_model)
        except InvalidInputError:  # a file that is refused has no certificate
            return None

    clean = read(rows)
    assume(clean is not None)
    budget = min(clean.radius_limit, 40)
    units = sorted({row[-1] for row in rows}) if grouped else [row[0] for row in rows]
    unit_of = -1 if grouped else 0
    poison, chosen = data.draw(a_row), data.draw(st.sampled_from(kinds))
    size = data.draw(st.sampled_from([budget, budget, budget, budget // 2]))
    n_touched = data.draw(st.integers(0, min(size, len(units))))
    alike = [row[unit_of] for row in rows if row[1:5] == chosen]
    touched = set([*dict.fromkeys(alike), *units][:n_touched])
    kept = [row for row in rows if row[unit_of] not in touched]
    poisoned = list(kept)
    if threat_model in ("insert", "insert_delete", "modify"):
        n_added = size if threat_model == "modify" else size - len(touched)
        if threat_model == "insert":
            kept, poisoned, n_added = rows, list(rows), size
        new = [[f"p{i}", *poison, f"p{i}"] for i in range(n_added)]
        new = [row for row in new for _ in range(3)] if grouped else new
        place = data.draw(st.integers(0, len(poisoned)))
        poisoned[place:place] = new
    elif threat_model == "label_flip":
        label = poison[3] or "x"
        poisoned = [
            [*row[:4], label, row[-1]] if row[unit_of] in touched and row[4] else row
            for row in rows
        ]
    after = read(poisoned)
    assume(after is not None)
    before, after = rows_of(clean), rows_of(after)
    kept = {repr(row[0]) for row in kept}
    assert [(row, before[row]) for row in before if repr(row) in kept and row in after] == [
        (row, after[row]) for row in after if repr(row) in kept and row in before
    ]
    assert {row for row in before if repr(row) in kept} == {
        row for row in after if repr(row) in kept
    }


def test_the_limit_is_where_a_column_turns(tmp_path):
    """No more is given away than has to be: one unit beyond the limit, and the column is text."""
    rows = [[str(i), "1" if i < 9 else "", "2", "Rome", str(i % 2)] for i in range(60)]
    options = TableOptions(
        target="label", columns=(("b", "number"), ("city", "text")), drop=("row",)
    )
    for threat_model in ("insert", "modify"):
        limit = read_dataset(write(tmp_path / "t.csv", rows), options, threat_model).radius_limit
        for size, text_columns in [(limit, [2]), (limit + 1, [0, 2])]:
            if threat_model == "insert":
                poisoned = [*rows, *[["p", "x", "2", "Rome", "0"]] * size]
            else:
                poisoned = [[*row[:1], "x", *row[2:]] for row in rows[:size]] + rows[size:]
            dataset = read_dataset(write(tmp_path / "p.csv", poisoned), options, threat_model)
            assert dataset.text_columns == text_columns


@pytest.mark.parametrize(
    "poison", ['900,"30,1500,Rome,0', '900,30,1500,Rome,"', '900,30,1500,"",0"', '"', '900,"",""']
)
def test_a_raw_line_with_an_open_quote_swallows_no_other(tmp_path, poison):
    text = io.StringIO()
    csv.writer(text).writerows([NAMES, *clean_rows()])
    lines = text.getvalue().splitlines()
    path, options = tmp_path / "t.csv", TableOptions(target="label")
    path.write_text("\n".join(lines))
    before = rows_of(read_dataset(str(path), options))
    for place in (1, 60, len(lines)):
        path.write_text("\n".join([*lines[:place], poison, *lines[place:]]))
        try:
            after = rows_of(read_dataset(str(path), options))
        except InvalidInputError as error:
            assert re.search("Cannot read|has . cells", str(error))
        else:
            assert {row: after[row] for row in before} == before
