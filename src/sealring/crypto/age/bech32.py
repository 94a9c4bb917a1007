"""Bech32, the spelling of age keys, with no limit of 90 characters as post-quantum keys are long.

Source: BIP 173; C2SP age.md, "Bech32 is used without its length limit".
"""

from __future__ import annotations

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
MAX_LENGTH = 4096
CHECKSUM_LENGTH = 6

_VALUES = {char: value for value, char in enumerate(CHARSET)}
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _remainders() -> tuple[int, ...]:
    table = []
    for top in range(32):
        value = 0
        for bit, generator in enumerate(_GENERATORS):
            if top >> bit & 1:
                value ^= generator
        table.append(value)
    return tuple(table)


_TABLE = _remainders()


def encode(prefix: str, data: bytes) -> str:
    """Spell data in bech32, in lower case.

    Args:
        prefix: the human-readable part, in lower case; it takes part in the checksum.
    """
    values = _to_groups(data)
    checksum = _polymod(_expand(prefix) + values + [0] * CHECKSUM_LENGTH) ^ 1
    values += [checksum >> 5 * (5 - place) & 31 for place in range(CHECKSUM_LENGTH)]
    return prefix + "1" + "".join([CHARSET[value] for value in values])


def decode(text: str) -> tuple[str, bytes]:
    """Return the human-readable part, in the case of the text, and the data.

    Raises:
        ValueError: a wrong character, mixed case, a wrong checksum, bits left over. The message does
            not quote the text, as it may be a secret.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError("too long")
    lower = text.lower()
    if text not in (lower, text.upper()):
        raise ValueError("mixed case")
    split = lower.rfind("1")
    if split < 1 or len(lower) - split - 1 < CHECKSUM_LENGTH:
        raise ValueError("not bech32")
    if not all(33 <= ord(char) <= 126 for char in text):
        raise ValueError("a character that bech32 does not have")
    try:
        values = [_VALUES[char] for char in lower[split + 1 :]]
    except KeyError:
        raise ValueError("a character that bech32 does not have") from None
    if _polymod(_expand(lower[:split]) + values) != 1:
        raise ValueError("wrong checksum, so there is a typing error")
    return text[:split], _from_groups(values[:-CHECKSUM_LENGTH])


def _expand(prefix: str) -> list[int]:
    codes = prefix.encode("ascii")
    return [code >> 5 for code in codes] + [0] + [code & 31 for code in codes]


def _polymod(values: list[int]) -> int:
    table, checksum = _TABLE, 1
    for value in values:
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value ^ table[checksum >> 25]
    return checksum


def _to_groups(data: bytes) -> list[int]:
    bits, width, out = 0, 0, []
    for byte in data:
        bits, width = (bits << 8 | byte) & 0xFFF, width + 8
        while width >= 5:
            width -= 5
            out.append(bits >> width & 31)
    if width:
        out.append(bits << (5 - width) & 31)
    return out


def _from_groups(values: list[int]) -> bytes:
    bits, width, out = 0, 0, bytearray()
    for value in values:
        bits, width = (bits << 5 | value) & 0xFFF, width + 5
        if width >= 8:
            width -= 8
            out.append(bits >> width & 255)
    if width >= 5 or bits & (1 << width) - 1:
        raise ValueError("bits left over")
    return bytes(out)
