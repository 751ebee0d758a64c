"""What a file calls its columns and labels, and what a reader is told of odd cells."""

import pytest

from sklearn_certify.cli._data import TableOptions, read_dataset
from sklearn_certify.exceptions import InvalidInputError


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
