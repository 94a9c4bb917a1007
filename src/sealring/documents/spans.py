"""What the formats without YAML's indentation share: payloads, line ends, outlines, fast fields.

A format finds its spans and says what one scalar looks like; slicing texts, keeping line ends and
comparing outlines is done here once.

Source: spec.md 5.4.
"""

from __future__ import annotations

from sealring.documents.base import TOKEN_PREFIX, Document, Duplicate, Field
from sealring.documents.payload import Payload
from sealring.errors import DocumentRefused, LimitExceeded
from sealring.model.field_path import FieldPath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from sealring.documents.base import Limits
    from sealring.model.field_path import Part

_new = object.__new__
_set_parts = FieldPath.__dict__["parts"].__set__
_set_path, _set_indices, _set_start, _set_end, _set_kind, _set_tag, _set_anchor, _set_token = (
    Field.__dict__[part].__set__ for part in Field._parts
)


def make_field(
    parts: tuple[Part, ...],
    indices: tuple[int, ...],
    start: int,
    end: int,
    kind: str = "scalar",
    token: str = "",
) -> Field:
    """Build a field without tag and anchor; three times faster than calling `Field`."""
    path = _new(FieldPath)
    _set_parts(path, parts)
    field = _new(Field)
    _set_path(field, path)
    _set_indices(field, indices)
    _set_start(field, start)
    _set_end(field, end)
    _set_kind(field, kind)
    _set_tag(field, "")
    _set_anchor(field, "")
    _set_token(field, token)
    return field


def token_of(content: str) -> str:
    """Return the content of a scalar if it is meant as a token, else an empty text."""
    return content if content.startswith(TOKEN_PREFIX) else ""


class Container:
    """A mapping or list while its text is read; knows its path once all of it was read.

    An element's label may stand behind the values that it labels, so paths are made at the end,
    parents first.
    """

    __slots__ = ("count", "head", "index", "indices", "is_list", "key", "label", "parent", "parts", "seen")

    def __init__(self, parent: Container | None, key: str, index: int, is_list: bool) -> None:
        self.parent = parent
        self.key = key
        self.index = index
        self.is_list = is_list
        self.label: dict[str, str] | None = None
        self.seen: set[str] = set()
        self.count = 0
        self.head: tuple[Part, ...] = ()
        self.parts: tuple[Part, ...] = ()
        self.indices: tuple[int, ...] = ()

    def note_label(self, key: str, value: str) -> None:
        """Remember the content of a plain `name`, `id` or `key` of an element."""
        if value and not value.startswith(TOKEN_PREFIX):
            if self.label is None:
                self.label = {}
            self.label.setdefault(key, value)

    def resolve(self) -> None:
        """Make the path, from that of the parent."""
        parent = self.parent
        if parent is None:
            self.parts = self.head
        elif parent.is_list:
            self.parts = (*parent.parts, self.element())
            self.indices = (*parent.indices, self.index)
        else:
            self.parts = (*parent.parts, ("k", self.key))
            self.indices = parent.indices

    def element(self) -> Part:
        """Return the part that names this container as an element of a list."""
        for key in ("name", "id", "key") if self.label else ():
            if key in self.label:  # type: ignore[operator]
                return ("i", key, self.label[key])  # type: ignore[index]
        return ("i",)


def child_path(container: Container, key: str, index: int) -> tuple[tuple[Part, ...], tuple[int, ...]]:
    """Return parts and list positions of something that stands in a resolved container."""
    if container.is_list:
        return (*container.parts, ("i",)), (*container.indices, index)
    return (*container.parts, ("k", key)), container.indices


