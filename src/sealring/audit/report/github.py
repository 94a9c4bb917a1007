"""For GitHub Actions: workflow commands, which GitHub shows beside the lines of a pull request.

Source: docs.github.com, "Workflow commands for GitHub Actions"; actions/toolkit, command.ts.
"""

from __future__ import annotations

from sealring.audit.words import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sealring.audit.check import Report

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(report: Report, where: Callable[[str], str]) -> str:
    """Return one workflow command a line."""
    lines = [f"::notice title=sealring change::{_data(sentence)}" for sentence in report.meaning]
    for finding in report.findings:
        properties = []
        if finding.file:
            properties.append(f"file={_property(where(finding.file))}")
            properties.append(f"line={finding.line or 1}")
        properties.append(f"title={_property('sealring ' + finding.rule)}")
        message = "; ".join([finding.message, *finding.hints[:1]])
        lines.append(f"::{_COMMANDS[finding.severity]} {','.join(properties)}::{_data(message)}")
    return "\n".join(lines)


def _data(text: str) -> str:
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    text = visible(text)
    for char in "%\r\n:,":  # the percent sign first
        text = text.replace(char, f"%{ord(char):02X}")
    return text
