"""Files beside the code say what is true of it: versions, papers, names, pages."""

import ast
import importlib
import pkgutil
import re
from inspect import cleandoc
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import sklearn_certify
from sklearn_certify.base import CertifiedClassifierMixin
from sklearn_certify.base_regression import CertifiedRegressorMixin

try:
    import tomllib
except ModuleNotFoundError:  # before Python 3.11
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
RELEASES = re.findall(r"^## \[(\d[\w.]*)\] - (\d{4}-\d\d-\d\d)$", CHANGELOG, re.MULTILINE)
REFERENCE = (ROOT / "docs" / "api.md").read_text()
NOT_FOR_USERS = {"cli", "voters"}


def bibliography():
    """Return the fields of each entry of the BibTeX file, by key."""
    entries = {}
    text = (ROOT / "docs" / "references.bib").read_text()
    for key, body in re.findall(r"^@\w+\{(\w+),\n(.*?)^\}$", text, re.MULTILINE | re.DOTALL):
        assert key not in entries, key
        fields = re.findall(r"^  (\w+) += \{(.*?)\},$", body, re.MULTILINE | re.DOTALL)
        entries[key] = {name: plain(value) for name, value in fields}
    assert len(entries) == text.count("@")
    return entries


def plain(text):
    return " ".join(re.sub(r"[{}]", "", text).split())


def cited_titles():
    """Return the titles that the References sections of docstrings quote, with their files."""
    titles = set()
    for path in sorted(Path(sklearn_certify.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)):
                continue
            section = re.search(
                r"^References\n-+\n(.*?)(?=^[A-Z]\w+\n-+$|\Z)",
                cleandoc(ast.get_docstring(node) or ""),
                re.MULTILINE | re.DOTALL,
            )
            if section is not None:
                quoted = [plain(title) for title in re.findall(r'"([^"]+)"', section[1])]
                papers = [title for title in quoted if len(title.split()) > 2]
                assert papers, f"{path.name}: a source without a title"
                titles.update((path.name, title) for title in papers)
    return titles


def test_every_cited_paper_is_in_the_bibliography():
    known = {fields["title"] for fields in bibliography().values()}
    cited = cited_titles()
    assert len(cited) > 10
    assert {(file, title) for file, title in cited if title not in known} == set()


def test_entries_of_the_bibliography_are_complete():
    for key, fields in bibliography().items():
        assert {"author", "title", "year"} <= set(fields), key
        first_author = fields["author"].split(",")[0].lower()
        assert key.startswith(first_author + fields["year"]), key


def test_the_citation_file_is_valid():
    yaml = pytest.importorskip("yaml")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0"
    assert all(isinstance(citation[key], str) for key in ("message", "title", "version"))
    assert citation["type"] == "software"
    assert [set(author) for author in citation["authors"]] == [{"name"}]
    assert citation["license"] == PROJECT["license"]
    assert citation["repository-code"] == PROJECT["urls"]["Source"]
    assert (citation["version"], str(citation["date-released"])) == RELEASES[0]


def test_the_changelog_knows_the_version():
    assert re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)[0] == "[Unreleased]"
    versions = [Version(version) for version, _ in RELEASES]
    assert versions == sorted(versions, reverse=True)
    here = Version(sklearn_certify.__version__)
    assert here == versions[0] or (here.is_devrelease and here > versions[0])
    for version, _ in [*RELEASES, ("Unreleased", "")]:
        assert f"\n[{version}]: {PROJECT['urls']['Source']}/" in CHANGELOG


@pytest.mark.parametrize("python", ["3.10", "3.11"])
def test_the_oldest_versions_are_those_that_are_declared(python):
    lines = (ROOT / ".ci" / "minimum.txt").read_text().splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    pins = [
        pin for pin in pins if not pin.marker or pin.marker.evaluate({"python_version": python})
    ]
    oldest = {pin.name: bound_of(pin, "==") for pin in pins}
    assert len(oldest) == len(pins)
    core = [Requirement(line) for line in PROJECT["dependencies"]]
    extras = map(Requirement, chain.from_iterable(PROJECT["optional-dependencies"].values()))
    assert {requirement.name for requirement in core} <= set(oldest)
    for requirement in chain(core, extras):
        if requirement.name in oldest:
            assert bound_of(requirement, ">=") == oldest[requirement.name], requirement


