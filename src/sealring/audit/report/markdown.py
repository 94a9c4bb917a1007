"""For a comment on a pull request.

File names and fields come from whoever opened it, so they stand in code spans, on one line, and can be
neither links nor mentions.
"""

from __future__ import annotations

from sealring.audit.words import counted, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sealring.audit.check import Report
    from sealring.audit.finding import Finding

MARK = "<!-- sealring check -->"
"""The first line, by which a workflow finds its own comment again."""

_MOST = 100
_MAX_CHARS = 60_000  # a comment on GitHub has 65,536 at most


def render(report: Report, where: Callable[[str], str]) -> str:
    """Return the comment."""
    errors, warnings = report.count("error"), report.count("warning")
    if errors:
        title = f"### sealring: {counted(errors, 'error')}"
    else:
        title = "### sealring: nothing to mend" if not warnings else "### sealring: no errors"
    parts = [MARK, title]
    if report.meaning:
        parts += ["", "**What this change means**", "", *_cut([f"- {_prose(s)}" for s in report.meaning])]
    elif report.base:
        parts += ["", "This change touches no sealed value, no reader and no rule."]
    if report.findings:
        rows = _cut([_row(finding, where) for finding in report.findings])
        parts += ["", "| | where | what |", "|---|---|---|", *rows]
        hints = list(dict.fromkeys(hint for finding in report.findings for hint in finding.hints))
        parts += ["", *_cut([f"- {_prose(hint)}" for hint in hints], 10)]
    text = "\n".join(parts) + "\n"
    return text if len(text) <= _MAX_CHARS else text[:_MAX_CHARS].rpartition("\n")[0] + "\n\n(cut)\n"


def _row(finding: Finding, where: Callable[[str], str]) -> str:
    place = where(finding.file) if finding.file else ""
    if place and finding.line:
        place += f":{finding.line}"
    shown = _code(place) if place else ""
    return f"| {finding.severity} | {shown} | {_prose(finding.message)} (`{finding.rule}`) |"


def _cut(lines: Sequence[str], most: int = _MOST) -> list[str]:
    left = len(lines) - most
    if left <= 0:
        return list(lines)
    is_table = lines[0].startswith("|")
    return [*lines[:most], f"| | | and {left} more |" if is_table else f"- and {left} more"]


def _code(text: str) -> str:
    """Put a text into a code span; pipes would end a cell of a table, also in code."""
    shown = visible(text).replace("|", "\\|")
    fence = "`"
    while fence in shown:
        fence += "`"
    gap = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{gap}{shown}{gap}{fence}"


def _prose(text: str) -> str:
    """Escape all that Markdown or a forge could take for markup; code between backticks stays code."""
    out = []
    for number, piece in enumerate(visible(text).split("`")):
        if number % 2 and piece:
            out.append("`" + piece.replace("|", "\\|") + "`")
        else:
            out.append("".join(_safe(char) for char in piece))
    return "".join(out)


def _safe(char: str) -> str:
    if char == "@":
        return "@\u200b"
    if char in "<>&":
        return {"<": "&lt;", ">": "&gt;", "&": "&amp;"}[char]
    return "\\" + char if char in "\\*_[]()#|!~{}" else char
