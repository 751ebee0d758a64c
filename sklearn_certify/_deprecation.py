"""Old names go on working for a while, and say what they are called now."""

from importlib import import_module

from ._user_warnings import warn_user

__all__ = ["moved"]


def moved(module, homes):
    """Return a ``__getattr__`` of a module for what lives elsewhere since.

    Parameters
    ----------
    module : str
        The module's ``__name__``.
    homes : dict of str to str
        The full new name of each old name, such as
        ``{"certify": "sklearn_certify.pipelines.certify"}``.

    Returns
    -------
    callable
        Gives what stands at the new name and warns; raises `AttributeError` for other names.

    Examples
    --------
    >>> from sklearn_certify._deprecation import moved
    >>> __getattr__ = moved("sklearn_certify.old", {"old_pi": "math.pi"})
    >>> __getattr__("tau")
    Traceback (most recent call last):
      ...
    AttributeError: module 'sklearn_certify.old' has no attribute 'tau'
    """

    def __getattr__(name):
        if name not in homes:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        home, _, new_name = homes[name].rpartition(".")
        warn_user(
            f"{module}.{name} is called {homes[name]} now; the old name goes in version 0.3.",
            FutureWarning,
        )
        return getattr(import_module(home), new_name)

    return __getattr__