def bound_of(requirement, operator):
    [specifier] = requirement.specifier
    assert specifier.operator == operator
    return Version(specifier.version)


def test_pythons_are_declared_alike():
    classifiers = [c for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)]
    pythons = [classifier.split(":: ")[-1] for classifier in classifiers]
    assert PROJECT["requires-python"] == f">={pythons[0]}"
    assert f'python="{pythons[0]}"' in (ROOT / "noxfile.py").read_text()
    assert f"{pythons[0]}.*" in (ROOT / ".ci" / "run").read_text()


def test_files_that_others_name_are_there():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    shipped = [path.lstrip("/") for path in build["hatch"]["build"]["targets"]["sdist"]["include"]]
    tested = build["pytest"]["ini_options"]["testpaths"]
    quick = (ROOT / ".ci" / "quick.txt").read_text().split()
    for path in [*shipped, *tested, *quick]:
        assert (ROOT / path).exists(), path
    assert {"CONTRIBUTING.md", "SECURITY.md"} <= set(tested)


def listed_pages(page):
    """Return the pages that a page's table of contents lists, as paths without an extension."""
    toctree = re.search(r"```\{toctree\}\n(?::.*\n)*\n(.*?)```", page.read_text(), re.DOTALL)
    lines = toctree[1].splitlines() if toctree else []
    entries = [re.sub(r"^.*<(.*)>$", r"\1", line) for line in lines]
    return [(page.parent / entry).resolve() for entry in entries]


def test_tables_of_contents_reach_every_page():
    docs = (ROOT / "docs").resolve()
    reached, waiting = set(), [docs / "index"]
    while waiting:
        page = waiting.pop()
        assert page not in reached, f"{page.name} is listed twice"
        reached.add(page)
        if page != docs / "gallery" / "index":  # is made of the examples
            waiting += listed_pages(page.with_suffix(".md"))
    written = [*docs.glob("*.md"), *(docs / "guide").rglob("*.md")]
    assert reached == {docs / "gallery" / "index", *(page.with_suffix("") for page in written)}


def public_names():
    for room in pkgutil.iter_modules(sklearn_certify.__path__):
        if not room.name.startswith("_") and room.name not in NOT_FOR_USERS:
            module = importlib.import_module(f"sklearn_certify.{room.name}")
            yield from ((room.name, name) for name in getattr(module, "__all__", ()))
    yield from (("sklearn_certify", name) for name in sklearn_certify.__all__)


def test_every_public_name_has_a_page():
    blocks = re.findall(r"```\{eval-rst\}\n(.*?)```", REFERENCE, re.DOTALL)
    tables = [block for block in blocks if ":toctree: api/generated" in block]
    listed = re.findall(r"^   (?:\w+\.)*(\w+)$", "".join(tables), re.MULTILINE)
    assert len(set(listed)) == len(listed)  # a name alone is a link
    documented = {*listed, *re.findall(r"autoclass:: [\w.]+\.(\w+)", REFERENCE)}
    assert [(room, name) for room, name in public_names() if name not in documented] == []


def test_every_name_in_the_reference_is_there():
    names = re.findall(r"^   ([\w.]+)$", REFERENCE, re.MULTILINE)
    assert len(names) > 50 and len(set(names)) == len(names)
    for name in names:
        *rooms, last = name.split(".")
        # what an extra is needed for is listed without it, but cannot be loaded
        assert last in dir(importlib.import_module(".".join(["sklearn_certify", *rooms]))), name


def test_every_hook_of_the_mixin_is_in_the_reference():
    hooks = set()
    for mixin in (CertifiedClassifierMixin, CertifiedRegressorMixin):
        own = set(re.findall(r"`(_\w+)`", mixin.__doc__))
        assert mixin.__abstractmethods__ <= own
        shown = re.search(rf"{mixin.__name__}\n.*\n +:private-members: (.*)", REFERENCE)[1]
        assert set(shown.split(", ")) == own
        hooks |= own
    assert hooks == set(re.findall(r"^\| `(_\w+)", REFERENCE, re.MULTILINE))
