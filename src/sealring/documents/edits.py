"""Insertions and removals as text, proved by reading the result.

A format guesses the place and the style of an edit; whether the guess was right is decided here, by
comparing what the new text holds with what it should hold. A wrong guess is refused, never written.

Source: spec.md 5.6.
"""

from __future__ import annotations

from sealring.errors import DocumentRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sealring.documents.base import Document, Field
    from sealring.model.field_path import FieldPattern

_Step = str | int


def by_hand(document: Document, offset: int) -> DocumentRefused:
    """Build the refusal that names the line to edit by hand."""
    line = document.line_of(offset)
    return DocumentRefused(f"no safe edit was found; edit line {line} by hand", line=line)


def line_end(text: str) -> str:
    """Return the first line end of a text; LF if it has none."""
    at = text.find("\n")
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def single_key(document: Document, where: FieldPattern) -> str:
    """Return the key of an address of one part.

    Raises:
        DocumentRefused: the address has more parts, or the key is there already.
    """
    if len(where.parts) != 1 or where.parts[0][0] != "k":
        raise DocumentRefused(f"{where} is not a place in a {document.format} file, which has no nesting")
    return where.parts[0][1]


def with_line(text: str, offset: int, line: str) -> str:
    """Put a line in at the start of a line, or at the end, where a missing final line end stays missing."""
    end = line_end(text)
    if offset == len(text) and text.removeprefix("\ufeff") and not text.endswith("\n"):
        return text + end + line
    return text[:offset] + line + end + text[offset:]


def lines_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span to whole lines, with the line end behind the last."""
    first = text.rfind("\n", 0, start) + 1
    if first == 0 and text.startswith("\ufeff"):
        first = 1
    last = text.find("\n", end)
    return first, len(text) if last < 0 else last + 1


def without_lines(text: str, start: int, end: int) -> str:
    """Take whole lines out; a missing final line end stays missing."""
    if end == len(text) and not text.endswith("\n"):
        start -= len(line_end(text)) if start > 1 else 0
    return text[:start] + text[end:]


def checked_insert(document: Document, text: str, where: FieldPattern, literal: str) -> str:
    """Return the new text if it holds the old fields and one more, at the address and as spelled.

    Raises:
        DocumentRefused: it does not.
    """
    place = _reread(document, text)
    new = [
        (index, field)
        for index, field in enumerate(place.fields)
        if field.kind in ("scalar", "empty")
        and place.slice_of(field) == literal
        and where.names(field.path, field.indices)
    ]
    if len(new) != 1:
        raise by_hand(document, len(document.text))
    expected, found = tree(document), tree(place)
    if found is None or not _pruned_equal(expected, found, steps(new[0][1])):
        raise by_hand(document, new[0][1].start)
    return text


def checked_remove(document: Document, text: str, index: int) -> str:
    """Return the new text if it holds the old fields but one.

    Raises:
        DocumentRefused: it does not.
    """
    field = document.fields[index]
    after = tree(_reread(document, text))
    if not _pruned_equal(after, tree(document), steps(field)):
        raise by_hand(document, field.start)
    return text


def steps(field: Field) -> list[_Step]:
    """Return the way to a field: keys and list positions."""
    positions = iter(field.indices)
    parts = (part for part in field.path.parts if part[0] != "d")
    return [part[1] if part[0] == "k" else next(positions) for part in parts]


def tree(document: Document) -> Any:
    """Build dicts and lists of raw slices; an empty collection is a dict or list without entries.

    Raises:
        DocumentRefused: two fields claim one place, so that no edit can be judged.
    """
    if document.duplicates:
        raise by_hand(document, 0)
    root: dict[_Step, Any] = {}
    for field in document.fields:
        here: Any = root
        way = ["", *steps(field)]
        for step in way[:-1]:
            here = here.setdefault(step, {})
            if not isinstance(here, dict):
                raise by_hand(document, field.start)
        if way[-1] in here:
            raise by_hand(document, field.start)
        here[way[-1]] = {} if field.kind == "empty" else document.slice_of(field)
    return root.get("", {})


def _reread(document: Document, text: str) -> Document:
    try:
        return type(document)(text, document.limits)
    except DocumentRefused as error:
        raise by_hand(document, len(document.text)) from error


def _pruned_equal(smaller: Any, larger: Any, way: list[_Step]) -> bool:
    """Tell whether taking one place out of the larger tree gives the smaller one.

    Collections on the way that are then empty may be there or not.
    """
    if not way or not isinstance(larger, dict) or way[0] not in larger:
        return False
    rest = {step: value for step, value in larger.items() if step != way[0]}
    if isinstance(way[0], int):
        rest = {s - (s > way[0]) if isinstance(s, int) else s: v for s, v in rest.items()}
    if len(way) == 1:
        return bool(smaller == rest)
    if smaller == rest and _only(larger[way[0]], way[1:]):
        return True
    if not isinstance(smaller, dict) or way[0] not in smaller:
        return False
    others = {step: value for step, value in smaller.items() if step != way[0]}
    same = {step: value for step, value in larger.items() if step != way[0]}
    return others == same and _pruned_equal(smaller[way[0]], larger[way[0]], way[1:])


def _only(node: Any, way: list[_Step]) -> bool:
    """Tell whether a tree holds nothing but one place."""
    while way:
        if not isinstance(node, dict) or list(node) != way[:1]:
            return False
        node, way = node[way[0]], way[1:]
    return True
