r"""Files of environment variables: `.env`, `prod.env`.

There is no standard. What python-dotenv, node dotenv, docker and shells read alike is read here; where
they differ in a way that could leave a part of a value in plain text, the file is refused:

- `export KEY=value`, blanks around `=`, `'KEY'=value`; single, double or back quotes, over several lines
- a comment needs a blank before it (`a#b` is a value), except behind a closing quote
- `KEY` alone is no value; any other line without `=` is refused, as is text behind a closing quote,
  an open quote, and a bare value that ends in a backslash, which only shells continue on the next line
- in double quotes `\n \r \t \a \b \f \v \\ \" \' \$` are escapes, in single quotes `\\ \'`: those of
  python-dotenv, and `\$` of shells. Nothing is expanded: `${NAME}` is for the program that reads the value

A token has no character that any of them treats as special, so it stays readable, bare or quoted.

Source: python-dotenv 1.2 (parser.py), node dotenv 17 (lib/main.js); spec.md 5.
"""

from __future__ import annotations

import re

from sealring.documents import edits
from sealring.documents.spans import SpanDocument, duplicate, lines_of, make_field, plain_text, token_of
from sealring.errors import DocumentRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.documents.base import Field, Limits
    from sealring.documents.payload import Payload
    from sealring.model.field_path import FieldPattern

# `re` comes with this module only: one match per line is ten times faster than a loop over characters.
_B = r"[ \t\f\v]"
_QUOTED = r""""(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|`(?:[^`\\]|\\.)*+`"""
_EMPTY_LINES = re.compile(rf"(?:{_B}*+(?:#[^\n]*+)?\n)*+{_B}*+(?:#[^\n]*+)?")
_KEY = re.compile(rf"(export{_B}++)?(?:'([^'\n]++)'|([^\s=#'\"`]++))({_B}*+=)?({_B}*+)")
_VALUE = re.compile(rf"({_QUOTED})|[^\n \t\f\v\"'`](?:[^\n \t\f\v]|{_B}++(?![#\n]|\Z))*+", re.DOTALL)
_REST = re.compile(rf"{_B}*+(?:#[^\n]*+)?(?:\n|\Z)")
_NEW_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*+")
_SAFE = re.compile(r"[A-Za-z0-9_./:@%+,=-]*+")
_ESCAPE = re.compile(r"""\\([\\'"abfnrtv$])""")
_SINGLE_ESCAPE = re.compile(r"\\([\\'])")
_MEANING = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def parse(text: str, limits: Limits) -> DotenvDocument:
    """Parse a file of environment variables.

    Raises:
        DocumentRefused: a line that readers of such files would understand differently, or not at all.
        LimitExceeded: too many fields.
    """
    return DotenvDocument(text, limits)


