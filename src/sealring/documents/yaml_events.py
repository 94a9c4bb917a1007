"""YAML text as a flat list of events, each with the exact span of what it says.

libyaml (through PyYAML's C parser; the pure Python one where that is missing) says what a text
means and roughly where; this module makes the places exact, and hides from the parser what YAML 1.1
reads otherwise than YAML 1.2 and JSON: U+0085, U+2028 and U+2029, which are line ends to it, and
surrogate pairs in escapes, which are an error to it. Both are replaced by private characters of the
same length in the parser's copy, so that offsets stay right, and put back into what it returns.

PyYAML imports `re` itself, so regular expressions cost nothing more here.

Source: spec.md 5.5.
"""

from __future__ import annotations

import re

import yaml

from sealring.errors import DocumentRefused, LimitExceeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sealring.documents.base import Limits

LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

SCALAR, ALIAS, MAP, SEQ, END, DOC, DOC_END = range(7)

_SPACE = r"(?:[ \t]|\r\n?|\n|(?<=[ \t\r\n])#[^\r\n]*)*"
_PROPERTY = re.compile(rf"(&[0-9A-Za-z_-]+|!<[^>\s]*>|![^\s,\[\]{{}}]*){_SPACE}")
_COLON = re.compile(rf"{_SPACE}:")
_PAIR = (  # as the next three seldom needed, so not compiled at start
    r"(?<!\\)((?:\\\\)*)\\(u[dD][89abAB][0-9a-fA-F]{2})\\(u[dD][c-fC-F][0-9a-fA-F]{2})"
)
_HALF_PAIR = "[\ud800-\udfff]"
_BREAKS = "\x85\u2028\u2029"
_UNPRINTABLE = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_TEMPLATE = r"(?m)^[^\"'#\n]*\{\{"


