"""What a voter follows from, beside its rows and its seed: its estimator, and the code of that."""

import pickle
import platform
import sys
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from inspect import getsource
from io import BytesIO
from marshal import dumps as code_as_bytes
from pathlib import Path
from types import FunctionType

import joblib
import numpy as np
import scipy
import sklearn
from threadpoolctl import threadpool_info

from ..exceptions import InvalidInputError

__all__ = ["origin_of"]

_FORM = 1  # of this digest; another one where voters are fitted in another way
_KINDS_OF_CODE = (type, FunctionType)


def origin_of(estimator):
    """Return a digest of all that voters around an estimator follow from, but rows and seed.

    These are its parameters, however deep, the code that they lead to, versions of libraries, and
    the kind of processor, on which the last digit of a sum may depend.

    Parameters
    ----------
    estimator : estimator
        The base estimator, not fitted.

    Returns
    -------
    str
        Hexadecimal digits.

    Raises
    ------
    InvalidInputError
        If a parameter cannot be pickled.
    """
    try:
        parameters = joblib.hash(estimator, hash_name="sha1")
        code = sorted(_digests_of_code(_code_behind(estimator)))
    except Exception as error:  # joblib and pickle raise what the parameters' methods raise
        raise InvalidInputError(
            "memory needs an estimator that can be pickled, with functions and classes that are "
            f"defined in a module and have a name ({type(error).__name__}: {error})."
        ) from error
    parts = [str(_FORM), parameters, *_environment(), *code]
    return sha256("\n".join(parts).encode()).hexdigest()


def _code_behind(estimator):
    """Return the classes and functions that the pickle of an estimator names."""
    code = set()

    class Listener(pickle.Pickler):
        def persistent_id(self, thing):
            if isinstance(thing, _KINDS_OF_CODE):
                code.update(getattr(thing, "__mro__", [thing]))

    Listener(BytesIO()).dump(estimator)
    return code - {object}


def _digests_of_code(code):
    """Return what changes if classes or functions are written anew, or come in a new release."""
    for module in {str(thing.__module__) for thing in code}:
        digest = _source_of_module(module)
        if digest is None:
            own = [thing for thing in code if str(thing.__module__) == module]
            digest = " ".join(sorted(f"{thing.__qualname__} {_source_of(thing)}" for thing in own))
        yield f"{module} {_version_of(module.partition('.')[0])} {digest}"


@lru_cache
def _version_of(package):
    if package in sys.stdlib_module_names:
        return platform.python_version()
    own = getattr(sys.modules.get(package), "__version__", None)
    if own is not None:
        return str(own)
    try:
        return version(package)
    except (PackageNotFoundError, ValueError):
        return ""


def _source_of_module(name):
    path = getattr(sys.modules.get(name), "__file__", None)
    try:
        return None if path is None else sha256(Path(path).read_bytes()).hexdigest()
    except OSError:  # of a module in an archive, or of a cell of a notebook
        return None


def _source_of(thing):
    try:
        return sha256(getsource(thing).encode()).hexdigest()
    except (OSError, TypeError):  # typed at a prompt
        members = vars(thing).values() if isinstance(thing, type) else [thing]
        codes = [member.__code__ for member in members if isinstance(member, FunctionType)]
        return sha256(b"".join(map(code_as_bytes, codes))).hexdigest()


@lru_cache
def _environment():
    own = sys.modules[__name__.partition(".")[0]].__version__
    architectures = {
        f"{library['internal_api']} {library.get('version')} {library.get('architecture')}"
        for library in threadpool_info()
        if library["internal_api"] == "openblas"
    }
    return (
        own,
        platform.python_version(),
        np.__version__,
        scipy.__version__,
        sklearn.__version__,
        platform.machine(),
        *sorted(architectures),
    )
