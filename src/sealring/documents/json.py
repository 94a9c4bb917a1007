"""JSON: strict, every scalar a field, tokens always strings.

The parser of the standard library decides what is JSON; one regular expression per member then finds
the spans in a text that is known to be valid. Only JSON files load this module, so it may afford `re`,
which the standard `json` imports anyway.

Source: RFC 8259; spec.md 5.
"""

from __future__ import annotations

import json
import re

from sealring.documents.base import TOKEN_PREFIX
from sealring.documents.spans import (
    Container,
    SpanDocument,
    child_path,
    duplicate,
    lines_of,
    make_field,
    token_of,
)
from sealring.errors import DocumentRefused, LimitExceeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sealring.documents.base import Field, Limits
    from sealring.model.field_path import FieldPattern

_WS = r"[ \t\n\r]*+"
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_VALUE = rf"(?:({_STRING})|([{{\[])|([^\s,\]}}]++)){_WS}([,\]}}])?"
_MEMBER = re.compile(rf"{_WS}({_STRING}){_WS}:{_WS}{_VALUE}")
_ELEMENT = re.compile(rf"{_WS}(){_VALUE}")
_CLOSE = re.compile(rf"{_WS}([\]}}])")
_AFTER = re.compile(rf"{_WS}([,\]}}])?")
_SPACE = re.compile(_WS)
_HALF_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}|\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_SCALAR = re.compile(
    r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
    r"|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null"
)
_CONSTANT = re.compile(rf"{_STRING}|NaN|-?Infinity")
_LABELS = frozenset(("name", "id", "key"))
_NOTED = _LABELS | {"kind", "namespace"}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_DIGITS = 4300  # the length at which Python refuses to read a whole number, to stay fast

_Row = tuple["Container | None", str, int, int, int, str, str]


def parse(text: str, limits: Limits) -> JsonDocument:
    """Parse one JSON value, with or without a byte order mark.

    Raises:
        DocumentRefused: not strict JSON (comments, NaN, trailing commas), or half a surrogate pair.
        LimitExceeded: nested too deeply, or too many fields.
    """
    return JsonDocument(text, limits)


class JsonDocument(SpanDocument):
    """One JSON file.

    A list element that is an object is named by its plain `name`, `id` or `key`, a string or number;
    a root object with `kind` and `metadata.name` names the document, as Kubernetes objects do.
    """

    format = "json"

    def content(self, field: Field) -> str:
        """Return what a scalar says, without quotes and escapes."""
        text = self.slice_of(field)
        return _unquoted(text) if text[:1] == '"' else text

    def is_plain(self, field: Field) -> bool:
        """Tell whether a scalar is written without quotes."""
        return self.text[field.start] != '"'

    def value(self, field: Field) -> str | int | float | bool | None:
        """Return a text, number, boolean or null; refuse a whole number too long to read."""
        text = self.slice_of(field)
        if text[:1] == '"':
            return _unquoted(text)
        if text in _WORDS:
            return _WORDS[text]
        if text.lstrip("-").isdigit():
            if len(text) > _DIGITS:
                raise self._refuse(f"a number of more than {_DIGITS:,} digits cannot be read", field.start)
            return int(text)
        return float(text)

    def data(self) -> Any:
        """Return what the standard library reads; the last of a doubled key wins."""

        def whole(digits: str) -> int:
            if len(digits) > _DIGITS:
                raise DocumentRefused(f"a number of more than {_DIGITS:,} digits cannot be read")
            return int(digits)

        return json.loads(self.text.removeprefix("\ufeff"), parse_int=whole)

    def literal(self, value: str | int | float | bool | None, at: Field | None) -> str:
        """Spell a value as JSON; NaN and infinities are refused."""
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False)
            text.encode("utf-8")
        except ValueError:
            raise DocumentRefused("JSON cannot hold this value") from None
        return text

    def inserted(self, where: FieldPattern, literal: str) -> str:
        """Return the text with a new field, in the style of its siblings; proved by reading it."""
        from sealring.documents import json_edit

        return json_edit.inserted(self, where, literal)

    def removed(self, index: int) -> str:
        """Return the text without one field and its key; proved by reading it."""
        from sealring.documents import json_edit

        return json_edit.removed(self, index)

    def _sealed(self, field: Field, token: str) -> str:
        return f'"{token}"'

    def _check_slice(self, text: str) -> bool:
        return _SCALAR.fullmatch(text) is not None

    def _scan(self) -> None:
        begin = 1 if self.text.startswith("\ufeff") else 0
        self._validate(begin)
        rows, containers, doubled = self._rows(begin)
        for container in containers:
            container.resolve()
        fields = []
        for around, key, index, start, end, kind, token in rows:
            if around is None:
                fields.append(make_field((), (), start, end, kind, token))
            else:
                parts, indices = child_path(around, key, index)
                fields.append(make_field(parts, indices, start, end, kind, token))
        self.fields = tuple(fields)
        lines = lines_of(self.text, [offset for _, _, offset in doubled])
        self.duplicates = tuple(
            duplicate((*container.parts, ("k", key)), line)
            for (container, key, _), line in zip(doubled, lines, strict=True)
        )

    def _validate(self, begin: int) -> None:
        """Let the standard library decide; whole numbers of any length are fine here."""
        text = self.text
        try:
            json.loads(text[begin:], parse_int=bool, parse_float=bool, parse_constant=_refuse_constant)
        except json.JSONDecodeError as error:
            raise _invalid(text, error.pos + begin, error.msg, self.line_of(error.pos + begin)) from None
        except _ConstantError as error:
            raise self._refuse(f"{error.args[0]} is not a JSON value", _constant_at(text)) from None
        except RecursionError:
            raise LimitExceeded(f"mappings and lists are nested deeper than {self.limits.depth}") from None
        if "\\" in text and (half := _half_pair(text)) is not None:
            raise self._refuse("half a surrogate pair stands here", half)

    def _rows(self, at: int) -> tuple[list[_Row], list[Container], list[tuple[Container, str, int]]]:
        """Walk the valid text once: rows of fields, containers parents first, doubled keys."""
        text, most, deepest = self.text, self.limits.fields, self.limits.depth
        rows: list[_Row] = []
        containers: list[Container] = []
        doubled: list[tuple[Container, str, int]] = []
        here: Container | None = None
        key, depth, is_list = "", 0, True
        while True:
            found = (_ELEMENT if is_list else _MEMBER).match(text, at)
            assert found is not None  # the text is valid
            raw, quoted, opened, _plain, after = found.groups()
            index = 0
            if here is not None:
                index = here.count
                here.count = index + 1
                if not is_list:
                    key = raw[1:-1] if "\\" not in raw else _unquoted(raw)
                    if key in here.seen:
                        doubled.append((here, key, found.start(1)))
                    here.seen.add(key)
            if len(rows) >= most:
                raise self._too_many()
            if opened:
                start = found.start(3)
                closed = _CLOSE.match(text, start + 1)
                if closed is None:
                    depth += 1
                    if depth > deepest:
                        raise self._too_deep(start)
                    is_list = opened == "["
                    made = Container(here, key, index, is_list)
                    containers.append(made)
                    here = made
                    at = start + 1
                    continue
                at = closed.end()
                rows.append((here, key, index, start, at, "empty", ""))
                found = _AFTER.match(text, at)
                assert found is not None
                after = found.group(1)
            else:
                start, end = found.span(2 if quoted else 4)
                token = ""
                if quoted and text.startswith(TOKEN_PREFIX, start + 1):
                    token = token_of(_unquoted(quoted))
                rows.append((here, key, index, start, end, "scalar", token))
                if key in _NOTED and not is_list:
                    assert here is not None
                    _note(here, key, text[start:end])
            at = found.end()
            while after and after != ",":
                assert here is not None
                if here.parent is None and not here.is_list:
                    _name_document(here)
                here, depth = here.parent, depth - 1
                found = _AFTER.match(text, at)
                assert found is not None
                after, at = found.group(1), found.end()
            if here is None:
                return rows, containers, doubled
            is_list = here.is_list


