"""The command line: ``sklearn-certify report``."""

from ._main import main

__all__ = ["main"]
