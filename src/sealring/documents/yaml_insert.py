"""New fields in a YAML text, in the style of what stands around them.

Source: spec.md 5.6.
"""

from __future__ import annotations

import re

from sealring.documents.yaml_aliases import Expander
from sealring.documents.yaml_edit import (
    NULLS,
    REST_OF_LINE,
    by_hand,
    common,
    entry_start,
    entry_width,
    line_start,
    reparsed,
)
from sealring.documents.yaml_events import DOC, MAP, SCALAR, SEQ
from sealring.documents.yaml_slices import LINE_BREAK, read_slice, spliced
from sealring.documents.yaml_style import Style
from sealring.errors import DocumentRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sealring.documents.base import Field
    from sealring.documents.yaml import YamlDocument
    from sealring.documents.yaml_events import Events
    from sealring.documents.yaml_slices import Edit
    from sealring.model.field_path import FieldPattern, Part

_COMMA = re.compile(r"[ \t\r\n]*,")


def inserted(document: YamlDocument, where: FieldPattern, literal: str) -> str:
    """Return the text with a new field.

    Raises:
        DocumentRefused: the place is taken, is not named clearly, or no safe edit was found.
    """
    if where.has_wildcard or not where.parts:
        raise DocumentRefused("a new field needs an address without wildcards")
    writer = _Writer(document, literal)
    node, missing = writer.find(where)
    if missing and len(missing[-1]) == 3:
        raise DocumentRefused(f"{where} names a list element: name a key in it too")
    for edits in writer.candidates(node, missing):
        text = spliced(document.text, edits)
        if edits and _is_inserted(document, text, where, literal):
            return text
    raise writer.refused("no safe place was found for the new field", node)


class _Writer:
    """Finds the place of a new field, and spells it there."""

    def __init__(self, document: YamlDocument, literal: str) -> None:
        self.document = document
        self.events: Events = document.events
        self.text = document.text
        self.expander = Expander(self.events, document.limits)
        self.style = Style(self.events, literal)

    def refused(self, what: str, node: int | None) -> DocumentRefused:
        """Build a refusal with the line of a node."""
        return by_hand(what, self.events.line(node) if node is not None else 1)

    # The place

    def find(self, where: FieldPattern) -> tuple[int | None, tuple[Part, ...]]:
        """Return the deepest node that is there, and the parts that are missing below it.

        None stands for a stream without any document.
        """
        parts = where.parts
        node = self._root(parts)
        if parts[0][0] == "d":
            parts = parts[1:]
        if node is None:
            return None, parts
        for at, part in enumerate(parts):
            child = self._child(node, part)
            if child is None:
                return node, parts[at:]
            node = child
        raise self.refused(f"{where} is there already", node)

    def _root(self, parts: tuple[Part, ...]) -> int | None:
        documents = self.document.built.documents
        if parts[0][0] == "d":
            named = [each for each in documents if each.parts and _is_named(parts[0], each.parts[0])]
            if len(named) != 1:
                raise DocumentRefused(f"{len(named)} documents of the file have this name")
            return named[0].event + 1
        full = [each for each in documents if not self._is_empty(each.event + 1)]
        if len(full) > 1:
            raise DocumentRefused(
                "the file holds several documents",
                hints=["name one by its kind and name: <kind/name>.key"],
            )
        chosen = full or documents
        return chosen[0].event + 1 if chosen else None

    def _is_empty(self, node: int) -> bool:
        info = self.events.infos[node]
        return info[0] == SCALAR and info[2] and not info[1] and node not in self.events.raw_starts

    def _child(self, node: int, part: Part) -> int | None:
        """Return the node at a part below, or None if something can be put there."""
        code = self.events.infos[node][0]
        if code == MAP:
            if part[0] != "k":
                raise self.refused("a mapping stands where a list was named", node)
            for key, value in self.expander.pairs(node):
                info = self.events.infos[key]
                if info[0] == SCALAR and info[1] == part[1]:
                    return value
            return None
        if code == SEQ:
            return self._element(node, part)
        info = self.events.infos[node]
        if code == SCALAR and info[2] and info[1] in NULLS:
            return None
        raise self.refused("a value or an alias stands where a mapping was named", node)

    def _element(self, node: int, part: Part) -> int | None:
        children = self.events.children(node)
        if part[0] == "k":
            raise self.refused("a list stands where a mapping was named: name the element", node)
        if part[0] == "n":
            index = int(part[1])
            if index > len(children):
                raise self.refused(f"the list has {len(children)} elements", node)
            return children[index] if index < len(children) else None
        if len(part) == 1:
            return None
        named = [child for child in children if self.expander.label(child) == part]
        if len(named) > 1:
            raise self.refused("two elements of the list have this name", node)
        return named[0] if named else None

    # The text

    def candidates(self, node: int | None, missing: tuple[Part, ...]) -> Iterator[list[Edit]]:
        """Give edits that may do, the most natural one first."""
        events = self.events
        if node is None or (self._is_empty(node) and events.infos[node - 1][0] == DOC):
            at = len(self.text) if node is None else events.ends[node - 1]
            yield [self._below_line(at, self.style.block(missing, 0))]
            return
        info = events.infos[node]
        if info[0] == SCALAR:
            yield from self._in_null(node, missing)
        elif info[1]:
            yield self._in_flow(node, missing)
        else:
            lines = self.style.block(missing, events.columns[node])
            yield [self._below_line(events.end_of(node), lines)]
            last = events.children(node)[-entry_width(events, node)]
            start = line_start(self.text, entry_start(events, node, last))
            if start > events.starts[node]:  # a block scalar without a line end must stay the last
                yield [(start, start, "".join(line + self.style.line_end for line in lines))]

    def _in_null(self, node: int, missing: tuple[Part, ...]) -> Iterator[list[Edit]]:
        events, text = self.events, self.text
        start, end = events.starts[node], events.ends[node]
        parent = node - 1
        while events.infos[parent][0] != DOC and events.close.get(parent, -1) < node:
            parent -= 1
        if parent in events.columns:
            is_list = missing[0][0] != "k"
            column = events.columns[parent] + (self.style.list_step if is_list else self.style.step)
            blank = start - (text[start - 1 : start] == " " and end > start)
            at, _, new = self._below_line(end, self.style.block(missing, column))
            yield [(blank, end, ""), (at, at, new)]
        elif parent in events.close:
            yield [(start, end, (" " if start == end else "") + self.style.flow(missing, False))]

    def _in_flow(self, node: int, missing: tuple[Part, ...]) -> list[Edit]:
        events, text = self.events, self.text
        children = events.children(node)
        opening, closing = events.ends[node], events.ends[events.close[node]] - 1
        entry = self.style.flow(
            missing, self._is_json_like(children) if events.infos[node][0] == MAP else False
        )
        entry = entry[1:-1]
        if not children:
            return [(opening, closing, entry)] if not text[opening:closing].strip() else []
        end = events.end_of(children[-1])
        comma = _COMMA.match(text, end)
        at = end if comma is None else comma.end()
        last = events.raw_start(children[-entry_width(events, node)])
        indent = text[line_start(text, last) : last]
        if not indent.strip() and LINE_BREAK.search(text, opening, last) is not None:
            new = self.style.line_end + indent + entry  # each entry has its line
            rest = REST_OF_LINE.match(text, at)
            at = rest.end() if rest is not None else at
        else:
            new = " " + entry
        if comma is not None:
            return [(at, at, new + ",")]
        is_bare = end == events.starts[children[-1]]  # `key:,` is no YAML to some parsers
        return [(end, end, " ," if is_bare else ","), (at, at, new)]

    def _is_json_like(self, children: list[int]) -> bool:
        return bool(children) and self.text[self.events.starts[children[-2]]] == '"'

    def _below_line(self, at: int, lines: list[str]) -> Edit:
        """Put lines below the line of an offset; one without an end keeps the file without one."""
        match = LINE_BREAK.search(self.text, at)
        joined = self.style.line_end.join(lines)
        if match is not None:
            return match.start(), match.start(), self.style.line_end + joined
        end = len(self.text)
        is_fresh = end == 0 or self.text[-1] in "\r\n\ufeff"
        return end, end, joined + self.style.line_end if is_fresh else self.style.line_end + joined


