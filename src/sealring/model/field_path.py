"""Field paths, and the patterns that policies and people write to name them.

A path says where a field stands without list positions, so that lists can be reordered and merged.
Its parts are plain tuples:

    ("k", key)                       an entry of a mapping
    ("i",)                           an element of a list
    ("i", label, value)              an element that is a mapping with a plain `name`, `id` or `key`
    ("d", kind, namespace, name)     a document with `kind` and `metadata.name`, as Kubernetes has
    ("c",)                           an entry whose key is a collection or an alias

Source: spec.md 3.
"""

from __future__ import annotations

from sealring.model.encoding import pack_items
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

Part = tuple[str, ...]

LABELS = ("name", "id", "key")
_HEX = frozenset("0123456789abcdefABCDEF")
_SPECIAL = frozenset(' .[]"*\\<>=#\t')


def quoted(text: str) -> str:
    """Spell one key as it stands in a path, in double quotes where it needs them."""
    if text and not (_SPECIAL & set(text)) and text.isprintable():
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in escaped) + '"'


def _quoted_name(text: str) -> str:
    """Spell one of the names between `<` and `>`, where a slash separates."""
    return f'"{text}"' if "/" in text and quoted(text) == text else quoted(text)


class FieldPath(Record):
    """The place of a field in its document, without list positions."""

    parts: tuple[Part, ...]

    def child(self, *part: str) -> FieldPath:
        """Return the path one part further down."""
        return FieldPath((*self.parts, part))

    def encode(self) -> bytes:
        """Return the bytes that are authenticated: each part and each of its texts length-prefixed.

        Source: spec.md 3.3.
        """
        return pack_items(pack_items(text.encode("utf-8") for text in part) for part in self.parts)

    def text(self, indices: Sequence[int] = ()) -> str:
        """Spell the path as people type it; list positions stand in for elements without a label."""
        shown: list[str] = []
        positions = iter(indices)
        for part in self.parts:
            kind = part[0]
            if kind == "k":
                shown.append(("." if shown else "") + quoted(part[1]))
            elif kind == "i":
                index = next(positions, None)
                if len(part) == 3:
                    shown.append(f"[{part[1]}={quoted(part[2])}]")
                else:
                    shown.append("[]" if index is None else f"[{index}]")
            elif kind == "d":
                shown.append("<" + "/".join(_quoted_name(text) for text in part[1:] if text) + ">")
            else:
                shown.append(("." if shown else "") + "?")
        return "".join(shown)

    def __str__(self) -> str:
        return self.text()


class FieldPattern(Record):
    """A field path with wildcards: what a rule covers, or what a person names on the command line.

    A pattern covers the field that it names and everything below it. `*` stands for any run of
    characters in one key, `**` for any number of parts. List elements need not be written:
    `users.password` covers `users[].password`; so does a document in a stream.
    """

    source: str
    parts: tuple[Part, ...]

    @classmethod
    def parse(cls, source: str) -> FieldPattern:
        r"""Read the spelling people type: dots between keys, `[...]` for list elements.

        Raises:
            ValueError: what is wrong, with the column from 1.
        Source: spec.md 3.2.
        >>> FieldPattern.parse('env[name=DB].value').parts
        (('k', 'env'), ('i', 'name', 'DB'), ('k', 'value'))
        """
        return cls(source, tuple(_PatternReader(source).parts()))

    def covers(self, path: FieldPath, indices: Sequence[int] = ()) -> bool:
        """Tell whether the pattern names this field or one above it."""
        return self._match(path.parts, indices, below=True)

    def names(self, path: FieldPath, indices: Sequence[int] = ()) -> bool:
        """Tell whether the pattern names this very field, not only one above it."""
        return self._match(path.parts, indices, below=False)

    @property
    def has_wildcard(self) -> bool:
        """Whether the pattern may name more than one place."""
        return any(part[0] in ("**", "g") for part in self.parts)

    @property
    def has_position(self) -> bool:
        """Whether the pattern names a list position, which a policy must not."""
        return any(part[0] == "n" for part in self.parts)

    @property
    def ends_in_name(self) -> bool:
        """Whether the last part is a key written out: a field that people expect to be there."""
        return bool(self.parts) and self.parts[-1][0] == "k"

    def _match(self, path: tuple[Part, ...], indices: Sequence[int], *, below: bool) -> bool:
        """Match from the left; only the last `**` is ever tried again further down.

        That is enough, as where an earlier one stopped first leaves every later part the most room,
        and it keeps the work below the product of both lengths, whatever a pattern holds.
        """
        pattern = self.parts
        p = f = 0
        again_p = again_f = -1
        while True:
            if p == len(pattern):
                if below or all(part[0] == "i" for part in path[f:]):
                    return True
            elif pattern[p][0] == "**":
                p += 1
                again_p, again_f = p, f
                continue
            else:
                wanted = pattern[p]
                while f < len(path) and _is_passed_over(wanted[0], path[f][0]):
                    f += 1
                if f == len(path):
                    return False
                if _fits(wanted, path, f, indices):
                    p += 1
                    f += 1
                    continue
            if again_p < 0 or again_f == len(path):
                return False
            again_f += 1
            p, f = again_p, again_f

    def __str__(self) -> str:
        return self.source


