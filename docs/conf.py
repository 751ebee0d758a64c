"""Configuration of Sphinx: ``pip install ".[docs]" && sphinx-build -W -j 2 docs docs/_build``."""

import sys
from pathlib import Path

import sklearn_certify

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

project = "sklearn_certify"
author = "the sklearn_certify contributors"
copyright = author
release = version = sklearn_certify.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "mathml",
    "public_names",
]
exclude_patterns = ["_build", "_templates", "examples"]
templates_path = [str(HERE / "_templates")]

# pages
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_dmath_double_inline = True  # a formula may stand alone inside a paragraph
myst_heading_anchors = 3
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# docstrings
toc_object_entries_show_parents = "hide"
autosummary_generate = True
autodoc_typehints = "none"  # the sections of docstrings say it in words
numpydoc_show_class_members = False  # the templates list them
numpydoc_class_members_toctree = False
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"  # but for the names that public_names adds
default_role = "public_name"
nitpicky = True

# examples
sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",  # all of them run
    "subsection_order": [
        "examples/first_steps",
        "examples/choosing",
        "examples/attacks",
        "examples/images",
        "examples/rows",
        "examples/lethal_dose",
        "examples/backdoors",
        "examples/your_own",
    ],
    "within_subsection_order": "FileNameSortKey",
    "doc_module": ("sklearn_certify",),
    "backreferences_dir": "gallery/backreferences",
    "parallel": True,  # as sphinx-build -j
    "download_all_examples": False,
    "remove_config_comments": True,
    "reset_modules": ("matplotlib", "examples_without_warnings.reset"),
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
}

# looks: all fonts, styles and scripts are in the pages' own folder
html_theme = "pydata_sphinx_theme"
html_title = "sklearn_certify"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {
    "logo": {"text": "sklearn_certify"},
    "header_links_before_dropdown": 6,
    "icon_links": [
        {
            "name": "Source",
            "url": "https://github.com/sklearn-certify/sklearn-certify",
            "icon": "fa-brands fa-github",
        }
    ],
    "navbar_persistent": ["search-button"],
    "navigation_with_keys": False,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars = {"index": []}
html_show_sourcelink = False
html_show_search_summary = False  # scripts may not read pages that were opened as files
