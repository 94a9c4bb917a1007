"""The spans of a TOML text: one pass that finds keys, values, tables and statements.

It takes more than TOML allows; the standard library's parser has the last word (see `toml`).

Source: toml.io/en/v1.0.0; spec.md 5.
"""

from __future__ import annotations

import re
import tomllib

from sealring.documents.spans import Container

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sealring.documents.spans import SpanDocument


# Only TOML files load this module, and tomllib imports `re` anyway.
_SKIP = re.compile(r"(?:[ \t\n]++|#[^\n]*+)*+")
_KEY = re.compile(
    r"""[ \t]*+(?:([A-Za-z0-9_-]++)|("(?:[^"\\\n]++|\\[^\n])*+")|'([^'\n]*+)')[ \t]*+(\.)?""",
)
SCALAR = re.compile(
    r'''"""(?:[^"\\]++|\\.|""?(?!"))*+"{3,5}'''
    r"""|'''(?:[^']++|''?(?!'))*+'{3,5}"""
    r'''|"(?:[^"\\\n]++|\\[^\n])*+"'''
    r"""|'[^'\n]*+'"""
    r"""|[0-9]{4}-[0-9]{2}-[0-9]{2}[ ][0-9][^\s,\]}#]*+"""
    r"""|[A-Za-z0-9+.:_-]++""",
    re.DOTALL,
)
_END = re.compile(r"[ \t]*+(?:#[^\n]*+)?(?:\n|\Z)")


class Table(Container):
    """A table, an array of tables or an inline collection, with what edits need to know.

    style is "root", "header", "implicit" (only a part of a header's name), "dotted" or "inline".
    """

    __slots__ = ("children", "data", "depth", "end", "home", "last", "members", "start", "style")

    def __init__(self, parent: Table | None, key: str, index: int, is_list: bool, style: str) -> None:
        super().__init__(parent, key, index, is_list)
        self.style = style
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.children: dict[str, Table | None] = {}
        self.members: list[tuple[int, int]] = []  # of inline collections only
        self.start = self.end = 0  # inline: the brackets; header: its line, then its last statement
        self.home: Table = self  # the root or header table in whose lines this one is written
        self.last: Table | None = None  # of lists of tables: the element that headers go on with
        self.data: Any = None

    def step(self) -> str | int:
        """Return the key or list position of this table in its parent."""
        return self.index if self.parent is not None and self.parent.is_list else self.key


