"""YAML: any scalar value can be sealed, whatever style it is written in.

A token takes the place of the raw source of one scalar. Tags and anchors stay outside, so aliases
go on working. A token is written in double quotes where the value was quoted, and in flow style,
where its commas and brackets would end it.

A value of several lines remembers the column that its block stood at; when the file has been
re-indented while the value was sealed, its lines move with it. Where a value cannot stand as it was
written, because a formatter turned block style into flow style, it comes back in double quotes.

Source: spec.md 5.4, 5.5.
"""

from __future__ import annotations

from sealring.documents.payload import Payload
from sealring.documents.spans import SpanDocument
from sealring.documents.yaml_events import SCALAR, SEQ, Events, read_events
from sealring.documents.yaml_fields import build_fields
from sealring.documents.yaml_slices import LINE_BREAK, fits_flow, read_slice, shifted, spliced
from sealring.errors import DocumentRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sealring.documents.base import Field, Limits
    from sealring.documents.yaml_fields import Built, Frame
    from sealring.documents.yaml_slices import Edit
    from sealring.model.field_path import FieldPattern

_MAX_COLUMN = 0xFFFF
_SEALED = "sealed"


def parse(text: str, limits: Limits) -> YamlDocument:
    """Parse a YAML stream of any number of documents.

    Raises:
        DocumentRefused: it is not YAML, or holds something that could not be restored.
        LimitExceeded: it is too deep, too large, or its aliases stand for too much.
    """
    return YamlDocument(text, limits)


