"""Run the command line: ``python -m sklearn_certify``."""

import sys

from .cli import main

sys.exit(main())
