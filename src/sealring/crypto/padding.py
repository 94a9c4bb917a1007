"""Padding that shows a length only in steps, and has one spelling.

A payload is followed by 0x80 and zeros, up to a multiple of 32 bytes while that is 256 at most,
and to the next Padmé length above (at most 12 % more).

Source: ISO/IEC 7816-4 (0x80 00...); Padmé: Nikitin et al., "Reducing Metadata Leakage from Encrypted
Files and Communication with PURBs" (PoPETs 2019), algorithm 1; spec.md 4.3.
"""

from __future__ import annotations

STEP = 32
STEPS_UP_TO = 256


def padded_length(length: int) -> int:
    """Return the length that a payload of `length` bytes is padded to, mark included."""
    needed = length + 1
    if needed <= STEPS_UP_TO:
        return -(-needed // STEP) * STEP
    exponent = needed.bit_length() - 1
    low_bits = exponent - exponent.bit_length()
    mask = (1 << low_bits) - 1
    return (needed + mask) & ~mask


def pad(payload: bytes) -> bytes:
    """Return the payload with mark and zeros."""
    return payload + b"\x80" + bytes(padded_length(len(payload)) - len(payload) - 1)


def unpad(padded: bytes) -> bytes:
    """Return the payload.

    Raises:
        ValueError: no mark, a byte after it, or a length that `pad` would not have chosen.
    """
    payload = padded.rstrip(b"\0")
    if payload[-1:] != b"\x80" or len(padded) != padded_length(len(payload) - 1):
        raise ValueError("the padding is not canonical")
    return payload[:-1]
