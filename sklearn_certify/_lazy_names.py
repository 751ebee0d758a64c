"""Names that need an extra: what brings them is imported when one of them is first asked for."""

from importlib import import_module

from .exceptions import MissingExtraError

__all__ = ["lazy_names"]


def lazy_names(package, homes, *, needs, extra):
    """Return a ``__getattr__`` of a package for names that need an extra.

    Parameters
    ----------
    package : str
        The package's ``__name__``.
    homes : dict of str to str
        The module of each name, relative to the package, such as ``{"Net": "._net"}``.
    needs : sequence of str
        The packages that they import.
    extra : str
        The extra that brings these.

    Returns
    -------
    callable
        Gives what has the name; raises `MissingExtraError` if what it needs is not installed, and
        `AttributeError` for other names.

    Examples
    --------
    >>> from sklearn_certify._lazy_names import lazy_names
    >>> __getattr__ = lazy_names("email", {"Message": ".message"}, needs=["nothing"], extra="none")
    >>> __getattr__("Message")
    <class 'email.message.Message'>
    >>> __getattr__("Letter")
    Traceback (most recent call last):
      ...
    AttributeError: module 'email' has no attribute 'Letter'
    """

    def __getattr__(name):
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            return getattr(import_module(homes[name], package), name)
        except ImportError as error:
            if (error.name or "").split(".")[0] not in needs:
                raise
            raise MissingExtraError(
                f'{name} needs {" and ".join(needs)}: pip install "sklearn-certify[{extra}]"'
            ) from error

    return __getattr__
