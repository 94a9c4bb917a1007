r"""Any other file: a certificate, a keystore, a script. The whole file is one value.

Its path is the key `file`. Sealed, the file is the token and nothing else, in lines of at most 76
characters, as mail and PEM files have; reading joins the lines again, wherever they were broken.

Bytes and texts: a file that is UTF-8 is its text. A file that is not (or that looks like the form that
follows) is the text `data:;base64,` and the base64 of its bytes (RFC 2397, RFC 4648), so that what is
sealed is always a text, one text for each file, and can be read back with stock tools. The bytes are
restored as they were, line ends too, whatever git did to the line ends of the sealed file.

Source: spec.md 5.5.
"""

from __future__ import annotations

import binascii

from sealring.documents.base import TOKEN_PREFIX
from sealring.documents.payload import Payload
from sealring.documents.spans import SpanDocument, make_field
from sealring.errors import DocumentRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.documents.base import Field, Limits
    from sealring.model.field_path import FieldPattern

BINARY = "data:;base64,"
WIDTH = 76
_PARTS = (("k", "file"),)


def parse(text: str, limits: Limits) -> OpaqueDocument:
    """Take a whole text as one field.

    Args:
        text: from `text_from_bytes`, not from `documents.decode`, which refuses what is not UTF-8.
    Raises:
        DocumentRefused: the text is not one that `text_from_bytes` gives.
    """
    return OpaqueDocument(text, limits)


def text_from_bytes(data: bytes) -> str:
    """Return the one text that stands for the bytes of a file; never fails."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = BINARY
    if text.startswith(BINARY):
        return BINARY + binascii.b2a_base64(data, newline=False).decode("ascii")
    return text


def bytes_from_text(text: str) -> bytes:
    """Return the bytes of a file from their text: the inverse of `text_from_bytes`.

    Raises:
        DocumentRefused: the text is not one that `text_from_bytes` gives.
    """
    try:
        data = text.encode("utf-8")
        if text.startswith(BINARY):
            data = binascii.a2b_base64(data[len(BINARY) :], strict_mode=True)
    except ValueError:
        raise DocumentRefused("this is not the text of any file") from None
    if text_from_bytes(data) != text:
        raise DocumentRefused("this is not the text of any file")
    return data


class OpaqueDocument(SpanDocument):
    """One file as one value."""

    format = "opaque"

    def content(self, field: Field) -> str:
        """Return the file as text, or the joined token."""
        return field.token or self.text

    def is_plain(self, field: Field) -> bool:
        """Tell that the file is never a number or null."""
        return False

    def value(self, field: Field) -> str:
        """Return the text of the file; for a binary file the form that the module describes."""
        return self.text

    def data(self) -> str:
        """Return the file as text."""
        return self.text

    def payload(self, field: Field) -> bytes:
        """Return flags and the text as it is: line ends do not follow those of the sealed file."""
        return Payload(self.slice_of(field)).dump()

    def literal(self, value: str | int | float | bool | None, at: Field | None) -> str:
        """Return a text as it is; a null or a number is no file."""
        if not isinstance(value, str):
            raise DocumentRefused("the value of an opaque file is a text")
        bytes_from_text(value)
        return value

    def inserted(self, where: FieldPattern, literal: str) -> str:
        """Refuse: there is nothing to put a field into."""
        raise DocumentRefused("an opaque file is one value; nothing can be inserted into it")

    def removed(self, index: int) -> str:
        """Refuse: the file is its only field."""
        raise DocumentRefused("an opaque file is one value; remove the file instead")

    def _scan(self) -> None:
        bytes_from_text(self.text)
        token = ""
        if self.text.startswith(TOKEN_PREFIX):
            token = self.text.replace("\r", "").replace("\n", "")
        self.fields = (make_field(_PARTS, (), 0, len(self.text), "scalar", token),)

    def _sealed(self, field: Field, token: str) -> str:
        return "".join(token[at : at + WIDTH] + "\n" for at in range(0, len(token), WIDTH))

    def _restored(self, field: Field, payload: Payload) -> str:
        if payload != Payload(payload.slice):
            raise DocumentRefused("the sealed value has a form that this format does not have")
        bytes_from_text(payload.slice)
        return payload.slice

    def _check_slice(self, text: str) -> bool:
        return True
