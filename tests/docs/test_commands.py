"""Commands that the pages show print what the pages say."""

import doctest
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sklearn_certify.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [
    page
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if "```console" in page.read_text()
]


def commands(page):
    """Yield commands of a page, after a dollar sign, and the lines they print, in their order."""
    for block in re.findall(r"^```console\n(.*?)^```$", page.read_text(), re.M | re.S):
        for shown in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = shown.partition("\n")
            yield shlex.split(command), output


def run(command, capsys):
    program, *arguments = command
    if program == "python":
        return subprocess.run([sys.executable, *arguments], check=True, text=True).stdout or ""
    assert program == "sklearn-certify"
    assert main(arguments) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_print_what_is_shown(page, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command, shown in commands(page):
        printed = run(command, capsys)
        alike = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        if not doctest.OutputChecker().check_output(shown, printed, alike):
            pytest.fail(f"{shlex.join(command)}\n\nshown:\n{shown}\nprinted:\n{printed}")


def test_pages_show_commands():
    assert {"README.md", "start.md"} <= {page.name for page in PAGES}
