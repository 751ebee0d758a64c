"""What is private to scikit-learn is leaned on in one module, `_compat`, and nowhere else."""

import ast
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA

from sklearn_certify import CertifiedKNN, _compat

ROOT = Path(__file__).parents[1]
COMPAT = ROOT / "sklearn_certify/_compat.py"
TREES = {
    path: ast.parse(path.read_text())
    for folder in ("sklearn_certify", "tests", "benchmarks", "docs")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path != COMPAT
}
SHOWN = {"_repr_html_", "_repr_mimebundle_"}  # notebooks call these
PRIVATE_METHODS = {
    name for name in dir(BaseEstimator) if name.startswith("_") and not name.startswith("__")
} - SHOWN


def is_private(name):
    return any(part.startswith("_") for part in name.split("."))


def dotted(node):
    """Return what is written as ``a.b.c``, or nothing if another expression stands in front."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else ""


def private_names(tree):
    """Yield the private names of scikit-learn that a module leans on."""
    nodes = list(ast.walk(tree))
    of_sklearn = set()  # what stands for scikit-learn, or for a part of it
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sklearn":
            of_sklearn |= {alias.asname or alias.name for alias in node.names}
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from filter(is_private, names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "sklearn":
                    of_sklearn.add(alias.asname or "sklearn")
                    if is_private(alias.name):
                        yield alias.name
    for node in nodes:
        if isinstance(node, ast.Attribute):
            name = dotted(node)
            from_sklearn = name.split(".")[0] in of_sklearn and not name.endswith("__")
            if (from_sklearn and is_private(name)) or node.attr in PRIVATE_METHODS:
                yield name or node.attr


def test_no_other_module_leans_on_private_names():
    found = {path: list(private_names(tree)) for path, tree in TREES.items()}
    assert len(found) > 100
    assert {str(path.relative_to(ROOT)): names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "code",
    [
        "from sklearn.utils import _safe_indexing",
        "from sklearn.utils._param_validation import Interval",
        "import sklearn.ensemble._base",
        "import sklearn.utils as u\nu._safe_indexing(X, [0])",
        "import sklearn\nsklearn.utils.validation._num_samples(X)",
        "from sklearn import utils\nutils._tags.get_tags(X)",
        "def fit(self):\n    self._validate_params()",
    ],
)
def test_the_search_finds_them(code):
    assert list(private_names(ast.parse(code)))


def test_compat_holds_nothing_that_nobody_uses():
    used = {
        name
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("_compat")
        for name in [alias.name for alias in node.names]
    }
    assert set(_compat.__all__) == used


def test_parameters_that_were_set_after_fit_are_checked():
    classifier = CertifiedKNN().fit(np.eye(4), [0, 1, 0, 1])
    _compat.check_parameters(classifier)
    classifier.set_params(threat_model="none")
    with pytest.raises(_compat.InvalidParameterError, match="threat_model"):
        _compat.check_parameters(classifier)


def test_the_solver_of_a_pca_is_the_one_that_it_used():
    assert _compat.pca_solver(PCA(1)) == "auto"
    assert _compat.pca_solver(PCA(1).fit(np.eye(4))) in ("full", "covariance_eigh")