class YamlDocument(SpanDocument):
    """A parsed YAML stream."""

    format = "yaml"

    events: Events
    built: Built

    def _scan(self) -> None:
        self.events = read_events(self.text, self.limits)
        self.built = build_fields(self.events, self.limits)
        self.fields = tuple(self.built.fields)
        self.duplicates = tuple(self.built.duplicates)
        self._indexes: dict[object, int] | None = None

    # What fields say

    def index_of(self, field: Field) -> int:
        """Return the position of a field of this document."""
        if self._indexes is None:
            self._indexes = {_identity(each): i for i, each in enumerate(self.fields)}
        return self._indexes[_identity(field)]

    def _said(self, field: Field) -> tuple[int, tuple[Any, ...]]:
        """Return the event and what it says, of a scalar or the scalar that an alias brings."""
        event = self.built.events_of[self.index_of(field)]
        info = self.events.infos[event]
        if info[0] != SCALAR:
            raise ValueError(f"{field.place} holds no scalar")
        return event, info

    def content(self, field: Field) -> str:
        """Return what a scalar says; of an alias, what the value that it stands for says."""
        return self._said(field)[1][1]  # type: ignore[no-any-return]

    def is_plain(self, field: Field) -> bool:
        """Tell whether a scalar has no quotes and is no block."""
        return self._said(field)[1][2]  # type: ignore[no-any-return]

    def value(self, field: Field) -> str | int | float | bool | None:
        """Return a scalar by the core schema of YAML 1.2; what has an unknown tag is a text."""
        from sealring.documents.yaml_scalars import typed

        event, (_, content, is_plain, *_) = self._said(field)
        return typed(content, is_plain, self.events.tags.get(event, ""))

    def data(self) -> Any:
        """Return dicts, lists and typed scalars; a list of documents if there are several.

        Aliases give the same object again, merge keys are merged in, `!!binary` gives bytes.

        Raises:
            DocumentRefused: a doubled key, or a key that is a collection.
        """
        from sealring.documents.yaml_data import build_data

        return build_data(self.events)

    def outline(self, without: frozenset[int]) -> tuple[object, ...]:
        """Return the events; of the fields at `without` only tag and anchor."""
        infos: list[object] = list(self.events.infos)
        for index in without:
            event = self.built.events_of[index]
            if self.fields[index].kind == "scalar":
                infos[event] = (_SEALED, *self.events.infos[event][3:])
        return tuple(infos)

    # Sealing

    def with_tokens(self, tokens: Mapping[int, str]) -> str:
        """Return the text with scalars replaced by tokens, quoted where the place asks for it.

        Raises:
            DocumentRefused: a bare null has no place of its own, as that of `? key` or `{key}`.
        """
        return self.with_slices({index: self._spelled(index, tokens[index]) for index in tokens})

    def _spelled(self, index: int, token: str) -> str:
        field = self.fields[index]
        is_bare = field.start == field.end
        if is_bare and not self._has_place(index):
            raise DocumentRefused(
                f"{field.place} has no value to seal",
                line=self.line_of(field.start),
                hints=["write `null` behind the key and a colon"],
            )
        if self.built.frames_of[index].is_flow or (not is_bare and self.text[field.start] in "\"'"):
            token = f'"{token}"'
        return " " + token if is_bare else token

    def _has_place(self, index: int) -> bool:
        """Tell whether a bare null stands behind a colon, dash, tag or anchor of its own."""
        event, at = self.built.events_of[index], self.fields[index].start
        if event in self.events.raw_starts:
            return True
        if self.built.frames_of[index].kind == SEQ:
            return self.text[at - 1 : at] == "-"
        return self.text[at - 1 : at] == ":" and at > self.events.ends[event - 1]

    def payload(self, field: Field) -> bytes:
        """Return flags, the column of the block, and the raw slice."""
        if field.kind != "scalar":
            raise ValueError(f"{field.place} is no scalar")
        if field.start == field.end:
            return Payload("", is_bare=True).dump()
        return super().payload(field)

    def _column(self, field: Field) -> int:
        return self._column_at(self.index_of(field))

    def _column_at(self, index: int) -> int:
        """Return the column of the innermost block around a field, which its lines are relative to.

        That is outside of any value, so it is the same whatever else of the file is sealed. A value
        at the root of a document stays there, so 0 will do.
        """
        frame: Frame | None = self.built.frames_of[index]
        while frame is not None and frame.event not in self.events.columns:
            frame = frame.parent
        return min(self.events.columns[frame.event], _MAX_COLUMN) if frame is not None else 0

    # Opening

    def with_payloads(self, payloads: Mapping[int, bytes]) -> str:
        """Return the text with tokens replaced by the slices of opened payloads.

        Slices that were moved are read back; one that does not say the same comes in double quotes.
        """
        edits: dict[int, Edit] = {}
        doubtful: dict[int, Payload] = {}
        for index in sorted(payloads):
            payload = Payload.load(payloads[index])
            field = self.fields[index]
            start, text, is_moved = field.start, "", False
            if payload.is_bare:
                start -= self.text[start - 1 : start] == " "
            else:
                text, is_moved = self._restored_slice(index, payload)
            if is_moved:
                doubtful[index] = payload
            edits[index] = (start, field.end, text)
        if doubtful:
            self._settle(edits, doubtful)
        return spliced(self.text, edits.values())

    def _restored_slice(self, index: int, payload: Payload) -> tuple[str, bool]:
        """Return the slice as it must stand here, and whether that needs to be checked."""
        field, text = self.fields[index], payload.slice
        if not text or (payload.has_file_line_ends and ("\n" not in text or "\r" in text)):
            raise DocumentRefused(
                "the sealed value has a form that this format does not have", line=self.line_of(field.start)
            )
        shift = 0 if payload.column is None else self._column_at(index) - payload.column
        if shift:
            text = shifted(text, shift)
        if payload.has_file_line_ends:
            text = text.replace("\n", self._line_end_at(field) or "\n")
        is_unfit = self.built.frames_of[index].is_flow and not fits_flow(payload.slice)
        return text, shift != 0 or is_unfit

    def _settle(self, edits: dict[int, Edit], doubtful: dict[int, Payload]) -> None:
        """Put those of the doubtful slices that read otherwise now in double quotes."""
        from sealring.documents.yaml_literals import double_quoted

        wanted = {index: self._reading(payload, index) for index, payload in doubtful.items()}
        try:
            result = YamlDocument(spliced(self.text, edits.values()), self.limits)
        except DocumentRefused:
            result = None
        for index, reading in wanted.items():
            if result is None or len(result.fields) != len(self.fields) or result.reading(index) != reading:
                start, end, _ = edits[index]
                edits[index] = (start, end, double_quoted(reading[0]))

    def reading(self, index: int) -> tuple[str, bool]:
        """Return content and plainness of a scalar by its position."""
        info = self.events.infos[self.built.events_of[index]]
        return (info[1], info[2]) if info[0] == SCALAR else ("", False)

    def _reading(self, payload: Payload, index: int) -> tuple[str, bool]:
        reading = read_slice(payload.slice, payload.column or 0, self.limits)
        if reading is None:
            line = self.line_of(self.fields[index].start)
            raise DocumentRefused("the sealed value is not one yaml value", line=line)
        return reading

    def _check_slice(self, text: str) -> bool:
        return read_slice(text, 0, self.limits) is not None

    # Editing

    def literal(self, value: str | int | float | bool | None, at: Field | None) -> str:
        """Spell a value in the style of the place: its quotes, and a literal block for several lines."""
        from sealring.documents.yaml_literals import spell

        if not isinstance(value, str) or at is None or at.kind != "scalar":
            return spell(value)
        index = self.index_of(at)
        if "\n" in value and not self.built.frames_of[index].is_flow:
            block = self._block(value, index)
            if block is not None:
                return block
        quote = self.text[at.start : at.start + 1]
        literal = spell(value, quote if quote in ("'", '"') else "")
        return " " + literal if at.start == at.end else literal

    def _block(self, value: str, index: int) -> str | None:
        """Spell a text as a literal block, if nothing but a line end stands behind its place."""
        from sealring.documents.yaml_literals import block_literal

        field = self.fields[index]
        line_end = LINE_BREAK.match(self.text, field.end)
        if line_end is None:
            return None
        block = block_literal(value, self._column_at(index) + 2, line_end.group())
        return " " + block if block is not None and field.start == field.end else block

    def inserted(self, where: FieldPattern, literal: str) -> str:
        """Return the text with a new field, in the style of its siblings."""
        from sealring.documents.yaml_insert import inserted

        return inserted(self, where, literal)

    def removed(self, index: int) -> str:
        """Return the text without one field and its key."""
        from sealring.documents.yaml_remove import removed

        return removed(self, index)


def _identity(field: Field) -> object:
    return field.start, field.end, field.path.parts, field.indices
