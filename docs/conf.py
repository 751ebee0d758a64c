"""Sphinx configuration: ``pip install ".[docs]" && sphinx-build docs docs/_build``."""

import sklearn_certify

project = "sklearn_certify"
author = "the sklearn_certify developers"
release = version = sklearn_certify.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
]
myst_enable_extensions = ["dollarmath"]
numpydoc_show_class_members = False
autosummary_generate = True
autodoc_typehints = "none"  # the sections of docstrings say it in words
autodoc_default_options = {"members": True, "inherited-members": True}
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "How much poison does a prediction survive?"}
