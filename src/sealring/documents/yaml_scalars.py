"""What one YAML scalar says, by the core schema of YAML 1.2: `no`, `1_000` and `12:30` are texts.

Source: YAML 1.2.2, 10.3; spec.md 5.5.
"""

from __future__ import annotations

import re

from sealring.errors import DocumentRefused

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+\Z")
_OTHER_INT = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_SPECIAL_FLOAT = re.compile(r"(?:([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_TYPED_START = frozenset("-+.0123456789")
_MAX_DIGITS = 4000  # Python refuses to read longer integers

_TAG = "tag:yaml.org,2002:"


def resolve(text: str) -> str | int | float | bool | None:
    """Read a plain scalar by the core schema.

    Raises:
        DocumentRefused: an integer of thousands of digits.
    """
    if text in _NULLS:
        return None
    if text[0] not in _TYPED_START:
        return _BOOLS.get(text, text)
    if _INT.match(text) is not None:
        if len(text) > _MAX_DIGITS:
            raise DocumentRefused("a number has too many digits")
        return int(text)
    if _OTHER_INT.match(text) is not None:
        return int(text[2:], 8 if text[1] == "o" else 16)
    if _FLOAT.match(text) is not None:
        return float(text)
    special = _SPECIAL_FLOAT.match(text)
    if special is None:
        return text
    return float("nan") if special.group(1) is None else float(special.group(1) + "inf")


def typed(content: str, is_plain: bool, tag: str = "") -> str | int | float | bool | None:
    """Read a scalar, with its full tag if it has one; contents of unknown tags are texts."""
    if not tag:
        return resolve(content) if is_plain else content
    name = tag[len(_TAG) :] if tag.startswith(_TAG) else ""
    if name == "null":
        return None
    found = resolve(content) if name in ("int", "float", "bool") else content
    if name == "float" and type(found) is int:
        return float(found)
    return found if type(found).__name__ == name else content


def binary(content: str, tag: str) -> bytes | None:
    """Return the bytes of a `!!binary` scalar; None if it is not one.

    Raises:
        DocumentRefused: it is not base64.
    """
    if tag != _TAG + "binary":
        return None
    from binascii import a2b_base64

    try:
        return a2b_base64("".join(content.split()).encode("ascii"), strict_mode=True)
    except ValueError:
        raise DocumentRefused("a `!!binary` value is not base64") from None
