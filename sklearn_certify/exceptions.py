"""Errors and warnings of sklearn_certify: one tree each."""

__all__ = [
    "CertifyError",
    "CertifyWarning",
    "FingerprintWarning",
    "FormWarning",
    "InvalidInputError",
    "LearnerError",
    "MissingExtraError",
    "OutlierWarning",
    "UnsoundPipelineError",
    "UnsoundVoterError",
    "VoterError",
    "VoterWarning",
]


class CertifyError(Exception):
    """Whatever this package raises on purpose."""


class InvalidInputError(CertifyError, ValueError, TypeError):
    """An argument has the wrong type, shape or value.

    Both a `ValueError` and a `TypeError`, like scikit-learn's own parameter errors.
    """


class MissingExtraError(CertifyError, ImportError):
    """An optional dependency is missing; the message names the extra that brings it."""


class LearnerError(CertifyError, ValueError):
    """The learner of a filter failed, or its answer is of no use."""


class UnsoundPipelineError(CertifyError, ValueError):
    """A step before the certified classifier saw the whole training set.

    One poisoned row could then change every voter, so no certificate holds.
    """


class VoterError(CertifyError, ValueError):
    """The base estimator failed on the rows of one voter."""


class UnsoundVoterError(VoterError):
    """A voter is no function of its rows and its seed, so no certificate holds."""


class CertifyWarning(UserWarning):
    """Whatever this package warns of."""


class FormWarning(CertifyWarning):
    """The form of the rows looks decided by a few of them, such as the type of a column.

    Certificates compare training sets of one form; fix it beforehand, with ``dtype=``.
    """


class FingerprintWarning(CertifyWarning):
    """The rows look as if something had been fitted on all of them before ``fit``.

    A scaler or a resampler that saw all rows voids every certificate.
    """


class OutlierWarning(CertifyWarning):
    """Some queries have no training row within the radius, and nobody has said what they are."""


class VoterWarning(CertifyWarning):
    """Some voters failed and abstain."""
