"""The grammar of group and member names, and the repository's id: all are parts of what tokens bind.

Source: spec.md 2.
"""

from __future__ import annotations

from sealring.errors import PolicyError
from sealring.model.encoding import BASE32, base32

MAX_NAME_CHARS = 63
REPOSITORY_ID_BYTES = 16
_REPOSITORY_ID_CHARS = 26
_FIRST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_REST = _FIRST | {"-"}


def is_name(text: str) -> bool:
    """Tell whether a text is a name: 1 to 63 of a-z, 0-9 and "-", not beginning with "-"."""
    return 0 < len(text) <= MAX_NAME_CHARS and text[0] in _FIRST and _REST.issuperset(text)


def check_name(text: str, what: str, *, file: str | None = None, line: int | None = None) -> str:
    """Return a name unchanged, or say what names look like.

    Args:
        what: "group", "member" or "rule", for the message.
    Raises:
        PolicyError: it is not a name.
    """
    if not is_name(text):
        raise PolicyError(
            f"{text!r} is not the name of a {what}",
            file=file,
            line=line,
            hints=[f'names have 1 to {MAX_NAME_CHARS} lower-case letters, digits and "-", not "-" first'],
        )
    return text


def new_repository_id(random: bytes) -> str:
    """Spell a new repository id: 26 characters of lower-case base32.

    Args:
        random: 16 bytes from the system's random source.
    """
    if len(random) != REPOSITORY_ID_BYTES:
        raise ValueError(f"a repository id is made of {REPOSITORY_ID_BYTES} bytes")
    return base32(random)


def is_repository_id(text: str) -> bool:
    """Tell whether a text is 16 bytes of base32 in their only spelling: the last 2 bits are zero."""
    return (
        len(text) == _REPOSITORY_ID_CHARS and set(BASE32).issuperset(text) and BASE32.index(text[-1]) & 3 == 0
    )
