"""The sealed form of one raw slice: flags, the column that it was written at, and its characters.

    payload = flags (1) || column (2, big endian, if flag 2) || slice (UTF-8)

    flag 1: the slice has several lines and every line end in it equals the line end of the file at
            that place; they are stored as LF and written as the file's on the way back, because git
            may convert the file between LF and CRLF while the value is sealed
    flag 2: continuation lines are shifted when the token has been re-indented meanwhile
    flag 4: a bare null: the token stands behind one space that was not there before

Source: spec.md 5.4.
"""

from __future__ import annotations

from sealring.errors import DocumentRefused
from sealring.model.record import Record

FILE_LINE_ENDS = 1
INDENTED = 2
BARE = 4
_KNOWN = FILE_LINE_ENDS | INDENTED | BARE


class Payload(Record):
    """One payload, taken apart."""

    slice: str
    has_file_line_ends: bool = False
    column: int | None = None
    is_bare: bool = False

    def dump(self) -> bytes:
        """Return the bytes to seal; 1 at least."""
        flags = FILE_LINE_ENDS * self.has_file_line_ends | BARE * self.is_bare
        column = b""
        if self.column is not None:
            flags |= INDENTED
            column = self.column.to_bytes(2, "big")
        return bytes([flags]) + column + self.slice.encode("utf-8")

    @classmethod
    def load(cls, data: bytes) -> Payload:
        """Take opened bytes apart.

        Raises:
            DocumentRefused: unknown flags, too short, not UTF-8, or a bare null with characters.
        """
        flags = data[0] if data else 255
        start = 3 if flags & INDENTED else 1
        if flags & ~_KNOWN or len(data) < start:
            raise DocumentRefused("the sealed value has a form that this version does not know")
        try:
            text = data[start:].decode("utf-8")
        except UnicodeDecodeError:
            raise DocumentRefused("the sealed value is not UTF-8") from None
        if flags & BARE and text:
            raise DocumentRefused("the sealed value has a form that this version does not know")
        column = int.from_bytes(data[1:3], "big") if flags & INDENTED else None
        return cls(text, bool(flags & FILE_LINE_ENDS), column, bool(flags & BARE))
