"""Texts of strangers, such as file names and fields, as they may be shown in a terminal or a log."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_BIDI = frozenset(
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)


def visible(text: str) -> str:
    """Escape what is not printable or turns the direction of writing, so that one text stays one line."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() and c not in _BIDI else f"\\u{{{ord(c):x}}}" for c in text)


def quoted(name: str) -> str:
    """Spell a file name as one word of a shell."""
    from shlex import quote

    return quote(name)


def counted(count: int, noun: str) -> str:
    """Spell a number with its noun: 1 value, 2 values."""
    return f"{count} {noun}" + ("s" if count != 1 else "")


def listed(texts: Sequence[str], most: int = 6) -> str:
    """Join texts, only the first few of many."""
    left = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {left} more" if left > 0 else "")
