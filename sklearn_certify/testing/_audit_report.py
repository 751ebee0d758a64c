"""What an audit found, as a person reads it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from textwrap import fill

from .._rows import data_frame

__all__ = ["AuditFinding", "AuditReport"]

_WIDTH = 90
_SEVERITIES = ("error", "warning", "note")
# Colours are shades over whatever the page's own are, so that they suit dark pages too.
_STYLE = """\
<style>
.certified-audit { font-family: system-ui, sans-serif; line-height: 1.4; max-width: 70em; }
.certified-audit table { border-collapse: collapse; border: none; margin: 0.6em 0; }
.certified-audit caption { text-align: left; font-weight: 600; padding: 0.3em 0; }
.certified-audit th, .certified-audit td { background: transparent; border: none;
  padding: 0.2em 0.8em 0.2em 0; text-align: left; vertical-align: top; }
.certified-audit thead th { border-bottom: 1px solid rgba(128, 128, 128, 0.6); }
.certified-audit .error th { border-left: 3px solid #d55e00; padding-left: 0.6em; }
.certified-audit .warning th { border-left: 3px solid #e69f00; padding-left: 0.6em; }
.certified-audit .note th { border-left: 3px solid #999999; padding-left: 0.6em; }
</style>
"""


@dataclass(frozen=True)
class AuditFinding:
    """Something that certificates suffer from, or may suffer from.

    Attributes
    ----------
    severity : {"error", "warning", "note"}
        Certificates are void; they hold only if something is true that nobody has checked; or
        there is something that a reader should know.
    step : str
        Where it is: the name of a step, a parameter, or the classifier.
    why : str
        What is wrong, in a sentence.
    mend : str
        What to do about it, in a sentence; empty where `why` is a message that says it.
    """

    severity: str
    step: str
    why: str
    mend: str


class AuditReport(Sequence):
    """What `audit_estimator` found: a sequence of findings, the gravest first.

    As every sequence it is true in a boolean context if it holds anything; whether certificates
    hold, as far as the audit went, says `sound`.

    Parameters
    ----------
    name : str
        What was audited.
    findings : list of AuditFinding
        What was found.
    tried : list of str
        What was done to find it, in words.

    Attributes
    ----------
    findings : list of AuditFinding
        The gravest first.
    """

    def __init__(self, name, findings, tried):
        self.name = name
        self.findings = sorted(findings, key=lambda found: _SEVERITIES.index(found.severity))
        self.tried = tried

    @property
    def sound(self):
        """Whether no finding is an error, which is no proof that there is none to be found."""
        return all(finding.severity != "error" for finding in self.findings)

    def __len__(self):
        return len(self.findings)

    def __getitem__(self, index):
        return self.findings[index]

    def __str__(self):
        lines = [self._verdict()]
        for finding in self.findings:
            told = f"{finding.severity}: {finding.step}: {finding.why} {finding.mend}".strip()
            lines.append(fill(told, _WIDTH, initial_indent="- ", subsequent_indent="  "))
        lines.append(fill(f"Looked at: {'; '.join(self.tried)}.", _WIDTH, subsequent_indent="  "))
        return "\n".join(lines)

    __repr__ = __str__

    def _verdict(self):
        if not self.sound:
            return f"{self.name}: certificates do not hold."
        if self.findings:
            return f"{self.name}: no error was found, which is no proof that there is none."
        return f"{self.name}: nothing was found, which is no proof that there is nothing."

    def _repr_html_(self):
        rows = "\n".join(
            f'<tr class="{finding.severity}"><th scope="row">{finding.severity}</th>'
            + "".join(
                f"<td>{escape(text)}</td>" for text in (finding.step, finding.why, finding.mend)
            )
            + "</tr>"
            for finding in self.findings
        )
        heads = "".join(
            f'<th scope="col">{name}</th>' for name in ("severity", "where", "why", "what to do")
        )
        table = (
            f"<table>\n<caption>{escape(self._verdict())}</caption>\n"
            f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
        )
        verdict = f"<p>{escape(self._verdict())}</p>"
        looked = f"<p>Looked at: {escape('; '.join(self.tried))}.</p>"
        content = table if self.findings else verdict
        return f'<div class="certified-audit">\n{_STYLE}{content}\n{looked}\n</div>'

    def to_frame(self):
        """Return the findings as a table.

        Returns
        -------
        pandas.DataFrame
            With the columns ``severity``, ``step``, ``why`` and ``mend``.

        Raises
        ------
        MissingExtraError
            If pandas is missing.
        """
        columns = ["severity", "step", "why", "mend"]
        return data_frame([asdict(finding) for finding in self.findings], columns=columns)
