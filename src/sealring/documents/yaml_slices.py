"""Raw slices of YAML: put in, read on their own, moved with their block.

Source: spec.md 5.4.
"""

from __future__ import annotations

import re

from sealring.documents.yaml_events import ALIAS, MAP, SCALAR, SEQ, read_events
from sealring.errors import DocumentRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sealring.documents.base import Limits

    Edit = tuple[int, int, str]
    """Start, end, and what comes there."""

LINE_BREAK = re.compile(r"\r\n?|\n")


def spliced(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with slices (start, end, new) replaced; they must be in order."""
    out, at = [], 0
    for start, end, new in edits:
        if start < at:
            raise DocumentRefused("two changes of one place", line=text.count("\n", 0, start) + 1)
        out += [text[at:start], new]
        at = end
    out.append(text[at:])
    return "".join(out)


def read_slice(text: str, column: int, limits: Limits) -> tuple[str, bool] | None:
    """Read the raw source of one scalar on its own; None if it is not that.

    Args:
        column: of the block that it stood in, which the indentation of its lines is relative to.
    """
    for prefix, count in (" " * column + "k: ", 3), ("--- ", 1):
        try:
            events = read_events(prefix + text + "\n", limits)
        except DocumentRefused:  # lines further left than any block allows: only a root can hold them
            continue
        nodes = [i for i, info in enumerate(events.infos) if info[0] in (SCALAR, ALIAS, MAP, SEQ)]
        node = nodes[-1] if nodes else 0
        info = events.infos[node]
        if len(nodes) != count or info[0] != SCALAR or any(info[3:]) or not text:
            continue
        if events.starts[node] == len(prefix) and not events.text[events.ends[node] :].strip("\r\n"):
            return info[1], info[2]
    return None


def fits_flow(text: str) -> bool:
    """Tell whether a slice can stand in flow style."""
    if text[0] in "\"'":
        return True
    return text[0] not in "|>?:" and not any(each in text for each in ",[]{}")


def shifted(text: str, shift: int) -> str:
    """Indent the lines behind the first one more, or less; blank ones as far as they go."""
    first = LINE_BREAK.search(text)
    if first is None:
        return text
    head, lines = text[: first.end()], text[first.end() :].splitlines(keepends=True)
    if shift > 0:
        return head + "".join(" " * shift + line if line.strip("\r\n") else line for line in lines)
    return head + "".join(_outdented(line, -shift) for line in lines)


def _outdented(line: str, by: int) -> str:
    blanks = len(line) - len(line.lstrip(" "))
    return line[min(by, blanks) :]
