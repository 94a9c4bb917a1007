"""What every format offers: fields with exact spans, and texts in which some were replaced.

A document is never written out from a parse tree. Parsing finds spans; results are the user's own
text with slices replaced. Each format is one module that subclasses `Document`.
Nothing here knows keys, groups or the policy.

Source: spec.md 5.
"""

from __future__ import annotations

from sealring.errors import DocumentRefused
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sealring.model.field_path import FieldPath, FieldPattern

Scalar = "str | int | float | bool | None"

TOKEN_PREFIX = "ENC[sr"  # noqa: S105  the mark of a token, not a secret


class Limits(Record):
    """How large an input may be before it is refused."""

    text_chars: int = 16 * 1024 * 1024
    depth: int = 64
    fields: int = 1_000_000
    expansions: int = 100_000


class Field(Record):
    """One place of a document that holds a value.

    kind is
    "scalar": a value that can be sealed, an explicit or a bare null among them;
    "alias": an alias stands here, or the alias of a collection above brings this value here;
    "merge": a merge key (`<<`) brings this value here;
    "empty": an empty mapping or list.
    Only scalars have a payload. start and end are character offsets into `Document.text`; those of
    aliases and merges are the alias's own, of empties the brackets'.
    """

    path: FieldPath
    indices: tuple[int, ...]
    start: int
    end: int
    kind: str = "scalar"
    tag: str = ""
    anchor: str = ""
    token: str = ""
    """The content, if this scalar's content (without quotes) begins with "ENC[sr"; else empty."""

    @property
    def place(self) -> str:
        """The path for people, with list positions."""
        return self.path.text(self.indices)


class Duplicate(Record):
    """A key that a mapping holds more than once."""

    path: FieldPath
    line: int


class Document:
    """One parsed file. Subclasses fill `fields` and `duplicates` in `__init__`.

    Raises (from the constructor):
        DocumentRefused: the text does not parse; with the line.
        LimitExceeded: a limit is passed.
    """

    format = ""

    def __init__(self, text: str, limits: Limits) -> None:
        self.text = text
        self.limits = limits
        self.fields: tuple[Field, ...] = ()
        self.duplicates: tuple[Duplicate, ...] = ()
        self._line_starts: list[int] | None = None

    def line_of(self, offset: int) -> int:
        """Return the line of a character offset, from 1."""
        if self._line_starts is None:
            from itertools import accumulate

            self._line_starts = list(accumulate(len(line) + 1 for line in self.text.split("\n")))
        from bisect import bisect_right

        return bisect_right(self._line_starts, offset) + 1

    def slice_of(self, field: Field) -> str:
        """Return the raw source of a field, quotes and block header and all."""
        return self.text[field.start : field.end]

    def content(self, field: Field) -> str:
        """Return what a scalar says, without quotes and escapes."""
        raise NotImplementedError

    def is_plain(self, field: Field) -> bool:
        """Tell whether a scalar is written without quotes, so that it may be a number or null."""
        raise NotImplementedError

    def value(self, field: Field) -> str | int | float | bool | None:
        """Return a scalar as the format's readers would: typed in YAML, JSON and TOML."""
        raise NotImplementedError

    def data(self) -> Any:
        """Return the whole document as plain dicts, lists and typed scalars.

        A YAML stream of several documents gives a list of them.
        """
        raise NotImplementedError

    def outline(self, without: frozenset[int]) -> tuple[object, ...]:
        """Return the event stream: structure, keys, and values but those of the fields at `without`.

        Two texts whose outlines are equal differ for a reader only in those fields.
        """
        raise NotImplementedError

    def payload(self, field: Field) -> bytes:
        """Return what is sealed of a scalar: flags and raw slice (see `documents.payload`)."""
        raise NotImplementedError

    def with_tokens(self, tokens: Mapping[int, str]) -> str:
        """Return the text with scalars replaced by tokens, quoted where the place asks for it.

        Args:
            tokens: by position in `fields`.
        """
        raise NotImplementedError

    def with_payloads(self, payloads: Mapping[int, bytes]) -> str:
        """Return the text with tokens replaced by the slices of opened payloads: the inverse.

        Raises:
            DocumentRefused: a payload is malformed, or does not fit this format.
        """
        raise NotImplementedError

    def with_slices(self, slices: Mapping[int, str]) -> str:
        """Return the text with raw slices put in place of fields."""
        out, at = [], 0
        for index in sorted(slices):
            field = self.fields[index]
            if field.start < at:
                raise DocumentRefused("fields overlap", line=self.line_of(field.start))
            out += [self.text[at : field.start], slices[index]]
            at = field.end
        out.append(self.text[at:])
        return "".join(out)

    def replaced(self, index: int, literal: str) -> str:
        """Return the text with a literal in place of one scalar field, which may be a bare null."""
        return self.with_slices({index: literal})

    def literal(self, value: str | int | float | bool | None, at: Field | None) -> str:
        """Spell a value so that it reads back as itself in the place of a field, or anywhere.

        Raises:
            DocumentRefused: the format cannot hold it, such as a NUL.
        """
        raise NotImplementedError

    def inserted(self, where: FieldPattern, literal: str) -> str:
        """Return the text with a new field, in the style of its siblings.

        Args:
            where: an address without wildcards; missing mappings on the way are made.
        Raises:
            DocumentRefused: no safe edit was found; says which line to edit by hand.
        """
        raise NotImplementedError

    def removed(self, index: int) -> str:
        """Return the text without one field and its key; its own comment line stays.

        Raises:
            DocumentRefused: no safe edit was found; says which line to edit by hand.
        """
        raise NotImplementedError
