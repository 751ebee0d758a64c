"""What is known about kinds of steps: rules that others can add to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ..exceptions import InvalidInputError
from ..threat import find_threat_model

__all__ = ["Circumstances", "Rule", "register", "rule_of"]

LEARNS = ("nothing", "features", "labels")

# What a subclass may define without being another kind of step.
_NOT_BEHAVIOUR = frozenset(
    {
        "__abstractmethods__",
        "__annotate__",
        "__annotate_func__",
        "__annotations__",
        "__dict__",
        "__doc__",
        "__firstlineno__",
        "__init__",
        "__module__",
        "__orig_bases__",
        "__parameters__",
        "__qualname__",
        "__repr__",
        "__sklearn_tags__",
        "__static_attributes__",
        "__weakref__",
        "_abc_impl",
        "_parameter_constraints",
        "_sklearn_auto_wrap_output_keys",
    }
)


class Circumstances(NamedTuple):
    """Where a step is used: what its soundness can depend on besides the step."""

    threat_model: str
    n_rows: int | None = 0  # of training; 0: none so far, None: unknown
    lay_as_usual: bool = True  # whether the training rows did, in memory

    @property
    def labels_alone(self):
        """Whether the attacker changes labels and leaves the features intact."""
        return find_threat_model(self.threat_model, of_a_classifier=True).labels_alone


@dataclass(frozen=True)
class Rule:
    """What is known about a kind of step, as values or as functions of the step.

    Parameters
    ----------
    learns : {"nothing", "features", "labels"} or callable
        What ``fit`` looks at, apart from the number, the names and the types of the columns.
    alone : bool, None or callable
        Whether ``transform`` treats each row alone, to the last bit. None: it must be tried.
    draws : bool or callable
        Whether a fit draws random numbers without a fixed seed; called as
        ``draws(step, n_rows)``, where `n_rows` is None if it is not known.
    digits_follow_memory : bool or callable
        Whether rows come out with other digits where their cells lie in another order in memory.
    row_by_row : bool or callable
        Whether ``transform`` calls the same code for each row, and never for several at once,
        apart from what is `inside`.
    inside : callable or None
        The steps inside of this one that its rows go through.
    nonzeros : callable or None
        The fewest and the most cells that are not zero in a row of a sparse output.
    why : str or None
        What makes other rows matter where `alone` is False: words that follow the step's name.
    mend : str or None
        What else could be done about a step that learns, or that is not alone: a sentence without
        its stop.
    how_to_seed : str
        What to do about a step that draws: a sentence.
    """

    learns: str | Callable = "features"
    alone: bool | Callable | None = None
    draws: bool | Callable = False
    digits_follow_memory: bool | Callable = False
    row_by_row: bool | Callable = False
    inside: Callable | None = None
    nonzeros: Callable | None = None
    why: str | None = None
    mend: str | None = None
    how_to_seed: str = "Give it a whole number as random_state, such as random_state=0."

    def what_it_learns(self, step):
        """Return what a fit of this step looks at."""
        return self.learns(step) if callable(self.learns) else self.learns

    def is_alone(self, step):
        """Return whether this step treats each row alone, or None."""
        return self.alone(step) if callable(self.alone) else self.alone

    def follows_memory(self, step):
        """Return whether this step makes other digits of rows that are not C-ordered."""
        follows = self.digits_follow_memory
        return follows(step) if callable(follows) else follows

    def goes_row_by_row(self, step):
        """Return whether this step, apart from those inside it, takes one row after the other."""
        return self.row_by_row(step) if callable(self.row_by_row) else self.row_by_row

    def steps_inside(self, step):
        """Return the steps inside of this one that its rows go through."""
        return [] if self.inside is None else self.inside(step)

    def is_drawn(self, step, n_rows):
        """Return whether a fit of this step draws without a seed."""
        return self.draws(step, n_rows) if callable(self.draws) else self.draws


_rules = {}


def register(step_type, rule):
    """Add a rule for a type of step, or replace the one that there is."""
    if not isinstance(step_type, type):
        raise InvalidInputError(f"A rule is for a type of steps, got {step_type!r}.")
    if not callable(rule.learns) and rule.learns not in LEARNS:
        raise InvalidInputError(
            f"learns must be one of {', '.join(map(repr, LEARNS))}, got {rule.learns!r}."
        )
    _rules[step_type] = rule


def rule_of(step):
    """Return the rule for a step, or None if its kind is not known.

    Of a known type are its instances, and those of subclasses that change no method.
    """
    for ancestor in type(step).__mro__:
        if ancestor in _rules:
            return _rules[ancestor] if behaves_like(step, ancestor) else None
    return None


def behaves_like(step, step_type):
    """Say whether a step is of a type, with all methods as the type has them."""
    if not isinstance(step, step_type):
        return False
    between = (cls for cls in type(step).__mro__ if cls not in step_type.__mro__)
    defined = {name for cls in between for name in vars(cls) if not _is_request(name)}
    defined |= {name for name in vars(step) if callable(getattr(step_type, name, None))}
    defined -= _NOT_BEHAVIOUR
    return not any(hasattr(step_type, name) or name.startswith("__") for name in defined)


def _is_request(name):
    """Say whether scikit-learn gives a method of this name to every subclass."""
    return name.startswith("set_") and name.endswith("_request")
