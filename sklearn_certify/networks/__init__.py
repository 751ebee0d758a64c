"""Networks as voters: functions of their rows and their seed, to the last bit.

_skorch_classifier  a network of skorch that a seed decides, for rows and labels as they come
_skorch_rows        rows in the form that a module takes
_skorch_errors      what went wrong with a network, in a sentence
"""

from importlib import import_module

from ..exceptions import MissingExtraError

__all__ = ["NetClassifier"]

_NEEDING_TORCH = {"NetClassifier": "_skorch_classifier"}


def __getattr__(name):
    """Load what needs torch when somebody asks for it."""
    if name not in _NEEDING_TORCH:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = import_module(f".{_NEEDING_TORCH[name]}", __name__)
    except ImportError as error:
        if (error.name or "").split(".")[0] not in ("torch", "skorch"):
            raise
        raise MissingExtraError(
            f'{name} needs torch and skorch: pip install "sklearn-certify[torch]"'
        ) from error
    return getattr(module, name)


def __dir__():
    return sorted([*globals(), *_NEEDING_TORCH])
