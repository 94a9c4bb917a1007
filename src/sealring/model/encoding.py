"""Unambiguous byte strings from lists of byte strings, and the two alphabets used in files.

Source: spec.md 2 (conventions).
"""

from __future__ import annotations

import binascii

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def pack_items(items: Iterable[bytes]) -> bytes:
    """Join byte strings so that no two lists give the same result: 4-byte big-endian lengths."""
    return b"".join(len(item).to_bytes(4, "big") + item for item in items)


def base32(data: bytes) -> str:
    """Encode as lower-case base32 (RFC 4648 6) without padding."""
    bits, width, out = 0, 0, []
    for byte in data:
        bits, width = bits << 8 | byte, width + 8
        while width >= 5:
            width -= 5
            out.append(BASE32[bits >> width & 31])
    if width:
        out.append(BASE32[bits << (5 - width) & 31])
    return "".join(out)


def base64url(data: bytes) -> str:
    """Encode as base64url (RFC 4648 5) without padding."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL).decode("ascii")


def from_base64url(text: str) -> bytes:
    """Decode base64url without padding; only the one canonical spelling is taken.

    Raises:
        ValueError: another alphabet, padding, a stray character, or unused bits that are not zero.
    """
    raw = text.encode("ascii", "replace").translate(_FROM_URL)
    data = binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
    if base64url(data) != text:
        raise ValueError("not canonical base64url")
    return data


_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")
