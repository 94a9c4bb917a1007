"""The header of an age file: who can open it, and a MAC over that.

Parsing takes one spelling only, so that a header that parses is its own re-serialisation, and stops
at limits that bound time and memory before anything was authenticated.

Source: C2SP age.md, "Header".
"""

from __future__ import annotations

from sealring.crypto.age.base import BrokenAge, Stanza, from_base64, to_base64
from sealring.crypto.primitives import HASH_SIZE, hkdf_sha256, hmac_sha256
from sealring.errors import LimitExceeded
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION_PREFIX = b"age-encryption.org/"
VERSION_LINE = b"age-encryption.org/v1\n"
COLUMNS = 64
MAX_HEADER = 256 * 1024
MAX_STANZAS = 1000

_VISIBLE = bytes(range(33, 127))


class Header(Record):
    """A parsed header: its stanzas, its MAC with the bytes below it, and where the payload starts."""

    stanzas: tuple[Stanza, ...]
    mac: bytes
    signed: bytes
    size: int


def header_mac(file_key: bytes, signed: bytes) -> bytes:
    """Return the MAC of a header, over all of it up to and with the three dashes."""
    return hmac_sha256(hkdf_sha256(file_key, salt=b"", info=b"header", length=HASH_SIZE), signed)


def write_header(stanzas: Sequence[Stanza], file_key: bytes) -> bytes:
    """Return the header for these stanzas, with its MAC.

    Raises:
        LimitExceeded: this module would refuse to read it.
    """
    signed = VERSION_LINE + b"".join(map(_write_stanza, stanzas)) + b"---"
    if len(stanzas) > MAX_STANZAS or len(signed) + COLUMNS > MAX_HEADER:
        raise LimitExceeded("too many recipients for one age file")
    return signed + b" " + to_base64(header_mac(file_key, signed)).encode("ascii") + b"\n"


def parse_header(data: bytes) -> Header:
    """Read the header at the start of an age file.

    Raises:
        MalformedAge: with the reason "header".
        LimitExceeded: more than 256 KiB or 1,000 stanzas.
    """
    if not data.startswith(VERSION_LINE):
        if data.startswith(VERSION_PREFIX):
            raise BrokenAge("header", "the age file is of a version that is not v1")
        raise BrokenAge("header", "not an age file")
    at = len(VERSION_LINE)
    stanzas: list[Stanza] = []
    while True:
        line, after = _line(data, at)
        if line.startswith(b"---"):
            break
        if len(stanzas) == MAX_STANZAS:
            raise LimitExceeded(f"the age file has more than {MAX_STANZAS} stanzas")
        args = _parse_arguments(line)
        body, at = _parse_body(data, after)
        stanzas.append(Stanza(args, body))
    if not stanzas:
        raise BrokenAge("header", "the age header has no stanza")
    return Header(tuple(stanzas), _parse_mac(line), data[: at + 3], after)


def _line(data: bytes, start: int) -> tuple[bytes, int]:
    end = data.find(b"\n", start, MAX_HEADER)
    if end >= 0:
        return data[start:end], end + 1
    if len(data) > MAX_HEADER:
        raise LimitExceeded("the age header is larger than 256 KiB")
    raise BrokenAge("header", "the age header ends too early")


def _parse_arguments(line: bytes) -> tuple[str, ...]:
    if not line.startswith(b"-> "):
        raise BrokenAge("header", "a line of the age header is neither a stanza nor its end")
    args = line[3:].split(b" ")
    if not all(args) or line[3:].translate(None, _VISIBLE + b" "):
        raise BrokenAge("header", "a stanza of the age header has a malformed first line")
    return tuple([arg.decode("ascii") for arg in args])


def _parse_body(data: bytes, at: int) -> tuple[bytes, int]:
    lines = []
    while True:
        line, at = _line(data, at)
        lines.append(line)
        if len(line) < COLUMNS:
            break
        if len(line) > COLUMNS:
            raise BrokenAge("header", "a line in a stanza of the age header is too long")
    return _decode(b"".join(lines), "a stanza of the age header"), at


def _parse_mac(line: bytes) -> bytes:
    mac = _decode(line[4:], "the MAC of the age header")
    if line[3:4] != b" " or len(mac) != HASH_SIZE:
        raise BrokenAge("header", "the last line of the age header is malformed")
    return mac


def _decode(text: bytes, what: str) -> bytes:
    try:
        return from_base64(text.decode("ascii"))
    except ValueError:
        raise BrokenAge("header", f"{what} is not canonical base64") from None


def _write_stanza(stanza: Stanza) -> bytes:
    body = to_base64(stanza.body)
    # A full last line is followed by an empty one, so that the end of a body can be seen.
    lines = [body[start : start + COLUMNS] for start in range(0, len(body) + 1, COLUMNS)]
    return "\n".join(("-> " + " ".join(stanza.args), *lines, "")).encode("ascii")
