"""Calls whose arrays arrive in another process as they were."""

from joblib import wrap_non_picklable_objects

__all__ = ["call_sealed", "sealed"]


class _Sealed(tuple):
    """A call that is pickled as bytes.

    joblib maps large arrays that it finds on the way to a process into memory, where voters could
    not write to them. Workers that are told not to do so are other workers than those of the next
    call of joblib, which would start anew.
    """

    def __reduce__(self):
        return wrap_non_picklable_objects(tuple(self), keep_wrapper=False).__reduce__()


def sealed(call):
    """Return a call, as `joblib.delayed` makes it, that `call_sealed` takes."""
    return _Sealed(call)


def call_sealed(call):
    """Do what a call says, and return what it returns."""
    function, arguments, named = call
    return function(*arguments, **named)
