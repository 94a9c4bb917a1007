"""Bytes of a file to text and back, by its format, without losing one."""

from __future__ import annotations

from sealring.documents import decode, format_of
from sealring.errors import SealringError


def text_of(name: str, data: bytes) -> str:
    """Decode a file.

    Raises:
        DocumentRefused: not UTF-8, and not of a format that takes any bytes.
    """
    try:
        if format_of(name) == "opaque":
            from sealring.documents.opaque import text_from_bytes

            return text_from_bytes(data)
        return decode(data)
    except SealringError as error:
        raise error.at(name) from None


def bytes_of(name: str, text: str) -> bytes:
    """Encode a text for its file: the inverse of `text_of`."""
    if format_of(name) == "opaque":
        from sealring.documents.opaque import bytes_from_text

        return bytes_from_text(text)
    return text.encode("utf-8")
