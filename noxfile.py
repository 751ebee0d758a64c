"""Sessions of nox: the oldest and newest versions, the linter, types, the documentation.

``pip install nox``, then ``nox`` for all, ``nox -s minimum`` for one, ``nox --list`` for names.
"""

from pathlib import Path

import nox

QUICK = Path(__file__).with_name(".ci") / "quick.txt"

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False


@nox.session(python="3.10")
def minimum(session):
    """The quick part of the tests with the oldest versions that pyproject.toml admits."""
    session.install("--only-binary", ":all:", "-r", ".ci/minimum.txt")
    session.install("--no-deps", ".")
    session.run("pytest", *(session.posargs or QUICK.read_text().split()))


@nox.session(python=["3.10", "3.13"])
def newest(session):
    """All tests with the newest versions."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def lint(session):
    """The linter, and what formats the code."""
    session.install("ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session):
    """The hints of the rooms that have them."""
    session.install("mypy", ".")
    session.run("mypy", "sklearn_certify/certificates", "sklearn_certify/threat.py")


@nox.session
def docs(session):
    """The pages, every warning an error; ``nox -s docs -- -D plot_gallery=0`` runs no example."""
    session.install(".[docs]")
    build = ["sphinx-build", "-W", "--keep-going", "-j", "2", "-b", "html"]
    session.run(*build, *session.posargs, "docs", "docs/_build", env={"MPLBACKEND": "Agg"})
