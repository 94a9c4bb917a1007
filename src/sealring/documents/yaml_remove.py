"""Entries taken out of a YAML text, with their lines.

Source: spec.md 5.6.
"""

from __future__ import annotations

import re

from sealring.documents.yaml_aliases import label_part
from sealring.documents.yaml_edit import (
    REST_OF_LINE,
    by_hand,
    entry_start,
    entry_width,
    line_start,
    reparsed,
    with_line_break_before,
)
from sealring.documents.yaml_events import MAP, SCALAR, SEQ
from sealring.documents.yaml_slices import LINE_BREAK, spliced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.documents.yaml import YamlDocument
    from sealring.documents.yaml_fields import Frame
    from sealring.documents.yaml_slices import Edit

_PROPERTIES = re.compile(r"[&!][^ \t\r\n]*(?:[ \t]+[&!][^ \t\r\n]*)*")


def removed(document: YamlDocument, index: int) -> str:
    """Return the text without one field and its key.

    Raises:
        DocumentRefused: an alias of a collection or a merge brings the field, or no safe edit was found.
    """
    field, leaf = document.fields[index], document.built.events_of[index]
    node = leaf
    events, frame = document.events, document.built.frames_of[index]
    place = field.place or "the value of the document"
    line = document.line_of(field.start)
    if field.kind == "alias":
        node = next(i for i in events.targets if events.starts[i] == field.start)
    parent = frame.event
    is_entry = events.infos[parent][0] in (MAP, SEQ) and node in events.children(parent)
    if not is_entry or field.kind == "merge" or events.resolved(node) != leaf:
        raise by_hand(f"{place} does not stand here on its own", line)
    if field.kind == "scalar" and _is_label(document, frame, node):
        raise by_hand(f"{place} names its element, so the paths of other fields hold it", line)
    for edits in _removals(document, parent, node):
        text = spliced(document.text, edits)
        if _is_removed(document, text, index, parent, node):
            return text
    raise by_hand(f"no safe edit was found to remove {place}", line)


def _is_label(document: YamlDocument, frame: Frame, node: int) -> bool:
    """Tell whether other fields have a scalar in their path."""
    children = document.events.children(frame.event)
    if frame.kind != MAP or frame.parent is None or frame.parent.kind != SEQ or len(children) == 2:
        return False
    key, said = (document.events.infos[i][1] for i in (node - 1, node))
    return label_part(frame.noted)[1:] == (key, said)


def _removals(document: YamlDocument, parent: int, node: int) -> Iterator[list[Edit]]:
    events, text = document.events, document.text
    children = events.children(parent)
    width = entry_width(events, parent)
    at = children.index(node) // width * width
    start, end = entry_start(events, parent, children[at]), events.end_of(node)
    following = children[at + width] if at + width < len(children) else None
    empty = "{}" if width == 2 else "[]"
    if events.infos[parent][1]:
        opening, closing = events.ends[parent], events.ends[events.close[parent]] - 1
        if len(children) == width:
            yield [(opening, closing, "")]
        elif following is not None:
            yield [(start, events.raw_start(following), "")]
        else:
            yield [(events.end_of(children[at - 1]), end, "")]
        return
    first = line_start(text, start)
    rest = REST_OF_LINE.match(text, end)
    if rest is None:
        return
    line_break = LINE_BREAK.match(text, rest.end())
    next_line = line_break.end() if line_break is not None else len(text)
    if len(children) == width:
        yield from _emptied(document, parent, start, (first, next_line), empty)
    elif not text[first:start].strip(" \t"):
        if line_break is None:  # what is the last line then has no end either
            first = with_line_break_before(text, first)
        yield [(first, next_line, "")]
    elif following is not None:
        next_start = entry_start(events, parent, following)
        if "#" not in text[rest.end() : next_start]:
            yield [(start, next_start, "")]
        yield [(start, rest.end(), "")]


def _emptied(
    document: YamlDocument, parent: int, start: int, lines: tuple[int, int], empty: str
) -> Iterator[list[Edit]]:
    """Give edits for the only entry of a block: the key above it gets empty brackets."""
    events, text = document.events, document.text
    first, next_line = lines
    key = parent - 1
    if events.infos[key][0] == SCALAR and not text[first:start].strip(" "):
        at = events.ends[key]
        if parent in events.raw_starts:  # brackets go behind the tag and anchor
            at = _PROPERTIES.match(text, events.raw_starts[parent]).end()  # type: ignore[union-attr]
            yield [(at, at, " " + empty), (_cut(text, first, next_line), next_line, "")]
        else:
            colon = text.find(":", at, first)
            if colon >= 0:
                yield [(colon + 1, colon + 1, " " + empty), (_cut(text, first, next_line), next_line, "")]
    end = next_line
    while end > start and text[end - 1] in "\r\n":
        end -= 1
    yield [(start, end, empty)]


def _cut(text: str, first: int, next_line: int) -> int:
    """Return where to cut whole lines from, so that a file without a last line end keeps none."""
    is_last = next_line == len(text) and text[-1] not in "\r\n"
    return with_line_break_before(text, first) if is_last else first


def _is_removed(document: YamlDocument, text: str, index: int, parent: int, node: int) -> bool:
    """Tell whether only the named field is gone, or left an empty collection."""
    result = reparsed(document, text)
    if result is None:
        return False
    events = document.events
    width = entry_width(events, parent)
    infos = list(events.infos)
    is_last = len(events.children(parent)) == width
    infos[node - width + 1 : node + 1] = []
    if events.infos[node][0] in (MAP, SEQ):  # an empty collection has an end too
        infos[node - width + 1 : node - width + 2] = []
    if is_last:
        infos[parent] = (infos[parent][0], True, *infos[parent][2:])
    if infos != result.events.infos:
        return False
    old, new = _paths(document), _paths(result)
    if is_last:
        return old[:index] + old[index + 1 :] == new[:index] + new[index + 1 :]
    gone = old[index]
    del old[index]
    return _renumbered(old, gone) == _renumbered(new, gone)


def _paths(document: YamlDocument) -> list[tuple[object, tuple[int, ...]]]:
    return [(field.path.parts, field.indices) for field in document.fields]


def _renumbered(
    paths: list[tuple[object, tuple[int, ...]]], gone: tuple[object, tuple[int, ...]]
) -> list[tuple[object, tuple[int, ...]]]:
    """Leave out the list positions, which change behind a removed element."""
    return [(parts, ()) for parts, _ in paths] if gone[1] else paths
