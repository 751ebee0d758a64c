"""The program's arguments: its commands are files beside this one."""

import argparse

from .. import __version__
from ._argument_groups import LAYOUT
from ._audit_command import add_audit
from ._certify_command import add_certify
from ._plan_command import add_plan
from ._report_command import add_report

__all__ = ["make_parser"]

_EPILOG = """\
examples:
  sklearn-certify report
      certify every classifier on handwritten digits: a table, how to read it, and a plot
  sklearn-certify report flowers.csv --target species
      the same for a table of your own
  sklearn-certify plan flowers.csv --target species --poison-size 10
      which classifier to take, with which settings, to bear 10 poisoned rows
  sklearn-certify report flowers.csv --target species --estimator knn --save flowers.skops
  sklearn-certify certify flowers.skops new.csv
      keep a classifier, and certify other rows with it
  sklearn-certify audit flowers.skops
      whether anything voids its certificates
  sklearn-certify report --help
      all options, and what the exit codes of a command mean
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"{self.prog}: {message}\nTry {self.prog} --help\n")


def make_parser():
    """Return the parser of the program ``sklearn-certify``; a command's `run` does its work."""
    parser = _Parser(
        prog="sklearn-certify",
        description="Prove how many poisoned training examples each prediction survives.",
        epilog=_EPILOG,
        **LAYOUT,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(metavar="command", dest="command", required=True)
    for add in (add_report, add_plan, add_certify, add_audit):
        add(commands)
    return parser