class DotenvDocument(SpanDocument):
    """One `.env` file. Every value is a text, quoted or not; keys are paths of one part."""

    format = "dotenv"

    def content(self, field: Field) -> str:
        """Return what a scalar says, without quotes and escapes."""
        return _content(self.slice_of(field))

    def is_plain(self, field: Field) -> bool:
        """Tell whether a scalar is written without quotes."""
        return self.text[field.start : field.start + 1] not in ('"', "'", "`")

    def value(self, field: Field) -> str:
        """Return the text of a value, without expanding `$NAME` in it."""
        return _content(self.slice_of(field))

    def data(self) -> dict[str, str]:
        """Return names and texts; the last of a doubled name wins."""
        return {field.path.parts[0][1]: self.value(field) for field in self.fields}

    def literal(self, value: str | int | float | bool | None, at: Field | None) -> str:
        r"""Spell a value so that python-dotenv, node dotenv and shells read it back.

        Bare if nothing in it is special, else in single quotes, where shells expand nothing, else in
        double quotes. Line ends are written as they are: shells do not know `\n`. Quotes of the place
        are kept where they can be.

        Values with a single quote leave no spelling that suits everybody: double quotes are read by
        python-dotenv, but shells expand `$` and back quotes there, and node dotenv keeps the backslash
        before another quote or backslash.
        """
        text = plain_text(value)
        quote = "" if at is None or self.is_plain(at) else self.text[at.start]
        if not quote and _SAFE.fullmatch(text):
            return text
        if quote == '"' and not set(text) & set('"\\$`\r'):
            spelled = f'"{text}"'
        elif not set(text) & set("'\r") and "\\\\" not in text and text[-1:] != "\\":
            spelled = f"'{text}'"
        elif text[-1:] == "\\":
            raise DocumentRefused("readers of .env files differ on values that end in a backslash")
        else:
            escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r")
            spelled = f'"{escaped}"'
        if "\0" in text or not self._check_slice(spelled) or _content(spelled) != text:
            raise DocumentRefused("a .env file cannot hold this value")
        return spelled.replace("\n", edits.line_end(self.text))

    def inserted(self, where: FieldPattern, literal: str) -> str:
        """Return the text with a new field, in the style of its siblings; proved by reading it."""
        key = edits.single_key(self, where)
        if _NEW_KEY.fullmatch(key) is None:
            raise edits.by_hand(self, len(self.text))
        start = "export " if self._keys and all(self._is_exported) else ""
        equals = {self.text[end : field.start] for end, field in zip(self._keys, self.fields, strict=True)}
        sign = equals.pop() if len(equals) == 1 else "="
        text = edits.with_line(self.text, len(self.text), f"{start}{key}{sign}{literal}")
        return edits.checked_insert(self, text, where, literal)

    def removed(self, index: int) -> str:
        """Return the text without one field and its key; proved by reading it."""
        field = self.fields[index]
        start, end = edits.lines_around(self.text, self._starts[index], field.end)
        return edits.checked_remove(self, edits.without_lines(self.text, start, end), index)

    def _restored(self, field: Field, payload: Payload) -> str:
        text = super()._restored(field, payload)
        if text[:1] not in ('"', "'", "`"):
            is_after_blank = text[:1] == "#" and self.text[field.start - 1] != "="
            if is_after_blank or self.text[field.end : field.end + 1] == "#":
                raise self._refuse("a comment would join the value; put a blank before it", field.start)
        return text

    def _sealed(self, field: Field, token: str) -> str:
        quote = self.text[field.start : field.start + 1]
        if field.start == field.end or quote not in ('"', "'", "`"):
            return token
        quote = '"' if quote == "`" else quote  # not every reader knows back quotes
        return quote + token + quote

    def _check_slice(self, text: str) -> bool:
        text = text.replace("\r\n", " \n")
        found = _VALUE.fullmatch(text)
        if found is None or "\r" in text:
            return not text
        return found.group(1) is not None or not _is_continued(text)

    def _scan(self) -> None:
        # the readers' copy: a line end of two characters becomes a blank and LF, at the same offsets
        text = self.text.replace("\r\n", " \n")
        if "\r" in text:
            raise self._refuse("a carriage return stands alone here", text.index("\r"))
        fields: list[Field] = []
        seen: set[str] = set()
        doubled: list[tuple[str, int]] = []
        self._starts: list[int] = []
        self._keys: list[int] = []
        self._is_exported: list[bool] = []
        at = 1 if text.startswith("\ufeff") else 0
        while True:
            skipped = _EMPTY_LINES.match(text, at)
            at = skipped.end() if skipped else at
            if at == len(text):
                break
            found = _KEY.match(text, at)
            if found is None:
                raise self._refuse("expected KEY=value", at)
            if found.group(4) is None:
                at = self._rest(text, found.end(), "expected KEY=value")
                continue
            key = found.group(2) or found.group(3)
            if key == "export" and found.group(4) != "=":
                raise self._refuse("expected a name behind export", at)
            start, end = self._value(text, found)
            if len(fields) >= self.limits.fields:
                raise self._too_many()
            content = _content(self.text[start:end])
            fields.append(make_field((("k", key),), (), start, end, "scalar", token_of(content)))
            self._starts.append(at)
            self._keys.append(found.end(3) if found.group(3) else found.end(2) + 1)
            self._is_exported.append(found.group(1) is not None)
            if key in seen:
                doubled.append((key, at))
            seen.add(key)
            at = self._rest(text, end, "text stands behind the closing quote")
        self.fields = tuple(fields)
        lines = lines_of(text, [offset for _, offset in doubled])
        self.duplicates = tuple(
            duplicate((("k", key),), line) for (key, _), line in zip(doubled, lines, strict=True)
        )

    def _value(self, text: str, found: re.Match[str]) -> tuple[int, int]:
        """Return the span of the value behind a key and its equals sign."""
        behind, start = found.end(4), found.end(5)
        first = text[start : start + 1]
        if first in ("", "\n") or (first == "#" and start > behind):
            return behind, behind
        value = _VALUE.match(text, start)
        if value is None:
            raise self._refuse("the quote is not closed", start)
        if value.group(1) is None and _is_continued(value.group()):
            raise self._refuse("readers differ on a backslash at the end of a line; quote the value", start)
        return start, value.end()

    def _rest(self, text: str, at: int, what: str) -> int:
        found = _REST.match(text, at)
        if found is None:
            raise self._refuse(what, at)
        return found.end()


def _is_continued(bare: str) -> bool:
    return (len(bare) - len(bare.rstrip("\\"))) % 2 == 1


def _content(raw: str) -> str:
    quote = raw[:1]
    if quote not in ('"', "'", "`") or not quote:
        return raw
    text = raw[1:-1].replace("\r\n", "\n")
    if quote == "`" or "\\" not in text:
        return text
    pattern = _ESCAPE if quote == '"' else _SINGLE_ESCAPE
    return pattern.sub(lambda found: _MEANING.get(found.group(1), found.group(1)), text)
