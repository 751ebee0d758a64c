"""What the program does from start to end, and the exit codes it ends with."""

import os
import sys
import traceback

from ..exceptions import (
    CertifyError,
    InvalidInputError,
    MissingExtraError,
    UntrustedModelError,
)
from ._exit_codes import BAD_INPUT, DONE, FAILED, INTERRUPTED
from ._parser import make_parser
from ._telling import say

__all__ = ["main"]


def main(argv=None):
    """Run the program ``sklearn-certify``.

    Parameters
    ----------
    argv : list of str, default=None
        Arguments without the program's name; those of the process if None.

    Returns
    -------
    int
        Exit code: 0 = done, 1 = a classifier failed, nothing is certified, or certificates do not
        hold, 2 = bad usage or input, 130 = interrupted.

    Examples
    --------
    >>> from sklearn_certify.cli import main
    >>> main(["--version"])
    sklearn-certify ...
    0
    """
    if hasattr(sys.stdout, "reconfigure"):  # names in a file may be foreign to the terminal
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        arguments = make_parser().parse_args(argv)
    except SystemExit as stop:  # after --help, --version or a mistake, which argparse has told
        return stop.code or DONE
    try:
        arguments.given = sys.argv[1:] if argv is None else argv
        code = arguments.run(arguments)
        sys.stdout.flush()
        return code
    except (InvalidInputError, MissingExtraError, UntrustedModelError) as error:
        say(str(error))
        return BAD_INPUT
    except CertifyError as error:
        say(str(error))
        return FAILED
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:  # as in sklearn-certify report | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still to come
        say("interrupted: the output was closed")
        return INTERRUPTED
    except Exception as error:
        if arguments.debug:
            traceback.print_exc()
        say(f"unexpected {type(error).__name__}: {error}")
        return FAILED