class Events:
    """The events of one text, in parallel lists.

    infos: what the event says, without its place, so that the infos of two texts can be compared:
        (SCALAR, content, is_plain, tag, anchor), (ALIAS, name), (MAP or SEQ, is_flow, tag, anchor),
        (END,), (DOC, is_explicit, version, tag handles), (DOC_END, is_explicit);
        tags and anchors as they are written.
    starts, ends: offsets; of scalars without tag and anchor, and without the line ends behind a
        block scalar; `ends` of a collection's start lies at its first entry, or behind its bracket.
    raw_starts: where the tag or anchor of an event starts, if it has one.
    tags: the full tags of events that have one.
    columns: of block collections, the column that their entries stand at.
    close: the END of each collection's start. targets: the event that each alias names.
    """

    __slots__ = ("close", "columns", "ends", "infos", "raw_starts", "starts", "tags", "targets", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.infos: list[tuple[Any, ...]] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.raw_starts: dict[int, int] = {}
        self.tags: dict[int, str] = {}
        self.columns: dict[int, int] = {}
        self.close: dict[int, int] = {}
        self.targets: dict[int, int] = {}

    def children(self, i: int) -> list[int]:
        """Return the nodes right below a collection; those of mappings are key, value, key, value."""
        found, at, end, close = [], i + 1, self.close[i], self.close
        while at < end:
            found.append(at)
            at = close.get(at, at) + 1
        return found

    def raw_start(self, i: int) -> int:
        """Return where a node starts with its tag and anchor."""
        return self.raw_starts.get(i, self.starts[i])

    def end_of(self, i: int) -> int:
        """Return where the last character of a node ends, without comments behind it."""
        while i in self.close and not self.infos[i][1]:
            i = self.children(i)[-1]
        return self.ends[self.close.get(i, i)]

    def resolved(self, i: int) -> int:
        """Return a node itself, or what it is an alias for."""
        return self.targets.get(i, i)

    def line(self, i: int) -> int:
        """Return the line of an event, from 1."""
        return self.text.count("\n", 0, self.starts[i]) + 1


def read_events(text: str, limits: Limits) -> Events:
    """Parse a text.

    Raises:
        DocumentRefused: it is not YAML, or a place in it cannot be delimited safely.
        LimitExceeded: too deep, or too many scalars.
    """
    has_mark = text.startswith("\ufeff")
    body = text[1:] if has_mark else text
    if body.startswith("\ufeff"):
        raise DocumentRefused("the file starts with two byte order marks", line=1)
    copy, repair = _parser_copy(body)
    events = Events(body)
    try:
        _collect(events, LOADER(copy), repair, limits)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise _refusal(error, body) from None
    if has_mark:  # libyaml does not count it either, so it is cut off and added again here
        events.text = text
        events.starts = [start + 1 for start in events.starts]
        events.ends = [end + 1 for end in events.ends]
        events.raw_starts = {i: start + 1 for i, start in events.raw_starts.items()}
    return events


def _collect(events: Events, loader: Any, repair: Callable[[str, str], str] | None, limits: Limits) -> None:
    text, infos, starts, ends = events.text, events.infos, events.starts, events.ends
    next_event = loader.get_event
    opened: list[int] = []
    anchors: dict[str, int] = {}
    scalars = 0
    scalar_event, mapping_start = yaml.ScalarEvent, yaml.MappingStartEvent
    sequence_start = yaml.SequenceStartEvent
    while True:
        event = next_event()
        kind = type(event)
        start, end = event.start_mark.index, event.end_mark.index
        if kind is scalar_event:
            content, style = event.value, event.style
            anchor = tag = ""
            if event.anchor is not None or event.tag is not None:
                anchor, tag, inside = _properties(events, event, anchors)
                start = inside if style or content else end
            if not style:
                if not content:
                    start = end = _bare_place(events, end, opened)
            elif style in "|>":
                end = _block_end(text, start, end)
            if repair is not None:
                content = repair(content, style)
            infos.append((SCALAR, content, not style, tag, anchor))
            scalars += 1
            if scalars > limits.fields:
                raise LimitExceeded(f"the file has more than {limits.fields:,} values")
        elif kind is mapping_start or kind is sequence_start:
            i = len(infos)
            opened.append(i)
            if len(opened) > limits.depth:
                deep = f"mappings and lists are nested deeper than {limits.depth}"
                raise LimitExceeded(deep, line=event.start_mark.line + 1)
            anchor = tag = ""
            if event.anchor is not None or event.tag is not None:
                anchor, tag, start = _properties(events, event, anchors)
            if not event.flow_style:
                is_indentless = kind is sequence_start and text[end : end + 1] != "-"
                events.columns[i] = event.end_mark.column - is_indentless
            infos.append((MAP if kind is mapping_start else SEQ, bool(event.flow_style), tag, anchor))
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            events.close[opened.pop()] = len(infos)
            infos.append((END,))
        elif kind is yaml.AliasEvent:
            events.targets[len(infos)] = _target(events, event, anchors)
            infos.append((ALIAS, event.anchor))
        elif kind is yaml.DocumentStartEvent:
            anchors.clear()
            handles = tuple(sorted(event.tags.items())) if event.tags else ()
            infos.append((DOC, event.explicit, event.version, handles))
        elif kind is yaml.DocumentEndEvent:
            infos.append((DOC_END, event.explicit))
        elif kind is yaml.StreamEndEvent:
            return
        else:
            continue  # the start of the stream
        starts.append(start)
        ends.append(end)


def _properties(events: Events, event: Any, anchors: dict[str, int]) -> tuple[str, str, int]:
    """Return anchor and tag as written, and where the node itself starts; note them.

    The parser gives the place of the first property only, and the tag in its full form.
    """
    text, start = events.text, event.start_mark.index
    i = len(events.infos)
    events.raw_starts[i] = start
    anchor = tag = ""
    at = start
    while (match := _PROPERTY.match(text, at)) is not None:
        found = match.group(1)
        if found[0] == "&" and not anchor:
            anchor = found[1:]
        elif found[0] == "!" and not tag:
            tag = found
        else:
            break  # no value starts with these: the check below refuses
        at = match.end()
        if at == match.end(1):
            break
    is_whole = (event.anchor or "") == anchor and (event.tag is not None) == bool(tag)
    is_delimited = at >= event.end_mark.index or text[at - 1] in " \t\r\n"
    is_empty_flow = text[at : at + 1] in (",", "]", "}") and event.end_mark.index <= at
    if not is_whole or not (is_delimited or is_empty_flow):
        raise DocumentRefused(
            "a tag or an anchor here has a form that is not known", line=event.start_mark.line + 1
        )
    if event.tag is not None:
        events.tags[i] = event.tag
    if anchor:
        anchors[anchor] = i
    return anchor, tag, at


def _target(events: Events, event: Any, anchors: dict[str, int]) -> int:
    line = event.start_mark.line + 1
    target = anchors.get(event.anchor)
    if target is None:
        raise DocumentRefused("an alias names an anchor that is not there", line=line)
    if events.infos[target][0] != SCALAR and target not in events.close:
        raise DocumentRefused("an alias stands inside of the collection that it names", line=line)
    return target


def _bare_place(events: Events, at: int, opened: list[int]) -> int:
    """Return the place behind the colon of a value that is not there.

    In flow style the parser gives the next token instead, which may be lines further down.
    """
    if opened and events.infos[opened[-1]][:2] == (MAP, True) and len(events.infos) not in events.raw_starts:
        colon = _COLON.match(events.text, events.ends[-1])
        if colon is not None and colon.end() <= at:
            return colon.end()
    return at


def _block_end(text: str, start: int, end: int) -> int:
    """Return the end of a block scalar: the parser's is behind all blank lines that follow.

    With the keep indicator blank lines belong to the value, and one line end stays outside.
    """
    if "+" not in text[start + 1 : start + 3]:
        while text[end - 1] in "\r\n":
            end -= 1
        return end
    end -= text[end - 1] == "\n"
    return end - (text[end - 1] == "\r")


def _parser_copy(text: str) -> tuple[str, Callable[[str, str], str] | None]:
    """Return what the parser reads, and what repairs a content that it returns."""
    has_breaks = not text.isascii() and any(each in text for each in _BREAKS)
    has_pairs = "\\ud" in text or "\\uD" in text
    if not has_breaks and not has_pairs:
        return text, None
    used = set(text)
    spare = [each for each in map(chr, range(0xE000, 0xF900)) if each not in used][:4]
    if len(spare) < 4:
        raise DocumentRefused("the file uses every private character of Unicode")
    mark = spare[3]
    copy = text.translate({ord(old): new for old, new in zip(_BREAKS, spare, strict=False)})
    back = {ord(new): old for old, new in zip(_BREAKS, spare, strict=False)}
    copy = re.sub(_PAIR, rf"\1{mark}\2{mark}\3", copy)
    back[ord(mark)] = "\\"
    pair = re.compile(f"{mark}u(.{{4}}){mark}u(.{{4}})")

    def joined(match: re.Match[str]) -> str:
        high, low = (int(digits, 16) for digits in match.groups())
        return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)

    def repair(content: str, style: str) -> str:
        if style == '"':
            content = pair.sub(joined, content)
            if re.search(_HALF_PAIR, content) is not None:  # the pure parser lets these through
                raise ValueError("half a surrogate pair")
        return content.translate(back)

    return copy, repair


def _refusal(error: Exception, text: str) -> DocumentRefused:
    """Say where a text does not parse, without any of the text."""
    is_template = re.search(_TEMPLATE, text) is not None
    hints = ["templates with `{{ }}` are not YAML: seal the file of values instead"] if is_template else []
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None)
    if isinstance(error, yaml.reader.ReaderError):
        found = re.search(_UNPRINTABLE, text)
        line = text.count("\n", 0, found.start()) + 1 if found else None
        return DocumentRefused("the file holds a character that YAML does not allow", line=line)
    if problem and LOADER is yaml.BaseLoader:
        problem = problem.partition("'")[0].strip()  # the pure parser quotes what it found
    line = mark.line + 1 if mark is not None else None
    if problem and "nesting depth" in problem:  # libyaml has a limit of its own, and reads ahead
        return LimitExceeded("mappings and lists are nested too deep", line=line)
    what = f"the file is not YAML: {problem}" if problem else "the file is not YAML"
    return DocumentRefused(what, line=line, hints=hints)
