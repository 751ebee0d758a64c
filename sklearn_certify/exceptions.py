"""Errors and warnings of sklearn_certify: one tree each."""

__all__ = [
    "CertifyError",
    "CertifyWarning",
    "DatasetError",
    "FilterWarning",
    "FingerprintWarning",
    "FormWarning",
    "InvalidInputError",
    "JointCertificateWarning",
    "LearnerError",
    "MissingExtraError",
    "ModelVersionWarning",
    "OutlierWarning",
    "TriggerWarning",
    "UnsoundPipelineError",
    "UnsoundVoterError",
    "UntrustedModelError",
    "VoterError",
    "VoterWarning",
]


class CertifyError(Exception):
    """What this package raises on purpose.

    Besides, scikit-learn's own errors tell parameters out of range and what was not fitted.
    """


class InvalidInputError(CertifyError, ValueError, TypeError):
    """An argument has the wrong type, shape or value.

    Both a `ValueError` and a `TypeError`, like scikit-learn's own parameter errors.
    """


class MissingExtraError(CertifyError, ImportError):
    """An optional dependency is missing; the message names the extra that brings it."""


class UntrustedModelError(CertifyError, ValueError):
    """A file of a model holds what may run code, and nobody has said that it may."""


class DatasetError(CertifyError, OSError):
    """A data set on disk is missing, damaged, of another version, or changed by someone else.

    Or it could not be written; then it is as it was before.
    """


class LearnerError(CertifyError, ValueError):
    """A learner that is trained step by step failed, or its answers are of no use or chance."""


class UnsoundPipelineError(CertifyError, ValueError):
    """One poisoned row may change every voter, so no certificate holds.

    A step saw the whole training set, treats rows together or may do anything to them, or all
    voters are one.
    """


class VoterError(CertifyError, ValueError):
    """The base estimator failed in a voter, on its training rows or on queries."""


class UnsoundVoterError(VoterError):
    """A voter is no function of its rows and its seed, so no certificate holds."""


class CertifyWarning(UserWarning):
    """What this package warns of, besides names that go away (`FutureWarning`)."""


class FormWarning(CertifyWarning):
    """The form of rows or labels looks decided by a few of them, such as the type of a column.

    Certificates compare training sets of one form; fix it beforehand, with ``dtype=``.
    """


class FingerprintWarning(CertifyWarning):
    """The rows look as if something had been fitted on all of them before ``fit``.

    A scaler or a resampler that saw all rows voids every certificate.
    """


class JointCertificateWarning(CertifyWarning):
    """A joint certificate was asked for where none is known."""


class FilterWarning(CertifyWarning):
    """A filter of training sets keeps next to no row of a class."""


class TriggerWarning(CertifyWarning):
    """A trigger changes so few rows that there is hardly a backdoor."""


class ModelVersionWarning(CertifyWarning):
    """A model was saved with other versions, under which its votes may have been others."""


class OutlierWarning(CertifyWarning):
    """Some queries have no training row within the radius, and nobody has said what they are."""


class VoterWarning(CertifyWarning):
    """Some voters failed and abstain."""
