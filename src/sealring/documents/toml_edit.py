"""Keys of TOML files put in and taken out, in the style of their siblings.

Source: spec.md 5.6.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from sealring.documents import edits
from sealring.documents.toml import basic_string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.documents.toml import TomlDocument
    from sealring.documents.toml_scan import Table
    from sealring.model.field_path import FieldPattern

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def inserted(document: TomlDocument, where: FieldPattern, literal: str) -> str:
    """Return the text with one more key; a table that is missing is made at the end.

    Raises:
        DocumentRefused: the address goes through something that is not a table, or the edit did not
            read back.
    """
    here, parts = document.root, list(where.parts)
    while len(parts) > 1:
        found = _find(document, here, parts[0])
        if found is None:
            break
        here = found
        del parts[0]
    keys = [part[1] for part in parts if part[0] == "k"]
    if not keys or len(keys) != len(parts) or here.is_list:
        raise edits.by_hand(document, here.start)
    if here.style == "inline":
        text = _into_inline(document.text, here, keys, literal)
    elif (len(keys) == 1 and here.style != "implicit") or here.style == "dotted":
        way, home = keys, here
        while home is not here.home:
            assert home.parent is not None  # a dotted table has the table of its lines above it
            way, home = [home.key, *way], home.parent  # type: ignore[assignment]
        text = _into_lines(document, home, f"{_dotted(way)} = {literal}")
    else:
        text = _new_table(document, here, keys, literal)
    return edits.checked_insert(document, text, where, literal)


def removed(document: TomlDocument, index: int) -> str:
    """Return the text without one statement, or one member of an inline collection.

    Raises:
        DocumentRefused: it is an empty table, a comment would be lost, or the edit did not read back.
    """
    text, field = document.text, document.fields[index]
    starts = [start for start, _ in document.statements]
    which = bisect_right(starts, field.start) - 1
    if which < 0 or document.statements[which][1] < field.end:
        raise edits.by_hand(document, field.start)
    start, end = document.statements[which]
    inner = _innermost(document, field.start)
    if inner is None:
        start, end = edits.lines_around(text, start, end)
        return edits.checked_remove(document, edits.without_lines(text, start, end), index)
    members = inner.members
    place = next(n for n, member in enumerate(members) if member[0] <= field.start < member[1])
    if len(members) == 1:
        start, end = inner.start + 1, inner.end - 1
    elif place + 1 < len(members):
        start, end = members[place][0], members[place + 1][0]
    else:
        start, end = members[place - 1][1], members[place][1]
    if "#" in text[start : field.start] + text[field.end : end]:
        raise edits.by_hand(document, field.start)
    return edits.checked_remove(document, text[:start] + text[end:], index)


def _find(document: TomlDocument, here: Table, step: tuple[str, ...]) -> Table | None:
    """Return the table or list that one step of an address names, if it is there."""
    if step[0] == "k":
        return here.children.get(step[1])
    if step[0] == "n":
        return next((t for t in document.tables if t.parent is here and t.index == int(step[1])), None)
    return next((t for t in document.tables if t.parent is here and t.element() == step), None)


def _innermost(document: TomlDocument, offset: int) -> Table | None:
    """Return the innermost inline collection around an offset, other than one that starts there."""
    found = None
    for table in document.tables:
        if table.style == "inline" and table.start < offset < table.end:
            found = table  # parents come first
    return found


def _into_lines(document: TomlDocument, table: Table, line: str) -> str:
    """Put a statement behind the last one of a header's own lines, before its sub-tables."""
    text = document.text
    indent = ""
    starts = [start for start, _ in document.statements]
    last = bisect_right(starts, table.end - 1) - 1
    if last >= 0 and starts[last] >= table.start:
        begin = text.rfind("\n", 0, starts[last]) + 1
        indent = text[begin : starts[last]].removeprefix("\ufeff")
    return edits.with_line(text, table.end, indent + line)


def _into_inline(text: str, table: Table, keys: list[str], literal: str) -> str:
    pair = f"{_dotted(keys)} = {literal}"
    if not table.members:
        return text[: table.start] + "{ " + pair + " }" + text[table.end :]
    end = table.members[-1][1]
    return text[:end] + ", " + pair + text[end:]


def _new_table(document: TomlDocument, here: Table, keys: list[str], literal: str) -> str:
    """Write a header and a statement: behind the last line below the nearest array element, or at the end."""
    text, names = document.text, keys[:-1]
    below: Table | None = here
    while below is not None and below.parent is not None and not below.parent.is_list:
        names, below = [below.key, *names], below.parent  # type: ignore[assignment]
    offset = len(text)
    element = below if below is not None and below.parent is not None else None
    while below is not None and below.parent is not None:
        if not below.parent.is_list:
            names = [below.key, *names]
        below = below.parent  # type: ignore[assignment]
    if element is not None:
        offset = max(t.end for t in document.tables if t.style == "header" and _is_below(t, element))
    end = edits.line_end(text)
    gap = end if text[:offset].strip() and not text[:offset].endswith(("\n\n", "\n\r\n")) else ""
    return edits.with_line(text, offset, f"{gap}[{_dotted(names)}]{end}{_dotted(keys[-1:])} = {literal}")


def _is_below(table: Table | None, top: Table) -> bool:
    while table is not None and table is not top:
        table = table.parent  # type: ignore[assignment]
    return table is top


def _dotted(keys: list[str]) -> str:
    return ".".join(key if _BARE.fullmatch(key) else basic_string(key) for key in keys)
