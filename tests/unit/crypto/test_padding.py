"""Padding shows a length in steps only, and has one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealring.crypto.padding import pad, padded_length, unpad


@pytest.mark.parametrize(
    "padded",
    [
        b"",
        b"\x80",
        b"\x80" + bytes(30),
        b"\x80" + bytes(32),
        b"\x80" + bytes(63),
        bytes(32),
        b"x" * 32,
        b"x" * 31 + b"\x81",
        b"x" * 30 + b"\x80\x01",
        b"x" * 31 + b"\x80" + bytes(32),
        b"x" * 300 + b"\x80" + bytes(19),
        b"x" * 300 + b"\x80" + bytes(1),
    ],
)
def test_refuses_what_it_would_not_have_made(padded):
    with pytest.raises(ValueError, match="canonical"):
        unpad(padded)


@pytest.mark.parametrize(
    "payload", [b"", b"\x80", b"\x80\x00", b"\x00", b"x\x80" + bytes(20), bytes(31), b"\x80" * 256]
)
def test_payloads_that_look_like_padding_come_back(payload):
    assert unpad(pad(payload)) == payload


@given(payload=st.binary(max_size=700), extra=st.integers(1, 64))
def test_one_payload_has_one_padding(payload, extra):
    padded = pad(payload)
    assert unpad(padded) == payload
    for wrong in (padded + bytes(extra), padded[:-extra], padded[extra:] + b"\x80"):
        try:
            other = unpad(wrong)
        except ValueError:
            continue
        assert pad(other) == wrong
        assert other != payload


@given(length=st.integers(0, 5_000_000))
def test_lengths_grow_in_steps_and_by_little(length):
    padded = padded_length(length)
    assert padded > length
    assert padded_length(length + 1) >= padded
    assert padded <= max(length + 32, (length + 1) * 1.12 + 1)
    assert padded_length(padded - 1) == padded, "a step ends where it says"
    assert padded % 32 == 0 or padded > 256