class SpanDocument(Document):
    """A document whose scalars are plain slices of its text."""

    def __init__(self, text: str, limits: Limits) -> None:
        """Refuse what could not be written back as UTF-8; then let the format find its fields."""
        super().__init__(text, limits)
        self._line_ends: dict[int, str] | None = None
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise self._refuse("half a surrogate pair stands here", error.start) from None
        self._scan()

    def _scan(self) -> None:
        raise NotImplementedError

    def _check_slice(self, text: str) -> bool:
        """Tell whether a text is one scalar of this format, so that it can stand as a field."""
        raise NotImplementedError

    def _sealed(self, field: Field, token: str) -> str:
        """Spell a token in the place of a field."""
        raise NotImplementedError

    def _refuse(self, what: str, offset: int) -> DocumentRefused:
        return DocumentRefused(what, line=self.line_of(offset))

    def _too_deep(self, offset: int) -> LimitExceeded:
        return LimitExceeded(
            f"mappings and lists are nested deeper than {self.limits.depth}", line=self.line_of(offset)
        )

    def _too_many(self) -> LimitExceeded:
        return LimitExceeded(f"the file has more than {self.limits.fields:,} fields")

    def _column(self, field: Field) -> int | None:
        """Return the column that continuation lines are shifted with; only formats that need one."""
        return None

    def payload(self, field: Field) -> bytes:
        """Return flags and raw slice, with LF where the line ends are those of the file."""
        text = self.slice_of(field)
        if "\n" not in text:
            return Payload(text).dump()
        line_end = self._line_end_at(field)
        has_file_line_ends = line_end != "" and _has_only(text, line_end)
        if has_file_line_ends:
            text = text.replace("\r\n", "\n")
        return Payload(text, has_file_line_ends, self._column(field)).dump()

    def with_tokens(self, tokens: Mapping[int, str]) -> str:
        """Return the text with scalars replaced by tokens, quoted where the place asks for it."""
        slices = {}
        for index, token in tokens.items():
            field = self.fields[index]
            if field.kind != "scalar":
                raise self._refuse("only a value can be sealed, not an empty collection", field.start)
            slices[index] = self._sealed(field, token)
        return self.with_slices(slices)

    def with_payloads(self, payloads: Mapping[int, bytes]) -> str:
        """Return the text with tokens replaced by the slices of opened payloads."""
        return self.with_slices(
            {at: self._restored(self.fields[at], Payload.load(data)) for at, data in payloads.items()}
        )

    def _restored(self, field: Field, payload: Payload) -> str:
        """Return the slice of an opened payload as it must stand in the place of a field."""
        if field.kind != "scalar":
            raise self._refuse("only a value can be unsealed, not an empty collection", field.start)
        text = payload.slice
        is_odd = payload.has_file_line_ends and ("\n" not in text or "\r" in text)
        if payload.column is not None and ("\n" not in text or self._column(field) is None):
            is_odd = True
        if is_odd or payload.is_bare:
            raise self._refuse("the sealed value has a form that this format does not have", field.start)
        if not self._check_slice(text):
            raise self._refuse(f"the sealed value is not one {self.format} value", field.start)
        if payload.has_file_line_ends:
            text = text.replace("\n", self._line_end_at(field) or "\n")
        return text

    def _line_end_at(self, field: Field) -> str:
        """Return the line end that the file has behind a field, else its first one, else nothing.

        Line ends inside of values do not count: they are not there while the values are sealed,
        and the answer must be the same then.
        """
        if self._line_ends is None:
            self._line_ends = found = {}
            scalars = [each for each in self.fields if each.kind == "scalar"]
            line_end, until = "", len(self.text)
            for each in reversed(scalars):
                line_end = _first_line_end(self.text, each.end, until) or line_end
                found[each.start] = line_end
                until = each.start
            first = _first_line_end(self.text, 0, until) or line_end
            for start, known in found.items():
                found[start] = known or first
        return self._line_ends[field.start]

    def outline(self, without: frozenset[int]) -> tuple[object, ...]:
        """Return one row per field: keys, list positions, kind, and the raw value but for `without`."""
        return (
            *(
                (*_bare(field), field.kind, None if index in without else self.slice_of(field))
                for index, field in enumerate(self.fields)
            ),
            *((each.path.parts,) for each in self.duplicates),
        )


def _bare(field: Field) -> tuple[object, ...]:
    """Return a path without labels and document part, which change when a name is sealed."""
    parts = field.path.parts
    return tuple(part[1] if part[0] == "k" else 0 for part in parts if part[0] != "d"), field.indices


def _first_line_end(text: str, start: int, end: int) -> str:
    at = text.find("\n", start, end)
    if at < 0:
        return ""
    return "\r\n" if at > start and text[at - 1] == "\r" else "\n"


def _has_only(text: str, line_end: str) -> bool:
    pairs = text.count("\r\n")
    alone = text.count("\n") - pairs
    if text.count("\r") != pairs:
        return False
    return alone == 0 if line_end == "\r\n" else pairs == 0


def duplicate(parts: tuple[Part, ...], line: int) -> Duplicate:
    """Build the note of a doubled key."""
    return Duplicate(FieldPath(parts), line)


def lines_of(text: str, offsets: list[int]) -> list[int]:
    """Return the lines of ascending offsets, from 1, in one pass."""
    lines, line, at = [], 1, 0
    for offset in offsets:
        line += text.count("\n", at, offset)
        at = offset
        lines.append(line)
    return lines


def plain_text(value: str | int | float | bool | None) -> str:
    """Spell a value for a format that has only texts.

    Raises:
        DocumentRefused: null, or characters that UTF-8 does not have.
    """
    if value is None:
        raise DocumentRefused("this format has no null")
    try:
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        text.encode("utf-8")
    except ValueError:
        raise DocumentRefused("a number this long, or half a surrogate pair, cannot be written") from None
    if "\0" in text:
        raise DocumentRefused("a NUL cannot be written here")
    return text
