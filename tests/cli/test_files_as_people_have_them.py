"""Files as people have them: one table in many formats and spellings."""

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile

import numpy as np
import pytest

from sklearn_certify.cli._data import TableOptions, read_dataset
from sklearn_certify.exceptions import InvalidInputError, MissingExtraError

NAMES = ["age", "city", "pay, yearly", "share", "buys"]
OPTIONS = TableOptions(target="buys")


def table():
    """Rows of Python values, None where a cell is missing."""
    rng = np.random.RandomState(0)
    for row in range(60):
        age = None if row % 11 == 0 else round(rng.normal(30, 5), 1)
        city = ["Rome", "Ulm, upon Danube", "Łódź"][row % 3]
        yield [age, city, int(rng.normal(40000, 5000)), 10 + row % 5, ["no", "yes"][row % 2]]


def spelled(delimiter=",", decimal=".", thousands="", pay="{}", share="{}", names=NAMES):
    """Return the table as text."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerow(names)
    for age, city, income, percent, buys in table():
        age = "" if age is None else str(age).replace(".", decimal)
        income = f"{income:,}".replace(",", thousands)
        writer.writerow([age, city, pay.format(income), share.format(percent), buys])
    return file.getvalue()


def in_spaces():
    lines = spelled("\t").splitlines()
    quoted = lambda cell: f'"{cell}"' if " " in cell or not cell else cell  # noqa: E731
    return "\n".join("   ".join(map(quoted, line.split("\t"))) + "  " for line in lines)


def with_row_numbers(name):
    lines = enumerate(spelled().splitlines(keepends=True))
    return "".join(f"{number or name},{line}" for number, line in lines)


def with_two_row_numbers():
    lines = enumerate(with_row_numbers("Unnamed: 0").splitlines(keepends=True))
    return "".join(f"{number or 'Unnamed: 0.1'},{line}" for number, line in lines)


def without_names(*spelling):
    return spelled(*spelling).split("\n", 1)[1]


TEXTS = {
    "commas": (".csv", spelled(), {}),
    "semicolons": (".csv", spelled(";", ","), {}),
    "semicolons with points": (".csv", spelled(";", "."), {}),
    "thousands": (".csv", spelled(thousands=",", pay="{}"), {}),
    "thousands with decimal commas": (".csv", spelled(";", ",", "."), {}),
    "thousands and spaces": (".csv", spelled(thousands=" "), {}),
    "thousands and apostrophes": (".csv", spelled("\t", thousands="'"), {}),
    "currency": (".csv", spelled(pay="${}", thousands=","), {}),
    "currency behind": (".csv", spelled(";", ",", ".", pay="{} €"), {}),
    "percent": (".csv", spelled(share="{} %"), {}),
    "quoted decimal commas": (".csv", spelled(decimal=","), {}),
    "tabs": (".tsv", spelled("\t"), {}),
    "tabs with decimal commas": (".txt", spelled("\t", ","), {}),
    "bars": (".txt", spelled("|"), {}),
    "spaces": (".dat", in_spaces(), {}),
    "another separator": (".csv", spelled("^"), {"delimiter": "^"}),
    "said for spreadsheets": (".csv", "sep=^\n" + spelled("^"), {}),
    "lines of Windows": (".csv", spelled().replace("\n", "\r\n"), {}),
    "lines of old Macs": (".csv", spelled().replace("\n", "\r"), {}),
    "blank lines and remarks": (".csv", f"\n# made by hand, a;b;c\n\n{spelled()}\n\n", {}),
    "separators at the end": (".csv", spelled().replace("\n", ",\n"), {}),
    "separators behind rows": (".csv", spelled().replace("no\n", "no,\n"), {}),
    "names repeated": (".csv", spelled() + spelled().split("\n")[0] + "\n", {}),
    "row numbers": (".csv", with_row_numbers(""), {}),
    "row numbers read back": (".csv", with_row_numbers("Unnamed: 0"), {}),
    "row numbers twice": (".csv", with_two_row_numbers(), {}),
    "spaces before cells": (".csv", spelled().replace(",", ", ").replace(",  ", ", "), {}),
    "no names": (".csv", without_names(), {"header": False, "target": "-1"}),
    "no names but bars": (".csv", without_names("|"), {"header": False, "target": "5"}),
}  # fmt: skip


def same_rows(path, options=OPTIONS):
    dataset = read_dataset(str(path), options)
    expected = list(table())
    assert dataset.text_columns == [1]
    assert dataset.y.tolist() == [row[-1] for row in expected]
    for column in (0, 2, 3):
        values = np.array([np.nan if row[column] is None else row[column] for row in expected])
        assert np.array_equal(dataset.X[:, column].astype(float), values, equal_nan=True)
    assert dataset.X[:, 1].tolist() == [row[1] for row in expected]
    return dataset


@pytest.mark.parametrize("suffix, text, options", TEXTS.values(), ids=TEXTS)
def test_texts_hold_the_same_table(tmp_path, suffix, text, options):
    path = tmp_path / f"t{suffix}"
    path.write_bytes(text.encode())
    same_rows(path, TableOptions(**{"target": "buys", **options}))


@pytest.mark.parametrize(
    ("encoding", "option"),
    [
        ("utf-8-sig", None),
        ("utf-16", None),
        ("utf-32", None),
        ("iso8859-2", "latin2"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_encodings(tmp_path, encoding, option):
    path = tmp_path / "t.csv"
    path.write_bytes(spelled().encode(encoding))
    same_rows(path, TableOptions(target="buys", encoding=option))


def zipped(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("folder/", "")
        archive.writestr("folder/t.csv", content)
        archive.writestr("__MACOSX/folder/._t.csv", "of no use")
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("t.csv.gz", gzip.compress),
        ("t.csv.bz2", bz2.compress),
        ("T.CSV.XZ", lzma.compress),
        ("any name.zip", zipped),
    ],
)
def test_packed_files(tmp_path, name, pack):
    path = tmp_path / name
    path.write_bytes(pack(spelled().encode()))
    same_rows(path)
    path.write_bytes(b"no such thing")
    with pytest.raises(InvalidInputError, match="Cannot read"):
        read_dataset(str(path))
    path.write_bytes(pack(spelled().encode())[:40])
    with pytest.raises(InvalidInputError, match="Cannot read"):
        read_dataset(str(path))


def test_zip_with_several_files(tmp_path):
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "x,y\n")
        archive.writestr("b.csv", "x,y\n")
    with pytest.raises(InvalidInputError, match="holds 2 files"):
        read_dataset(str(path))


def test_excel(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append([])
    book.active.append(NAMES)
    for row in table():
        book.active.append(row)
    book.active.append([])
    book.create_sheet("notes")
    book.save(tmp_path / "t.xlsx")
    dataset = same_rows(tmp_path / "t.xlsx")
    assert "Only the first of 2 sheets is read, 'Sheet'." in dataset.notes
    (tmp_path / "t.xlsx").write_bytes(b"no such thing")
    with pytest.raises(InvalidInputError, match="Cannot read"):
        read_dataset(str(tmp_path / "t.xlsx"))


def test_json_lines(tmp_path):
    lines = [json.dumps(dict(zip(NAMES, row, strict=True))) for row in table()]
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(lines))
    same_rows(path)
    sparse = [
        json.dumps({k: v for k, v in json.loads(line).items() if v is not None}) for line in lines
    ]
    path.write_text("\n".join(sparse))
    same_rows(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"x": 1}\n{"x": \n', "Line 2 of .* is no JSON"),
        ('{"x": 1}\n[1, 2]\n', "Line 2 of .* is no object"),
        ("", "holds no rows"),
    ],
)
def test_json_lines_that_are_none(tmp_path, text, message):
    path = tmp_path / "t.jsonl"
    path.write_text(text)
    with pytest.raises(InvalidInputError, match=message):
        read_dataset(str(path), TableOptions(target="x"))
    path.write_text('{"b": 1, "a": 2}\n')
    with pytest.raises(InvalidInputError, match="no last column.*there are 'a', 'b'"):
        read_dataset(str(path))


def test_parquet(tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pandas.DataFrame(list(table()), columns=NAMES)
    frame["city"] = frame["city"].astype("category")
    path = tmp_path / "t.parquet"
    indices = {"key": [f"k{row}" for row in range(60)], None: range(60, 120)[::-1]}
    for name, index in indices.items():
        frame.index = pandas.Index(list(index), name=name)
        frame.to_parquet(path)
        dataset = same_rows(path)
        assert any("is the index of the rows and is left out" in note for note in dataset.notes)
        assert dataset.limits == []
    frame.index = pandas.RangeIndex(60)
    frame.to_parquet(path)
    same_rows(path)
    frame.index = pandas.Index(["k"] * 60)
    frame.to_parquet(path)
    assert read_dataset(str(path), TableOptions(target="-1")).target == "buys"
    frame.index = pandas.Index([str(row % 4) for row in range(60)], name="fold")
    frame.to_parquet(path)
    assert read_dataset(str(path), TableOptions(target="fold")).target == "fold"
    kept = read_dataset(str(path), TableOptions(target="buys", columns=(("fold", "text"),)))
    assert kept.X.shape[1] == 5


def test_types_of_parquet_are_kept(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    columns = {
        "text": ["1", "2", "x", "4"] * 5,
        "flag": [True, False, None, True] * 5,
        "none": pyarrow.nulls(20),
        "far": [float("inf"), 1.0, float("nan"), 2.0] * 5,
        "label": [2**53, 2**53 + 1, 2**53, 2**53 + 1] * 5,
    }
    write_table(pyarrow.table(columns), tmp_path / "t.parquet")
    dataset = read_dataset(str(tmp_path / "t.parquet"))
    assert dataset.text_columns == [0]
    assert set(dataset.y) == {"9007199254740992", "9007199254740993"}
    assert np.array_equal(
        dataset.X[:4, 1:].astype(float),
        [[1, np.nan, np.nan], [0, np.nan, 1], [np.nan] * 3, [1, np.nan, 2]],
        equal_nan=True,
    )
    notes = " ".join(dataset.notes)
    assert "'text' is text, though 15 of its 20 cells are numbers" in notes
    assert "the first other is 'x' in row 3. --columns text=number reads numbers." in notes
    assert "'far': 5 cells of a column of numbers counted as missing, first 'inf' in row 1" in notes
    options = TableOptions(columns=(("text", "number"),))
    assert read_dataset(str(tmp_path / "t.parquet"), options).text_columns == []


@pytest.mark.parametrize(
    ("name", "module", "install"),
    [
        ("t.parquet", "pyarrow", 'pip install "sklearn-certify[table]"'),
        ("t.xlsx", "openpyxl", "pip install openpyxl"),
    ],
)
def test_what_reads_a_format_is_missing(tmp_path, monkeypatch, name, module, install):
    import sys

    (tmp_path / name).write_bytes(b"")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as error:
        read_dataset(str(tmp_path / name))
    assert install in str(error.value)
