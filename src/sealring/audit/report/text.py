"""For people: one line for each finding, as sealring's errors look, and each hint once."""

from __future__ import annotations

from sealring.audit.words import counted, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sealring.audit.check import Report
    from sealring.audit.finding import Finding


def render(report: Report, where: Callable[[str], str]) -> str:
    """Return the lines, without a final line end; empty if there is nothing to tell."""
    lines = [f"sealring: change: {visible(sentence)}" for sentence in report.meaning]
    findings = list(report.findings)
    for number, finding in enumerate(findings):
        lines.append(_line(finding, where))
        following = findings[number + 1] if number + 1 < len(findings) else None
        if following is None or (following.rule, following.file) != (finding.rule, finding.file):
            same = [f for f in findings if (f.rule, f.file) == (finding.rule, finding.file)]
            hints = dict.fromkeys(hint for each in same for hint in each.hints)
            lines += [f"sealring: hint: {visible(hint)}" for hint in list(hints)[:3]]
    return "\n".join(lines)


def summary(report: Report) -> str:
    """Return one line that says how it went."""
    severities = [severity for severity in ("error", "warning") if report.count(severity)]
    counts = [counted(report.count(severity), severity) for severity in severities]
    files = counted(report.files, "file")
    return f"{report.label}: {' and '.join(counts) or 'nothing to mend'} in {files} that the policy covers"


def _line(finding: Finding, where: Callable[[str], str]) -> str:
    place = visible(where(finding.file)) if finding.file else ""
    if place:
        place += f":{finding.line}: " if finding.line else ": "
    word = "note" if finding.severity == "info" else finding.severity
    return f"sealring: {word}: {place}{visible(finding.message)} [{finding.rule}]"
