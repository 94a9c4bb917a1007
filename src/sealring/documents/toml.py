"""TOML 1.0: every scalar a field, tokens always basic strings.

A scan of our own finds the spans; the standard library's parser decides validity, and what it read is
compared with the scan, value by value, so that a span that is not what it seems is refused.
Dates and times are values without a counterpart among plain scalars: `value` gives them as they are
written, `data` as the standard library's objects.

Source: toml.io/en/v1.0.0; spec.md 5.
"""

from __future__ import annotations

import re
import tomllib

from sealring.documents.spans import SpanDocument, child_path, make_field, token_of
from sealring.documents.toml_scan import SCALAR, Scan, Table
from sealring.errors import DocumentRefused, LimitExceeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sealring.documents.base import Field, Limits
    from sealring.model.field_path import FieldPattern

_SIMPLE = re.compile(r"""["'][^"'\\\x00-\x1f\x7f]*+["']""")
_POSITION = re.compile(r" \(at (?:line ([0-9]+), column [0-9]+|end of document)\)")
_LABELS = frozenset(("name", "id", "key"))
_WORDS = {"true": True, "false": False}
_ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def parse(text: str, limits: Limits) -> TomlDocument:
    """Parse a TOML file, with or without a byte order mark.

    Raises:
        DocumentRefused: not valid TOML, or read otherwise by our scan than by the parser.
        LimitExceeded: nested too deeply, or too many fields.
    """
    return TomlDocument(text, limits)


class TomlDocument(SpanDocument):
    """One TOML file. Elements of arrays are named by their `name`, `id` or `key`, as in JSON."""

    format = "toml"

    def content(self, field: Field) -> str:
        """Return what a scalar says, without quotes and escapes."""
        value = self._values[field.start]
        return value if isinstance(value, str) else self.slice_of(field)

    def is_plain(self, field: Field) -> bool:
        """Tell whether a scalar is written without quotes."""
        return self.text[field.start] not in "\"'"

    def value(self, field: Field) -> str | int | float | bool:
        """Return a text, number or boolean; dates and times as they are written."""
        value = self._values[field.start]
        return value if isinstance(value, str | int | float) else self.slice_of(field)

    def data(self) -> dict[str, Any]:
        """Return what the standard library reads, dates and times as its objects."""
        return tomllib.loads(self.text.removeprefix("\ufeff"))

    def literal(self, value: str | int | float | bool | None, at: Field | None) -> str:
        """Spell a value as TOML, texts in double quotes on one line; there is no null."""
        if value is None:
            raise DocumentRefused("TOML has no null")
        if isinstance(value, bool):
            return "true" if value else "false"
        try:
            spelled = basic_string(value) if isinstance(value, str) else repr(value)
            spelled.encode("utf-8")
            read = tomllib.loads(f"v = {spelled}")["v"]
        except ValueError:
            raise DocumentRefused("TOML cannot hold this value") from None
        if type(read) is not type(value) or (read != value and value == value):
            raise DocumentRefused("TOML cannot hold this value")
        return spelled

    def inserted(self, where: FieldPattern, literal: str) -> str:
        """Return the text with a new field, in the style of its siblings; proved by reading it."""
        from sealring.documents import toml_edit

        return toml_edit.inserted(self, where, literal)

    def removed(self, index: int) -> str:
        """Return the text without one field and its key; proved by reading it."""
        from sealring.documents import toml_edit

        return toml_edit.removed(self, index)

    def _sealed(self, field: Field, token: str) -> str:
        return f'"{token}"'

    def _check_slice(self, text: str) -> bool:
        if _SIMPLE.fullmatch(text) and text[0] == text[-1]:
            return True
        if SCALAR.fullmatch(text.replace("\r\n", " \n")) is None:
            return False
        try:
            return not isinstance(tomllib.loads(f"v = {text}\n")["v"], dict | list)
        except ValueError:
            return False

    def _scan(self) -> None:
        scan = Scan(self)
        try:
            scan.read()
            self._validate(scan)
        except RecursionError:
            raise LimitExceeded(f"tables are nested deeper than {self.limits.depth}") from None
        for table in scan.tables:
            table.resolve()
        fields = []
        for table, key, index, start, end, kind in scan.rows:
            if kind == "header":
                if table.count == 0 and not table.is_list:
                    fields.append(make_field(table.parts, table.indices, start, end, "empty"))
                continue
            parts, indices = child_path(table, key, index)
            value = self._values.get(start)
            token = token_of(value) if isinstance(value, str) else ""
            fields.append(make_field(parts, indices, start, end, kind, token))
        self.fields = tuple(fields)
        self.root, self.tables = scan.root, scan.tables
        self.statements = scan.statements

    def _validate(self, scan: Scan) -> None:
        """Read the text with the standard library; refuse any difference to the scan."""
        try:
            scan.root.data = self.data()
        except ValueError as error:
            found = _POSITION.search(str(error))
            line = int(found.group(1)) if found and found.group(1) else self.line_of(len(self.text))
            what = str(error)[: found.start()] if found else "a value cannot be read"
            raise DocumentRefused(f"not valid TOML: {what[:1].lower()}{what[1:]}", line=line) from None
        for table in scan.tables:
            parent = table.parent
            if isinstance(parent, Table):
                table.data = _item(parent.data, table.step())
            if len(table.data if isinstance(table.data, dict | list) else ()) != table.count:
                raise DocumentRefused("this file could not be read with certainty")
        self._values: dict[int, Any] = {}
        for table, key, index, start, end, kind in scan.rows:
            if kind == "header":
                continue
            value = _item(table.data, index if table.is_list else key)
            if kind == "empty":
                is_same = value == {} or value == []
            else:
                self._values[start] = value
                is_same = _reads_as(self.text[start:end], value)
                if key in _LABELS and table.parent is not None and table.parent.is_list and not table.is_list:
                    _note(table, key, value, self.text[start:end])
            if not is_same:
                raise self._refuse("this value could not be read with certainty", start)


def _item(data: Any, step: str | int) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        raise DocumentRefused("this file could not be read with certainty") from None


def _reads_as(raw: str, value: Any) -> bool:
    """Tell whether a slice alone reads as a value of the whole document."""
    if raw[0] in "\"'" and isinstance(value, str) and _SIMPLE.fullmatch(raw):
        return raw[1:-1] == value
    if isinstance(value, bool):
        return _WORDS.get(raw) is value
    if isinstance(value, int) and raw.isascii() and raw.isdigit():
        return int(raw) == value
    try:
        alone = tomllib.loads(f"v = {raw}\n")["v"]
    except ValueError:
        return False
    return type(alone) is type(value) and (alone == value or (alone != alone and value != value))


def _note(table: Table, key: str, value: Any, raw: str) -> None:
    """Remember a string or number that may name an element."""
    if isinstance(value, str):
        table.note_label(key, value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        table.note_label(key, raw)


def basic_string(text: str) -> str:
    """Spell a text as a TOML string in double quotes, on one line."""
    spelled = (_ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " or c == "\x7f" else c) for c in text)
    return '"' + "".join(spelled) + '"'