def _is_named(wanted: Part, part: Part) -> bool:
    return wanted == part or (len(wanted) == 3 and wanted[1] == part[1] and wanted[2] == part[3])


def _is_inserted(document: YamlDocument, text: str, where: FieldPattern, literal: str) -> bool:
    """Tell whether only the named field was added, and says what the literal says.

    Events may be added at one place only; a null or an empty collection there may give way.
    """
    result = reparsed(document, text)
    if result is None:
        return False
    old_infos, new_infos = document.events.infos, result.events.infos
    head, tail = common(old_infos, new_infos)
    gone = old_infos[head : len(old_infos) - tail]
    if len(gone) > 1 or any(info[0] != SCALAR or not info[2] or info[1] not in NULLS for info in gone):
        return False
    if [each.path for each in document.duplicates] != [each.path for each in result.duplicates]:
        return False
    old, new = _shapes(document), _shapes(result)
    head, tail = common(old, new)
    left = document.fields[head : len(old) - tail]
    if len(left) > 1 or (left and left[0].kind != "empty" and not gone):
        return False
    added = result.fields[head : len(new) - tail]
    if not added or not where.names(added[-1].path, added[-1].indices):
        return False
    meant = read_slice(literal.strip(" "), 0, document.limits)
    if result.reading(len(new) - tail - 1) != meant:
        return False
    return all(_is_label(field, where) for field in added[:-1])


def _shapes(document: YamlDocument) -> list[tuple[object, ...]]:
    """Return what each field is and says, without its place in the text."""
    return [
        (field.path.parts, field.indices, field.kind, document.events.infos[event])
        for field, event in zip(document.fields, document.built.events_of, strict=True)
    ]


def _is_label(field: Field, where: FieldPattern) -> bool:
    """Tell whether a field is the label of a new element on the way to the new field."""
    parts = field.path.parts
    return any(len(part) == 3 and part in parts and parts[-1] == ("k", part[1]) for part in where.parts)
