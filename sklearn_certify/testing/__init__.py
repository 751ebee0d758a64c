"""Audit certified classifiers, and attack them: a search for what voids their certificates."""

from ._audit_estimator import audit_estimator
from ._audit_report import AuditFinding, AuditReport
from ._check_soundness import check_soundness
from ._report import Counterexample, SoundnessReport

__all__ = [
    "AuditFinding",
    "AuditReport",
    "Counterexample",
    "SoundnessReport",
    "audit_estimator",
    "check_soundness",
]
