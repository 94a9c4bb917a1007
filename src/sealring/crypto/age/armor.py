"""The PEM-like text form of age files: strict inside, white space allowed only around it.

Source: C2SP age.md, "ASCII armor"; RFC 7468, strict encoding.
"""

from __future__ import annotations

import binascii

from sealring.crypto.age.base import BrokenAge
from sealring.errors import LimitExceeded

BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
END = b"-----END AGE ENCRYPTED FILE-----"
COLUMNS = 64
# As much as the reference implementation takes.
MAX_OUTSIDE = 1024

_SPACE = b" \t\r\n\v\f"


def is_armored(data: bytes) -> bool:
    """Tell whether the data means to be armored, even if badly."""
    return b"-----" in data[: 2 * MAX_OUTSIDE]


def armor(data: bytes) -> bytes:
    """Return the text form: lines of 64 columns between the two markers."""
    text = binascii.b2a_base64(data, newline=False)
    lines = [text[start : start + COLUMNS] for start in range(0, len(text), COLUMNS)]
    return b"\n".join((BEGIN, *lines, END, b""))


def dearmor(data: bytes, *, max_size: int) -> bytes:
    """Return the bytes of a text form.

    Only one spelling is accepted inside, since a reader that skips odd characters lets an attacker
    hide data; lines may end in LF or CRLF, as mail and Windows editors change that.

    Args:
        max_size: of the result, in bytes.
    Raises:
        MalformedAge: with the reason "armor".
        LimitExceeded: it is larger.
    """
    if len(data) > _longest_text(max_size):
        raise LimitExceeded("the age file is larger than allowed")
    lines = _strip_outside(data).replace(b"\r\n", b"\n").split(b"\n")
    if lines[0] != BEGIN:
        raise BrokenAge("armor", "the first line of the age armor is wrong")
    if len(lines) < 2 or lines[-1] != END:
        raise BrokenAge("armor", "the age armor has no closing line")
    body = lines[1:-1]
    if any(len(line) != COLUMNS for line in body[:-1]) or (body and not 0 < len(body[-1]) <= COLUMNS):
        raise BrokenAge("armor", f"a line of the age armor is not {COLUMNS} characters long")
    text = b"".join(body)
    try:
        raw = binascii.a2b_base64(text)
    except ValueError:
        raise BrokenAge("armor", "the age armor is not base64") from None
    if binascii.b2a_base64(raw, newline=False) != text:
        raise BrokenAge("armor", "the age armor is not canonical base64")
    return raw


def _longest_text(size: int) -> int:
    encoded = (size + 2) // 3 * 4
    return encoded + (encoded // COLUMNS + 1) * len(b"\r\n") + len(BEGIN) + len(END) + 4 + 2 * MAX_OUTSIDE


def _strip_outside(data: bytes) -> bytes:
    inner = data.lstrip(_SPACE)
    before = len(data) - len(inner)
    text = inner.rstrip(_SPACE)
    if before > MAX_OUTSIDE or len(inner) - len(text) > MAX_OUTSIDE:
        raise BrokenAge("armor", "too much white space around the age armor")
    # White space on the line of a marker is garbage; only whole blank lines may be around.
    if before and data[before - 1 : before] != b"\n":
        raise BrokenAge("armor", "the first line of the age armor is wrong")
    after = inner[len(text) :]
    if after and not after.startswith((b"\n", b"\r\n")):
        raise BrokenAge("armor", "the age armor has no closing line")
    return text
