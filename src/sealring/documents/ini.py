"""INI files, as Python's configparser reads them; systemd units and simple git configurations too.

- `[section]`, then `key = value` or `key: value`; keys may stand before the first section
- a line that starts with `#` or `;` is a comment. There are no comments behind a value: what follows a
  blank and `#` is a part of the value for some readers, so it is sealed with it
- a line that is indented deeper than its key continues the value; empty lines and comment lines between
  belong to it. A last line's trailing blanks do not
- a line without delimiter holds no value and stays as it is
- a value that ends in a backslash before a line that is neither indented nor `key = value` is refused:
  systemd would continue it there

Continuation lines move with the line of their key when that was indented otherwise while sealed.

Source: Python configparser; systemd.syntax(7); spec.md 5.
"""

from __future__ import annotations

import re

from sealring.documents import edits
from sealring.documents.spans import SpanDocument, duplicate, lines_of, make_field, plain_text, token_of
from sealring.errors import DocumentRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sealring.documents.base import Field, Limits
    from sealring.documents.payload import Payload
    from sealring.model.field_path import FieldPattern, Part

# `re` comes with this module only: one match per line is ten times faster than a loop over characters.
BLANKS = " \t\f\v"
_LINE = re.compile(r"([ \t\f\v]*+)([^\n]*+)(?:\n|\Z)")
_SECTION = re.compile(r"\[([^\]\n]++)\][ \t\f\v]*+(?:[#;].*+)?")
_DELIMITER = re.compile("[=:]")
_NAMED = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*+[ \t]*+[=:]")
_CONTINUED = "    "


def parse(text: str, limits: Limits) -> IniDocument:
    """Parse an INI file.

    Raises:
        DocumentRefused: a broken section header, a missing key, or a line that readers differ on.
        LimitExceeded: too many fields.
    """
    return IniDocument(text, limits)


class IniDocument(SpanDocument):
    """One INI file. Every value is a text; paths are section and key, or the key alone."""

    format = "ini"

    def content(self, field: Field) -> str:
        """Return the lines of a value as configparser joins them."""
        return _content(self.slice_of(field))

    def is_plain(self, field: Field) -> bool:
        """Tell that no value has quotes: readers keep them as characters."""
        return True

    def value(self, field: Field) -> str:
        """Return the text of a value; nothing is interpolated."""
        return _content(self.slice_of(field))

    def data(self) -> dict[str, Any]:
        """Return sections as dicts of texts, keys before any section beside them."""
        out: dict[str, Any] = {}
        for field in self.fields:
            names = [part[1] for part in field.path.parts]
            if field.kind == "empty":
                out.setdefault(names[0], {})
                continue
            here = out
            for name in names[:-1]:
                inner = here.get(name)
                here[name] = here = inner if isinstance(inner, dict) else {}
            here[names[-1]] = self.value(field)
        return out

    def literal(self, value: str | int | float | bool | None, at: Field | None) -> str:
        """Spell a text; further lines are indented below the key."""
        text = plain_text(value)
        indent = _CONTINUED if at is None else self._indents[at.start] + _CONTINUED
        spelled = text.replace("\n", "\n" + indent)
        if "\r" in text or not self._check_slice(spelled) or _content(spelled) != text:
            raise DocumentRefused("an INI file cannot hold this value")
        return spelled.replace("\n", edits.line_end(self.text))

    def inserted(self, where: FieldPattern, literal: str) -> str:
        """Return the text with a new field, in the style of its siblings; proved by reading it."""
        from sealring.documents import ini_edit

        return ini_edit.inserted(self, where, literal)

    def removed(self, index: int) -> str:
        """Return the text without one field and its key; proved by reading it."""
        field = self.fields[index]
        if field.kind != "scalar":
            raise edits.by_hand(self, field.start)
        start, end = edits.lines_around(self.text, field.start, field.end)
        return edits.checked_remove(self, edits.without_lines(self.text, start, end), index)

    def indent_of(self, field: Field) -> str:
        """Return the blanks before the key of a field."""
        return self._indents[field.start]

    def _column(self, field: Field) -> int:  # indented further than that: restored as it was
        return min(len(self._indents[field.start]), 0xFFFF)

    def _sealed(self, field: Field, token: str) -> str:
        return token

    def _restored(self, field: Field, payload: Payload) -> str:
        text = super()._restored(field, payload)
        if "\n" not in text or payload.column is None or payload.column == self._column(field):
            return text
        return shifted(text, payload.column, self._indents[field.start])

    def _check_slice(self, text: str) -> bool:
        if "\n" not in text:
            return "\r" not in text and text == text.strip(BLANKS)
        try:
            read = IniDocument(f"k={text}\n", self.limits)
        except DocumentRefused:
            return False
        return len(read.fields) == 1 and read.slice_of(read.fields[0]) == text

    def _scan(self) -> None:
        # the readers' copy: a line end of two characters becomes a blank and LF, at the same offsets
        text = self.text.replace("\r\n", " \n")
        if "\r" in text:
            raise self._refuse("a carriage return stands alone here", text.index("\r"))
        rows = _Rows(self, text)
        rows.read(1 if text.startswith("\ufeff") else 0)
        self._indents: dict[int, str] = {}
        fields = []
        for section, key, start, end, indent in rows.found:
            if key is not None:
                parts = (("k", key),) if section is None else (("k", section), ("k", key))
                content = self.text[start:end]
                fields.append(make_field(parts, (), start, end, "scalar", token_of(content)))
                self._indents[start] = indent
            elif section is not None and not rows.keys[section]:
                fields.append(make_field((("k", section),), (), start, end, "empty"))
        self.fields = tuple(fields)
        lines = lines_of(text, [offset for _, offset in rows.doubled])
        self.duplicates = tuple(
            duplicate(parts, line) for (parts, _), line in zip(rows.doubled, lines, strict=True)
        )


