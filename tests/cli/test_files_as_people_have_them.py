"""Files as people have them: one table in many spellings, names, and what is refused."""

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


def read(tmp_path, text, **options):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    return read_dataset(str(path), TableOptions(**options))


def test_names_are_told_apart(tmp_path):
    rows = "".join(f"{i},{i % 2},{i % 3},{i % 4},{i % 2}\n" for i in range(20))
    dataset = read(tmp_path, "id,x,,x,y\n" + rows, drop=("id", "x.2"), target="y")
    assert dataset.X[:4].tolist() == [[0, 0], [1, 1], [0, 2], [1, 0]]
    assert "A column has no name: one is called 'column 3' here, and so on for 1 more." in (
        dataset.notes
    )
    dataset = read(tmp_path, "id,x,x.2,x,y\n" + rows, target="x.3")
    assert len(set(dataset.y)) == 4
    assert "Several columns are named 'x': one is called 'x.3' here." in dataset.notes


def test_columns_by_name_or_number(tmp_path):
    rows = "".join(f"{i % 5},{i % 2},{i % 3},{i % 4}\n" for i in range(20))
    text = "a,3,b,c\n" + rows
    by_number = {name: read(tmp_path, text, target=name).target for name in ("1", "-1", "2", "3")}
    assert by_number == {"1": "a", "-1": "c", "2": "3", "3": "3"}  # a name wins
    dataset = read(tmp_path, text, target="c", drop=("1", "b"), columns=(("3", "text"),))
    assert dataset.X.tolist()[:3] == [["0"], ["1"], ["0"]]
    assert read(tmp_path, text, drop=("c",)).target == "b"
    assert read(tmp_path, text, groups="c").target == "b"
    trailing = "a,b,c,\n" + "".join(f"{i % 5},{i % 2},{i % 3},\n" for i in range(20))
    assert read(tmp_path, trailing, target="-1").target == "c"
    for option in ("target", "groups"):
        for wrong in ("0", "5", "-5", "d", "1.0"):
            with pytest.raises(InvalidInputError, match=f"no column {wrong!r} in .*t.csv; there"):
                read(tmp_path, text, **{option: wrong})
    with pytest.raises(InvalidInputError, match="no column besides"):
        read(tmp_path, text, drop=("a", "3", "b"))
    with pytest.raises(InvalidInputError, match="is the column with the labels"):
        read(tmp_path, text, groups="c", target="4")


@pytest.mark.parametrize(
    "names",
    [
        "0,1,2,target",
        "2019,2020,2021,target",
        "400.5,401,401.5,target",
        "name,x,2020,y",
        "a b,c,d,e",
    ],
)
def test_numbers_that_are_names(tmp_path, names):
    rows = "".join(f"{i},{i % 7},{i % 3},{i % 2}\n" for i in range(20))
    assert read(tmp_path, f"{names}\n{rows}").X.shape == (20, 3)


@pytest.mark.parametrize(
    "first", ["5.1,3.5,1.4,red", "39,77516,13,red", "3,3,4,red", "1,red,red,red", "0.1,x,y,z"]
)
def test_no_names_are_suspected(tmp_path, first):
    rows = "".join(f"{i},{['red', 'blue'][i % 2]},red,red\n" for i in range(20))
    with pytest.raises(InvalidInputError, match="first line of .* looks like a row.*--no-header"):
        read(tmp_path, f"{first}\n{rows}", target="2")
    assert read(tmp_path, f"{first}\n{rows}", target="2", header=True).X.shape == (20, 3)


@pytest.mark.parametrize("rows", ["a;1,5\nb;2,5\n", "a b;1\nc d;2\n", "1\n2\n", "1,2\n1;2\n"])
def test_without_names_all_rows_must_agree_on_the_separator(tmp_path, rows):
    """Otherwise the first row alone would decide how all others are read."""
    if ";" in rows and "," not in rows:
        with pytest.raises(InvalidInputError, match="different labels"):  # read, and of no use
            read(tmp_path, rows, header=False)
    else:
        with pytest.raises(InvalidInputError, match="--delimiter"):
            read(tmp_path, rows, header=False)


def test_options_that_make_no_sense_of_the_text(tmp_path):
    (tmp_path / "latin.csv").write_bytes("Größe;y\n1;a\n".encode("cp1252"))
    with pytest.raises(InvalidInputError, match="in line 1. Name its encoding: --encoding cp1252"):
        read_dataset(str(tmp_path / "latin.csv"))
    with pytest.raises(InvalidInputError, match="no encoding 'klingon'"):
        read_dataset(str(tmp_path / "latin.csv"), TableOptions(encoding="klingon"))
    (tmp_path / "wide.csv").write_bytes("x,y\n1,a\n".encode("utf-16-le"))
    with pytest.raises(InvalidInputError, match="utf-16-le may read it"):
        read_dataset(str(tmp_path / "wide.csv"))
    with pytest.raises(InvalidInputError, match="row names have no name"):
        read(tmp_path, "x,y\n1,2,a\n2,3,b\n")


def labels_of(tmp_path, labels, **options):
    text = "x,y\n" + "".join(f"{i % 4},{label}\n" for i, label in enumerate(labels))
    return read(tmp_path, text, target="y", **options)


def test_labels_are_told_apart_as_written(tmp_path):
    for one, other in [
        ("7", "007"),
        ("9007199254740992", "9007199254740993"),
        ("a", "A"),
        ("1", "1e0"),
    ]:
        dataset = labels_of(tmp_path, [one, other] * 20)
        assert dataset.y.tolist() == [one, other] * 20
        assert dataset.y.dtype == object


