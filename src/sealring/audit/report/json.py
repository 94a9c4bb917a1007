"""For programs: one object."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sealring.audit.check import Report


def render(report: Report, where: Callable[[str], str]) -> str:
    """Return one JSON object with `findings`, and `change` where there was a base."""
    from json import dumps

    data = {
        "state": report.label,
        "base": report.base or None,
        "files": report.files,
        "errors": report.count("error"),
        "warnings": report.count("warning"),
        "change": list(report.meaning),
        "findings": [
            {
                "rule": finding.rule,
                "severity": finding.severity,
                "file": where(finding.file) if finding.file else None,
                "line": finding.line or None,
                "field": finding.place or None,
                "message": finding.message,
                "hints": list(finding.hints),
            }
            for finding in report.findings
        ],
    }
    return dumps(data, indent=2)