class _Rows:
    """What one pass over the lines finds: section, key, start, end and indent of each field."""

    def __init__(self, document: IniDocument, text: str) -> None:
        self.document = document
        self.text = text
        self.found: list[tuple[str | None, str | None, int, int, str]] = []
        self.keys: dict[str | None, set[str]] = {None: set()}
        self.doubled: list[tuple[tuple[Part, ...], int]] = []

    def read(self, at: int) -> None:
        text, size = self.text, len(self.text)
        section: str | None = None
        is_open = False  # whether the last row may be continued
        has_backslash = False
        while at < size:
            line = _LINE.match(text, at)
            assert line is not None  # every text has a line here
            at, begin = line.end(), line.start(2)
            indent, body = line.group(1), line.group(2).rstrip(BLANKS)
            if not body:
                has_backslash = False
                continue
            if body[0] in "#;":
                continue
            if is_open and len(indent) > len(self.found[-1][4]):
                self.found[-1] = (*self.found[-1][:3], begin + len(body), self.found[-1][4])
            elif body[0] == "[":
                section, is_open = self.section(body, begin), False
            else:
                if has_backslash and _NAMED.match(body) is None:
                    raise self.document._refuse(
                        "some readers continue the line before here, others do not; indent this line", begin
                    )
                is_open = self.key(section, body, begin, indent)
            has_backslash = body[-1] == "\\"

    def section(self, body: str, begin: int) -> str:
        found = _SECTION.fullmatch(body)
        if found is None:
            raise self.document._refuse("expected [section]", begin)
        name = found.group(1)
        if name in self.keys or name in self.keys[None]:
            self.doubled.append(((("k", name),), begin))
        self.keys.setdefault(name, set())
        self.add(name, None, begin, begin + found.end(1) + 1, "")
        return name

    def key(self, section: str | None, body: str, begin: int, indent: str) -> bool:
        """Take one line; tell whether it holds a value, which the next lines may continue."""
        found = _DELIMITER.search(body)
        if found is None:
            return False
        key = body[: found.start()].rstrip(BLANKS)
        if not key:
            raise self.document._refuse("a key is missing", begin)
        # Python's configparser takes `Password` and `password` for one key, and the last one wins.
        if key.lower() in self.keys[section]:
            parts: tuple[Part, ...] = (("k", key),)
            self.doubled.append((parts if section is None else (("k", section), *parts), begin))
        self.keys[section].add(key.lower())
        behind = begin + found.end()
        value = body[found.end() :].lstrip(BLANKS)
        end = begin + len(body) if value else behind
        self.add(section, key, end - len(value), end, indent)
        return True

    def add(self, section: str | None, key: str | None, start: int, end: int, indent: str) -> None:
        if len(self.found) >= self.document.limits.fields:
            raise self.document._too_many()
        self.found.append((section, key, start, end, indent))


def shifted(text: str, column: int, indent: str) -> str:
    """Move continuation lines that were written below a key at a column to a key behind an indent."""
    first, *lines = text.split("\n")
    by = len(indent) - column
    out = [first]
    for line in lines:
        own = len(line) - len(line.lstrip(BLANKS))
        if not line.strip(BLANKS + "\r") or by == 0:
            out.append(line)
        elif by > 0:
            out.append(indent[:by] + line)
        else:
            out.append(line[max(0, min(-by, own - len(indent) - 1)) :])
    return "\n".join(out)


def _content(raw: str) -> str:
    """Join the lines of a value as configparser does: stripped, without comment lines."""
    if "\n" not in raw:
        return raw
    first, *lines = (line.strip(BLANKS + "\r") for line in raw.split("\n"))
    return "\n".join([first, *(line for line in lines if line[:1] not in ("#", ";") or not line)])
