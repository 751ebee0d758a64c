"""A small site, built with the project's configuration: no network, links, formulas, examples."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
for needed in (
    "sphinx",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery",
    "sphinx_copybutton",
    "sphinx_design",
    "pydata_sphinx_theme",
):
    pytest.importorskip(needed, reason=f"{needed} is in the extra [docs]")

INDEX = r"""# A site

Of {class}`DPAClassifier`, whose radius is $\lfloor g / 2 \rfloor$, unlike that of
`FiniteAggregationClassifier` or with `learners.StackedRidgeClassifier`,
$$\min_{b \ne p} \lfloor g(b) / 2 \rfloor .$$

```{toctree}
api
gallery/index
```
"""
REFERENCE = """# Reference

```{eval-rst}
.. currentmodule:: sklearn_certify
.. autosummary::
   :toctree: api/generated

   DPAClassifier
   FiniteAggregationClassifier
   learners.StackedRidgeClassifier
   exceptions.JointCertificateWarning
```
"""
EXAMPLE = '''"""
Voters
======

Fifty of them.
"""

from sklearn_certify import DPAClassifier

print(DPAClassifier().n_partitions)
'''


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build a site of a page, four names and an example; every warning is an error."""
    source = tmp_path_factory.mktemp("source")
    (source / "index.md").write_text(INDEX)
    (source / "api.md").write_text(REFERENCE)
    # the folders that the order of the gallery names
    for folder in [".", *(path.name for path in (DOCS / "examples").iterdir() if path.is_dir())]:
        (source / "examples" / folder).mkdir(parents=True, exist_ok=True)
        header = source / "examples" / folder / "GALLERY_HEADER.rst"
        header.write_text("Examples\n========\n")
    (source / "examples" / "voters.py").write_text(EXAMPLE)
    return build(source)


def build(source, builder="html"):
    settings = ["-q", "-W", "--keep-going", "-b", builder, "-c", DOCS]
    settings += [source, source / "_build"]
    command = [sys.executable, "-m", "sphinx", *settings]
    environment = {**os.environ, "PYTHONPATH": str(DOCS.parent), "MPLBACKEND": "Agg"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return source / "_build"


def page(site, name):
    return (site / f"{name}.html").read_text()


def test_pages_load_nothing_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 8
    for path in pages:
        loaded = re.findall(
            r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=\"([^\"]*)", path.read_text()
        )
        assert loaded
        assert [url for url in loaded if re.match(r"(\w+:)?//", url)] == [], path
    for path in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", path.read_text()), path


def test_formulas_need_no_script(site):
    index = page(site, "index")
    assert index.count("<math ") == 2 and index.count('display="block"') == 1
    assert "$" not in index and "MathJax" not in index


def test_a_class_has_a_page_with_methods_source_and_examples(site):
    shown = page(site, "api/generated/sklearn_certify.DPAClassifier")
    assert 'href="#sklearn_certify.DPAClassifier.certified_radius"' in shown
    assert "_modules/sklearn_certify/ensemble/_dpa.html" in shown
    assert "get_metadata_routing" not in shown  # is scikit-learn's
    assert "../../gallery/voters.html" in shown
    other = page(site, "api/generated/sklearn_certify.FiniteAggregationClassifier")
    assert "gallery/voters.html" not in other


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("index", "api/generated/sklearn_certify.DPAClassifier.html"),  # without its room
        ("index", "api/generated/sklearn_certify.FiniteAggregationClassifier.html"),  # as code
        ("index", "api/generated/sklearn_certify.learners.StackedRidgeClassifier.html"),
        # in single quotes, in See Also, in Raises
        ("api/generated/sklearn_certify.DPAClassifier", "learners.StackedRidgeClassifier.html"),
        ("api/generated/sklearn_certify.DPAClassifier", "FiniteAggregationClassifier.html"),
        ("gallery/voters", "../api/generated/sklearn_certify.DPAClassifier.html"),
    ],
)
def test_public_names_are_links(site, name, target):
    body = page(site, name).partition("<main")[2]
    links = re.findall(r'<a class="[^"]*reference internal"[^>]*href="([^"#]*)', body)
    links += re.findall(r'href="([^"#]*)#[^"]*"[^>]*class="sphx-glr-backref', body)
    assert any(link.endswith(target) for link in links), links


def test_a_broken_example_stops_the_build(tmp_path):
    (tmp_path / "index.md").write_text("# A site\n\n```{toctree}\ngallery/index\n```\n")
    (tmp_path / "api.md").write_text("---\norphan: true\n---\n\n# Reference\n")
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "GALLERY_HEADER.rst").write_text("Examples\n========\n")
    (tmp_path / "examples" / "broken.py").write_text(EXAMPLE + "print(1 / 0)\n")
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        build(tmp_path, "dummy")