class Scan:
    """One pass over a text: rows of fields, tables parents first, statements."""

    def __init__(self, document: SpanDocument) -> None:
        # the readers' copy: a line end of two characters becomes a blank and LF, at the same offsets
        self.text = document.text.replace("\r\n", " \n")
        self.document = document
        self.begin = 1 if self.text.startswith("\ufeff") else 0
        self.root = Table(None, "", 0, False, "root")
        self.tables = [self.root]
        self.rows: list[tuple[Table, str, int, int, int, str]] = []
        self.statements: list[tuple[int, int]] = []

    def read(self) -> None:
        """Read statements and headers up to the end."""
        text, here = self.text, self.root
        here.end = self.begin
        at = self.skip(self.begin)
        while at < len(text):
            start = at
            if text[at] == "[":
                here, at = self.header(at)
                here.start = start
            else:
                at = self.statement(here, at)
                self.statements.append((start, at))
            found = _END.match(text, at)
            if found is None:
                raise self.document._refuse("expected the end of the line", at)
            here.end = at = found.end()
            at = self.skip(at)

    def skip(self, at: int) -> int:
        """Return the offset behind blanks, line ends and comments."""
        found = _SKIP.match(self.text, at)
        return found.end() if found else at

    def keys(self, at: int) -> tuple[list[str], int]:
        """Read a key with its dots."""
        keys: list[str] = []
        while True:
            found = _KEY.match(self.text, at)
            if found is None:
                raise self.document._refuse("expected a key", at)
            bare, basic, literal, dot = found.groups()
            keys.append(bare if bare is not None else literal if basic is None else self.basic(basic, at))
            if len(keys) > self.document.limits.depth:
                raise self.document._too_deep(at)
            at = found.end()
            if not dot:
                return keys, at

    def basic(self, quoted: str, at: int) -> str:
        """Decode a key in double quotes."""
        if "\\" not in quoted:
            return quoted[1:-1]
        try:
            value: str = tomllib.loads(f"v = {quoted}")["v"]
        except ValueError:
            raise self.document._refuse("this key cannot be read", at) from None
        return value

    def header(self, at: int) -> tuple[Table, int]:
        """Read `[a.b]` or `[[a.b]]` and return the table that it opens."""
        is_list = self.text.startswith("[[", at)
        keys, end = self.keys(at + 1 + is_list)
        closing = "]]" if is_list else "]"
        if not self.text.startswith(closing, end):
            raise self.document._refuse(f"expected {closing}", end)
        end += len(closing)
        here = self.root
        for key in keys[:-1]:
            here = self.child(here, key, False, "implicit", at)
            if here.is_list:
                assert here.last is not None  # a list without elements is inline, refused by child
                here = here.last
        here = self.child(here, keys[-1], is_list, "header", at)
        if is_list:
            tables, here = here, self.table(here, "", False, "header", at)
            tables.last = here
        elif here.is_list:
            raise self.document._refuse("this table is defined twice", at)
        here.style, here.home = "header", here
        self.row(here, "", 0, at, end, "header")
        return here, end

    def child(self, parent: Table, key: str, is_list: bool, style: str, at: int) -> Table:
        """Return the table at a key, made if it is not there."""
        if key not in parent.children:
            return self.table(parent, key, is_list, style, at)
        found = parent.children[key]
        if found is None or found.style == "inline" or (is_list and not found.is_list):
            raise self.document._refuse("this key is defined twice", at)
        return found

    def table(self, parent: Table, key: str, is_list: bool, style: str, at: int) -> Table:
        """Make a table or list; its home is the header above it if it is written inside of that."""
        made = Table(parent, key, parent.count, is_list, style)
        if made.depth > self.document.limits.depth:
            raise self.document._too_deep(at)
        if style in ("dotted", "inline"):
            made.home = parent.home
        parent.count += 1
        if not parent.is_list:
            parent.children[key] = made
        self.tables.append(made)
        return made

    def row(self, table: Table, key: str, index: int, start: int, end: int, kind: str) -> None:
        """Note a scalar, an empty collection, or a header that may turn out to be empty."""
        if len(self.rows) >= self.document.limits.fields:
            raise self.document._too_many()
        self.rows.append((table, key, index, start, end, kind))

    def statement(self, here: Table, at: int) -> int:
        """Read `a.b = value` into a table and return the end of the value."""
        keys, at = self.keys(at)
        if not self.text.startswith("=", at):
            raise self.document._refuse("expected key = value", at)
        style = "inline" if here.style == "inline" else "dotted"
        for key in keys[:-1]:
            found = here.children.get(key)
            if found is None or found.is_list:
                if key in here.children:
                    raise self.document._refuse("this key is defined twice", at)
                found = self.table(here, key, False, style, at)
            here = found
        if keys[-1] in here.children:
            raise self.document._refuse("this key is defined twice", at)
        at += 1
        while self.text[at : at + 1] in (" ", "\t"):
            at += 1
        return self.value(here, keys[-1], at)

    def value(self, here: Table, key: str, at: int) -> int:
        """Read one value at an offset and return its end."""
        first = self.text[at : at + 1]
        if first and first in "[{":
            return self.inline(here, key, at)
        found = SCALAR.match(self.text, at)
        if found is None:
            raise self.document._refuse("expected a value", at)
        self.row(here, key, here.count, at, found.end(), "scalar")
        here.count += 1
        if not here.is_list:
            here.children[key] = None
        return found.end()

    def inline(self, here: Table, key: str, start: int) -> int:
        """Read an array or an inline table."""
        is_list = self.text[start] == "["
        closing = "]" if is_list else "}"
        made = self.table(here, key, is_list, "inline", start)
        made.start = start
        at = self.skip(start + 1)
        place = len(self.rows)
        while not self.text.startswith(closing, at):
            begin = at
            at = self.value(made, "", at) if is_list else self.statement(made, at)
            made.members.append((begin, at))
            at = self.skip(at)
            if self.text.startswith(",", at):
                at = self.skip(at + 1)
            elif not self.text.startswith(closing, at):
                raise self.document._refuse(f"expected , or {closing}", at)
        made.end = at + 1
        if made.count == 0:
            self.row(here, key, made.index, start, made.end, "empty")
        assert made.count == 0 or len(self.rows) > place
        return made.end
