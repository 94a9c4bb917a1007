"""What adding and removing entries of a YAML text have in common.

Only marks are used: text is put in or taken out, and nothing is written anew. Each edit is then
parsed and compared with what was meant: every other event and field must be as before. Where no
edit stands that test, the user is told which line to edit by hand.

Source: spec.md 5.6.
"""

from __future__ import annotations

import re

from sealring.documents.yaml_events import MAP
from sealring.errors import DocumentRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealring.documents.yaml import YamlDocument
    from sealring.documents.yaml_events import Events

REST_OF_LINE = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\r\n]*)?(?=[\r\n]|\Z)")
NULLS = ("", "~", "null", "Null", "NULL")


def by_hand(what: str, line: int) -> DocumentRefused:
    """Build the refusal that names the line to edit by hand."""
    return DocumentRefused(what, line=line, hints=[f"edit line {line} by hand"])


def reparsed(document: YamlDocument, text: str) -> YamlDocument | None:
    """Parse an edited text; None if it is not YAML any more."""
    try:
        return type(document)(text, document.limits)
    except DocumentRefused:
        return None


def line_start(text: str, at: int) -> int:
    """Return where the line of an offset starts, behind a byte order mark."""
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    return start + text.startswith("\ufeff", start)


def with_line_break_before(text: str, at: int) -> int:
    """Move a line's start in front of the line break before it."""
    if text[at - 1 : at] not in ("\r", "\n"):
        return at
    return at - 2 if text[at - 2 : at] == "\r\n" else at - 1


def entry_width(events: Events, node: int) -> int:
    """Return how many children one entry has: key and value in a mapping."""
    return 2 if events.infos[node][0] == MAP else 1


def entry_start(events: Events, node: int, child: int) -> int:
    """Return where an entry of a collection starts: its `?` or `-`, or its key or value itself."""
    start = events.raw_start(child)
    if events.infos[node][1]:
        return start
    mark, blanks = ("?", " \t") if events.infos[node][0] == MAP else ("-", " \t\r\n")
    at = start
    while at > 0 and events.text[at - 1] in blanks:
        at -= 1
    is_mark = events.text[at - 1 : at] == mark and (at == 1 or events.text[at - 2] in " \t\r\n\ufeff")
    return at - 1 if is_mark else start


def common(one: Sequence[object], other: Sequence[object]) -> tuple[int, int]:
    """Return how many items are equal at the start and, not counting those, at the end."""
    most = min(len(one), len(other))
    head = next((i for i in range(most) if one[i] != other[i]), most)
    tail = next((i for i in range(most - head) if one[-1 - i] != other[-1 - i]), most - head)
    return head, tail
