"""The command and the function say the same about the same rows, to the number and to the word."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from sklearn_certify.cli import main
from sklearn_certify.report import certification_report

SETTINGS = {
    "n_partitions": 5,
    "spreading_degree": 2,
    "n_estimators": 9,
    "n_neighbors": 5,
    "base_estimator": "nearest-centroid",
    "threat_model": "modify",
    "random_state": 3,
    "poison_sizes": "1,2,5",
}


def options(settings):
    names = {"base_estimator": "base"}
    for name, value in settings.items():
        yield from (f"--{names.get(name, name).replace('_', '-')}", str(value))


def without_own_words(text):
    """Leave out what takes time, and the command or the call that plans."""
    text = re.sub(r"(seconds to \w+)[ 0-9.]+", r"\1", text)
    return re.sub(r"(?<=let a plan compare them:\n).*", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("groups", [None, "who"])
def test_same_numbers_and_words(mixed, groups, tmp_path, monkeypatch, capsys):
    pandas = pytest.importorskip("pandas")
    monkeypatch.chdir(tmp_path)
    X, y = mixed
    # as the reader of files has them: labels and texts are texts, truth values numbers
    X = X.assign(member=X["member"].astype(float), city=X["city"].astype(object))
    y = y.astype(str)
    who = np.array([f"w{row}" for row in np.arange(len(y)) // 3])
    if groups is None:  # then neighbours can be compared
        X = X[["age", "visits"]].astype(float).fillna(1)
    settings = dict(SETTINGS)
    if groups is not None:
        del settings["n_neighbors"]
    columns = ",".join(f"{name}={'text' if name == 'city' else 'number'}" for name in X)
    X.assign(who=who, buys=y).to_csv("t.csv", index=False)
    given = [*options(settings), "--columns", f"{columns},buys=text", "--target", "buys"]
    given += ["--drop", "who"] if groups is None else ["--groups", "who"]
    if groups is not None:
        given += ["--estimator", "dpa,fa,bagging"]
    assert main(["report", "t.csv", *given, "--output", "command.json"]) == 0
    printed, errors = capsys.readouterr()

    settings["poison_sizes"] = [1, 2, 5]
    report = certification_report(
        None if groups is None else ["dpa", "fa", "bagging"],
        X,
        y,
        groups=None if groups is None else pandas.Series(who, name="who"),
        source="t.csv",
        **settings,
    )
    report.save("function.json")
    said, _, written = printed.rpartition("\n\n")
    assert written == "Written: command.json\n"
    said = said.replace("--radius", "radius=").split("\n\n")
    # warnings are told on the way by one, and in front of the table by the other
    heading, *findings = str(report).split("\n\n")
    if any(result.warnings for result in report.results.values()):
        warned = " ".join(findings.pop(0).split())
        assert warned.startswith("rnn: A warning: ") and warned.removeprefix("rnn: ") in errors
    told = [heading, *findings]
    assert list(map(without_own_words, said)) == list(map(without_own_words, told))
    assert sum("let a plan compare them:\n    " in block for block in said) == 1
    command, function = (
        json.loads(Path(f"{name}.json").read_text(encoding="utf-8"))
        for name in ("command", "function")
    )
    for one, other in zip(command["classifiers"], function["classifiers"], strict=True):
        for name in ("certified_accuracy", "curve", "description", "median_certified_radius"):
            assert one[name] == other[name]
    assert {**command, "classifiers": []} == {**function, "classifiers": []}
