"""Errors and warnings of sklearn_certify."""

__all__ = [
    "InvalidInputError",
    "LearnerError",
    "MissingExtraError",
    "UnsoundPipelineError",
    "UnsoundVoterError",
    "VoterError",
]


class InvalidInputError(ValueError, TypeError):
    """An argument has the wrong type, shape or value.

    Both a `ValueError` and a `TypeError`, like scikit-learn's own parameter errors.
    """


class MissingExtraError(ImportError):
    """An optional dependency is missing; the message names the extra that brings it."""


class LearnerError(ValueError):
    """The learner of a filter failed, or its answer is of no use."""


class UnsoundPipelineError(ValueError):
    """A step before the certified classifier saw the whole training set.

    One poisoned row could then change every voter, so no certificate holds.
    """


class VoterError(ValueError):
    """The base estimator failed on the rows of one voter."""


class UnsoundVoterError(VoterError):
    """A voter is no function of its rows and its seed, so no certificate holds."""