def test_one_number_is_one_label_where_labels_are_numbers(tmp_path):
    dataset = labels_of(tmp_path, ["1", "1.0", "2", "+2.", "-0"] * 20)
    assert dataset.y.tolist() == ["1", "1", "2", "2", "0"] * 20
    assert "are one label; --columns y=text tells them apart." in " ".join(dataset.notes)
    assert dataset.radius_limit == 100 // 19
    dataset = labels_of(tmp_path, ["1", "1.0", "x"] * 20)
    assert dataset.y.tolist() == ["1", "1.0", "x"] * 20
    assert "are two labels; --columns y=number makes them one." in " ".join(dataset.notes)
    fixed = labels_of(tmp_path, ["1", "1.0", "x"] * 20, columns=(("y", "number"),))
    assert fixed.y.tolist() == ["1", "1", "x"] * 20
    fixed = labels_of(tmp_path, ["1", "1.0"] * 20, columns=(("y", "text"),))
    assert fixed.y.tolist() == ["1", "1.0"] * 20
    assert not [limit for limit in fixed.limits if "label" in limit.decision]


def test_labels_that_look_missing_are_told(tmp_path):
    dataset = labels_of(tmp_path, ["a", "b", "nan"] * 20)
    assert "20 rows have the label 'nan'; --missing nan leaves them out." in dataset.notes
    dataset = labels_of(tmp_path, ["a", "b", "nan"] * 20, missing=("nan",))
    assert len(dataset.y) == 40
    assert "20 rows without a label are left out." in dataset.notes


def test_one_fraction_among_labels_is_a_label(tmp_path):
    assert set(labels_of(tmp_path, ["1", "2"] * 20 + ["0.5"]).y) == {"0.5", "1", "2"}
    with pytest.raises(InvalidInputError, match="holds fractions"):
        labels_of(tmp_path, ["1.5", "2.5"] * 20 + ["x"])


def test_odd_cells_are_told_with_their_mend(tmp_path):
    cells = ["?" if i % 7 == 3 else str(i) for i in range(40)]
    text = "# remark\nx,z,y\n" + "".join(f"{c},{c},{i % 2}\n" for i, c in enumerate(cells))
    dataset = read(tmp_path, text)
    assert (
        "'x', 'z': 12 cells of 2 columns of numbers counted as missing, first '?' in line 6. "
        "--missing '?' confirms it, --columns x=text keeps text."
    ) in dataset.notes
    assert not any(
        "counted as missing" in note for note in read(tmp_path, text, missing=("?",)).notes
    )
    assert read(tmp_path, text, columns=(("all", "text"), ("z", "number"))).text_columns == [0]


def test_odd_cells_do_not_reach_the_terminal_as_they_are(tmp_path):
    for cell in ("\x1b[2J", "o" * 80):
        rows = "".join(f"{cell if i == 5 else i},{i % 2}\n" for i in range(40))
        (note,) = [note for note in read(tmp_path, "x,y\n" + rows).notes if "counted" in note]
        assert note.isprintable() and "--missing" not in note and len(note) < 150


def test_notes_are_few(tmp_path):
    names = [f"c{i}" for i in range(12)]
    rows = [
        ",".join([*[f"odd {j}" if i % 9 == 0 else "1" for j in range(12)], str(i % 2)])
        for i in range(40)
    ]
    dataset = read(tmp_path, "\n".join([",".join([*names, "y"]), *rows]))
    assert len([note for note in dataset.notes if "counted as missing" in note]) == 3
    assert "(9 more notes like this one)" in dataset.notes


def test_a_cell_never_turns_by_a_thousand_without_a_word(tmp_path):
    rows = [f"{i};{1 + i % 9}.234;{i % 2}\n" for i in range(40)]
    dataset = read(tmp_path, "i;x;y\n" + "".join(rows))
    assert dataset.X[0, 1] == 1234
    assert "The decimal mark is a comma: '1.234' is 1234; --decimal . makes it 1.234." in (
        dataset.notes
    )
    assert read(tmp_path, "i;x;y\n" + "".join(rows), decimal=".").X[0, 1] == 1.234
    assert read(tmp_path, "i;x;y\n" + "".join(rows), thousands="'").X[0, 1] == 1.234
    told = "i;x;z;y\n" + "".join(f"{i};{1 + i % 9}.234;0.5;{i % 2}\n" for i in range(40))
    assert read(tmp_path, told).X[0, 1] == 1.234


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ('"a, b; c",5" pipe,y', ["a, b; c", '5" pipe', "y"]),
        ('"two\nlines",b,y', ["two lines", "b", "y"]),
        ('"said ""so""",b,y', ['said "so"', "b", "y"]),
        ('it\'s;b;"c,d"', ["it's", "b", "c,d"]),
        ('" a "\t\tc', ["a", "column 2", "c"]),
    ],
)
def test_names_in_quotes(tmp_path, names, expected):
    mark = next(mark for mark in ("\t", ";", ",") if mark in names.replace('"a, b; c"', ""))
    rows = "".join(f"{i}{mark}{i % 3}{mark}{i % 2}\n" for i in range(20))
    text = f"{names}\n{rows}"
    dataset = read(tmp_path, text, drop=expected[:1], columns=((expected[1], "text"),))
    assert dataset.target == expected[2]
    assert dataset.X[:3].tolist() == [["0"], ["1"], ["2"]]
