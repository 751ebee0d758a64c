"""Sphinx configuration: ``pip install ".[docs]" && sphinx-build -W docs docs/_build``."""

import sklearn_certify

project = "sklearn_certify"
author = "the sklearn_certify contributors"
release = version = sklearn_certify.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
numpydoc_show_class_members = False
autosummary_generate = True
autodoc_typehints = "none"  # the sections of docstrings say it in words
autodoc_default_options = {"members": True, "inherited-members": True}
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "How much poison does a prediction survive?"}


def skip_scikit_learn(app, what, name, member, skip, options):
    """Leave out what scikit-learn's base classes bring: its pages refer to labels of its own."""
    owner = getattr(member, "__module__", None) or ""
    return True if owner.split(".")[0] == "sklearn" else None


def setup(app):
    app.connect("autodoc-skip-member", skip_scikit_learn)
