"""What importing the package brings with it."""

import subprocess
import sys

EXTRAS = ("torch", "skorch", "matplotlib", "skimage", "skops", "fsspec", "pyarrow.parquet")


def imported_by(statement):
    code = f"import sys\n{statement}\nprint(*sorted({set(EXTRAS)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_no_extra_is_imported():
    rooms = "sklearn_certify, sklearn_certify.plotting, sklearn_certify.cli, sklearn_certify.image"
    assert imported_by(f"import {rooms}") == []


def test_every_public_name_is_there():
    import sklearn_certify

    for name in sklearn_certify.__all__:
        assert getattr(sklearn_certify, name) is not None