def _is_passed_over(wanted: str, kind: str) -> bool:
    """Tell whether a path part need not be written: documents, and elements above a key."""
    return (kind == "d" and wanted != "d") or (kind == "i" and wanted in ("k", "g"))


def _fits(wanted: Part, path: tuple[Part, ...], f: int, indices: Sequence[int]) -> bool:
    kind, part = wanted[0], path[f]
    if kind == "k":
        return part == wanted
    if kind == "g":
        return part[0] == "k" and _glob(wanted[1:], part[1])
    if kind == "d":
        return part[0] == "d" and _same_document(wanted, part)
    if part[0] != "i":
        return False
    if kind == "n":
        element = sum(above[0] == "i" for above in path[:f])
        return element < len(indices) and indices[element] == int(wanted[1])
    return len(wanted) == 1 or wanted == part


def _same_document(wanted: Part, part: Part) -> bool:
    if len(wanted) == 3:  # <kind/name>, whatever the namespace
        return wanted[1] == part[1] and wanted[2] == part[3]
    return wanted == part


def _glob(pieces: Sequence[str], key: str) -> bool:
    """Match a key against the texts between the stars of a pattern."""
    first, last = pieces[0], pieces[-1]
    if len(key) < len(first) + len(last) or not key.startswith(first) or not key.endswith(last):
        return False
    at, end = len(first), len(key) - len(last)
    for piece in pieces[1:-1]:
        found = key.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


class _PatternReader:
    """A cursor over the text of a pattern."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0

    def fail(self, what: str, at: int | None = None) -> ValueError:
        column = (self.at if at is None else at) + 1
        return ValueError(f"{what} at column {column} of field pattern {self.source!r}")

    def peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def parts(self) -> list[Part]:
        found: list[Part] = []
        if not self.source:
            raise self.fail("nothing")
        if self.peek() == "<":
            found.append(self.document())
        expect_key = not found and self.peek() != "["
        while self.peek() or expect_key:
            if expect_key:
                found.append(self.key())
                expect_key = False
            elif self.peek() == "[":
                found.append(self.element())
            elif self.peek() == ".":
                self.at += 1
                expect_key = True
            else:
                raise self.fail("expected '.' or '['")
        return found

    def document(self) -> Part:
        self.at += 1
        texts = [self.literal("/>")]
        while self.peek() == "/":
            self.at += 1
            texts.append(self.literal("/>"))
        if self.peek() != ">" or not 2 <= len(texts) <= 3:
            raise self.fail("expected <kind/name> or <kind/namespace/name>")
        self.at += 1
        return ("d", *texts)

    def key(self) -> Part:
        if self.peek() == '"':
            return ("k", self.quoted_text())
        start = self.at
        text = self.name(".[")
        if text == "**":
            return ("**",)
        if "**" in text:
            raise self.fail("'**' must stand alone between dots", start)
        if "*" in text:
            return ("g", *text.split("*"))
        return ("k", text)

    def element(self) -> Part:
        start = self.at
        self.at += 1
        if self.peek() == "]":
            self.at += 1
            return ("i",)
        label = self.name("=]")
        if self.peek() == "]":
            self.at += 1
            if label == "*":
                return ("i",)
            if label.isascii() and label.isdigit() and len(label) < 10:
                return ("n", label)
            raise self.fail("expected [], [number] or [name=value]", start)
        self.at += 1
        if label not in LABELS:
            raise self.fail(f"an element is named by {', '.join(LABELS)}, not by {label!r}", start + 1)
        value = self.literal("]")
        if self.peek() != "]":
            raise self.fail("expected ']'")
        self.at += 1
        return ("i", label, value)

    def literal(self, stops: str) -> str:
        """Read a text that has no wildcards, so that nobody takes a star in it for one."""
        if self.peek() == '"':
            return self.quoted_text()
        start = self.at
        text = self.name(stops)
        if "*" in text:
            raise self.fail("no '*' is possible here; a real one goes in double quotes", start)
        return text

    def name(self, stops: str) -> str:
        start = self.at
        while self.peek() and self.peek() not in stops:
            if self.peek() in '\\"':
                raise self.fail(f"keys with special characters go in double quotes; found {self.peek()!r}")
            self.at += 1
        if self.at == start:
            raise self.fail("a key is missing")
        return self.source[start : self.at]

    def quoted_text(self) -> str:
        start = self.at
        self.at += 1
        out: list[str] = []
        while (c := self.peek()) != '"':
            if not c:
                raise self.fail("the quote is not closed", start)
            self.at += 1
            out.append(self.escaped() if c == "\\" else c)
        self.at += 1
        return "".join(out)

    def escaped(self) -> str:
        """Read what follows a backslash in double quotes."""
        start = self.at - 1
        c = self.peek()
        self.at += 1
        if c in ('"', "\\"):
            return c
        end = self.source.find("}", self.at)
        digits = self.source[self.at + 1 : max(end, 0)]
        if c != "u" or self.peek() != "{" or not 0 < len(digits) <= 6 or not _HEX.issuperset(digits):
            raise self.fail('only \\\\, \\" and \\u{hex} are escapes', start)
        self.at = end + 1
        number = int(digits, 16)
        if number > 0x10FFFF or 0xD800 <= number < 0xE000:
            raise self.fail("not a character", start)
        return chr(number)