def _note(here: Container, key: str, raw: str) -> None:
    """Remember a scalar that may name its element or its document."""
    is_string = raw[0] == '"'
    if not (is_string or raw[0] in "-0123456789"):
        return
    value = _unquoted(raw) if is_string else raw
    parent = here.parent
    if parent is None or (parent.parent is None and here.key == "metadata"):
        # the root and its metadata: keep the texts until the end of the root
        if is_string and not parent:
            here.note_label(key, value)
        elif is_string and parent is not None and not parent.is_list and key in ("name", "namespace"):
            parent.note_label(f"metadata.{key}", value)
    if parent is not None and parent.is_list and key in _LABELS:
        here.note_label(key, value)


def _name_document(root: Container) -> None:
    known = root.label or {}
    if "kind" in known and "metadata.name" in known:
        namespace = known.get("metadata.namespace", "")
        root.head = (("d", known["kind"], namespace, known["metadata.name"]),)


def _unquoted(text: str) -> str:
    if "\\" not in text:
        return text[1:-1]
    value: str = json.loads(text)
    return value


def _half_pair(text: str) -> int | None:
    """Find an escape that is half of a surrogate pair: UTF-8 has no bytes for it."""
    if _HALF_PAIR.search(text) is None:
        return None
    for found in re.finditer(_STRING, text):
        if _HALF_PAIR.search(found.group()):
            try:
                _unquoted(found.group()).encode("utf-8")
            except UnicodeEncodeError:
                return found.start()
    return None


class _ConstantError(Exception):
    """NaN or an infinity, which Python would read."""


def _refuse_constant(name: str) -> None:
    raise _ConstantError(name)


def _constant_at(text: str) -> int:
    return next(found.start() for found in _CONSTANT.finditer(text) if found.group()[0] != '"')


def _invalid(text: str, offset: int, what: str, line: int) -> DocumentRefused:
    """Say why a text is not JSON, and what people mean most often by it."""
    at = _SPACE.match(text, offset)
    rest = text[at.end() if at else offset :][:2]
    if rest in ("//", "/*") or rest[:1] == "#":
        return DocumentRefused("JSON has no comments", line=line)
    if what == "Extra data":
        return DocumentRefused("more follows after the end of the JSON value", line=line)
    return DocumentRefused(f"not valid JSON: {what[:1].lower()}{what[1:].split(': ')[0]}", line=line)
