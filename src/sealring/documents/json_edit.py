"""Members of JSON objects put in and taken out, in the style of their siblings.

Source: spec.md 5.6.
"""

from __future__ import annotations

import json
import re

from sealring.documents import edits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealring.documents.spans import SpanDocument
    from sealring.model.field_path import FieldPattern, Part

_WS = re.compile(r"[ \t\n\r]*+")
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)  # numbers keep their spelling
_DEFAULT_INDENT = "  "

_Member = tuple[int, int, int, int, str]
"""Start and end of the key, start and end of the value, the key; a list's elements have no key."""


def inserted(document: SpanDocument, where: FieldPattern, literal: str) -> str:
    """Return the text with one more member; objects on the way are made.

    Raises:
        DocumentRefused: the address goes through something that is not an object or a known element,
            or the edit did not read back.
    """
    text = document.text
    at = _space(text, 1 if text.startswith("\ufeff") else 0)
    parts = list(where.parts)
    if parts and parts[0][0] == "d":
        del parts[0]  # the check at the end finds another document's name
    while parts:
        step = parts[0]
        found = _find(text, at, step)
        if found is None:
            break
        at = found[2]
        del parts[0]
    keys = [part[1] for part in parts if part[0] == "k"]
    if not keys or len(keys) != len(parts) or text[at] != "{":
        raise edits.by_hand(document, at)
    return edits.checked_insert(document, _with_member(text, at, keys, literal), where, literal)


def removed(document: SpanDocument, index: int) -> str:
    """Return the text without one member or element, and without the comma that it needed.

    Raises:
        DocumentRefused: it is the whole document, or the edit did not read back.
    """
    text, field = document.text, document.fields[index]
    at = _space(text, 1 if text.startswith("\ufeff") else 0)
    members: Sequence[_Member] = ()
    while text[at] in "{[" and at != field.start:
        members = _members(text, at)
        at = next(start for _, _, start, end, _ in members if start <= field.start < end)
    if not members:
        raise edits.by_hand(document, field.start)
    which = next(n for n, member in enumerate(members) if member[2] == field.start)
    if which + 1 < len(members):
        start, end = members[which][0], members[which + 1][0]
    elif which:
        start, end = members[which - 1][3], members[which][3]
    else:
        start = _behind_open(text, members[0][0])
        end = _space(text, members[0][3])
    return edits.checked_remove(document, text[:start] + text[end:], index)


def _space(text: str, at: int) -> int:
    found = _WS.match(text, at)
    return found.end() if found else at


def _behind_open(text: str, at: int) -> int:
    """Return the offset behind the bracket whose first member starts here."""
    while text[at - 1] in " \t\r\n":
        at -= 1
    return at


def _members(text: str, start: int) -> list[_Member]:
    """Return the members of an object or the elements of a list; the text is known to be valid."""
    found: list[_Member] = []
    is_object = text[start] == "{"
    at = _space(text, start + 1)
    while text[at] not in "}]":
        first, key, end = at, "", at
        if is_object:
            key, end = _DECODER.raw_decode(text, at)
            at = _space(text, _space(text, end) + 1)
        _, behind = _DECODER.raw_decode(text, at)
        found.append((first, end, at, behind, key))
        at = _space(text, behind)
        if text[at] == ",":
            at = _space(text, at + 1)
    return found


def _find(text: str, at: int, step: Part) -> _Member | None:
    """Return the member or element that one step of an address names."""
    if text[at] == "{" and step[0] == "k":
        return next((member for member in _members(text, at) if member[4] == step[1]), None)
    if text[at] != "[" or step[0] not in "in":
        return None
    for position, member in enumerate(_members(text, at)):
        if step[0] == "n":
            if position == int(step[1]):
                return member
        elif len(step) == 3 and text[member[2]] == "{":
            value, _ = _DECODER.raw_decode(text, member[2])
            if value.get(step[1]) == step[2]:
                return member
    return None


def _with_member(text: str, at: int, keys: list[str], literal: str) -> str:
    """Put a member at the end of the object that starts here."""
    members = _members(text, at)
    if not members:
        end = _space(text, at + 1)
        indent = _indent(text, at) if "\n" in text or at == len(text.rstrip()) - 2 else None
        body = _object(text, keys, literal, indent, _colon(text))
        return text[:at] + body + text[end + 1 :]
    last = members[-1]
    colon = text[last[1] : last[2]]
    before = members[-2][3] if len(members) > 1 else at
    lead = text[text.index("," if len(members) > 1 else "{", before) + 1 : last[0]]
    if not lead and colon[-1:] == " ":
        lead = " "
    indent = lead.rsplit("\n", 1)[1] if "\n" in lead else None
    value = _object(text, keys[1:], literal, indent, colon)
    return text[: last[3]] + "," + lead + _key(keys[0]) + colon + value + text[last[3] :]


def _object(text: str, keys: list[str], literal: str, indent: str | None, colon: str) -> str:
    """Spell nested objects down to a value; on one line if indent is None."""
    if not keys:
        return literal
    if indent is None:
        return "{" + _key(keys[0]) + colon + _object(text, keys[1:], literal, None, colon) + "}"
    end, inner = edits.line_end(text), indent + _unit(text)
    value = _object(text, keys[1:], literal, inner, colon)
    return "{" + end + inner + _key(keys[0]) + colon + value + end + indent + "}"


def _key(key: str) -> str:
    return json.dumps(key, ensure_ascii=False)


def _colon(text: str) -> str:
    """Return the colon with its blanks as the first member of the file has it."""
    at = _space(text, 1 if text.startswith("\ufeff") else 0)
    members = _members(text, at) if text[at] == "{" else []
    return text[members[0][1] : members[0][2]] if members else ": "


def _indent(text: str, at: int) -> str:
    """Return the blanks that the line of an offset starts with."""
    start = text.rfind("\n", 0, at) + 1
    line = text[start:at].removeprefix("\ufeff")
    return line[: len(line) - len(line.lstrip(" \t"))]


def _unit(text: str) -> str:
    """Return one step of indentation as this file has it."""
    found = re.search(r"\n([ \t]++)", text)
    return found.group(1) if found else _DEFAULT_INDENT
