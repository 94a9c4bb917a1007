"""Laws of the age format, tried on generated input."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sealring.crypto import age
from sealring.crypto.age import bech32
from sealring.crypto.age.armor import BEGIN, END, armor, dearmor
from sealring.crypto.age.base import Stanza, from_base64, to_base64
from sealring.crypto.age.header import VERSION_LINE, parse_header, write_header
from sealring.errors import IdentityRefused, LimitExceeded, MalformedAge, NoIdentity, SealringError

IDENTITY = age.X25519Identity.from_bytes(bytes(range(32)))
HYBRID = age.HybridIdentity.from_bytes(bytes(range(32)))
BINARY = age.encrypt(b"a secret of some length", [IDENTITY.recipient()])
ARMORED = armor(BINARY)
HYBRID_BINARY = age.encrypt(b"a secret", [HYBRID.recipient()])

few = settings(max_examples=100, deadline=None)
many = settings(max_examples=200, deadline=None)

visible = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
stanzas = st.lists(
    st.builds(Stanza, st.lists(visible, min_size=1, max_size=4).map(tuple), st.binary(max_size=200)),
    min_size=1,
    max_size=5,
)
# Bytes that get past the first checks of each reader.
starts = st.sampled_from(
    [
        b"",
        VERSION_LINE,
        VERSION_LINE + b"-> X25519 ",
        VERSION_LINE + b"-> scrypt AAAAAAAAAAAAAAAAAAAAAA ",
        BEGIN,
    ]
)
inputs = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda start, rest: start + rest, starts, st.binary(max_size=300)),
    st.builds(lambda start, rest: start + rest.encode(), starts, st.text("->AX \n\r=1", max_size=300)),
    st.builds(lambda rest: BEGIN + b"\n" + rest + b"\n" + END, st.binary(max_size=200)),
    st.builds(armor, st.builds(lambda start, rest: start + rest, starts, st.binary(max_size=200))),
)
KEY_BEGIN, KEY_END = b"-----BEGIN OPENSSH PRIVATE KEY-----\n", b"\n-----END OPENSSH PRIVATE KEY-----\n"
key_files = st.one_of(
    inputs,
    st.builds(lambda rest: KEY_BEGIN + rest + KEY_END, st.binary(max_size=200)),
    st.builds(
        lambda rest: KEY_BEGIN + to_base64(b"openssh-key-v1\0" + rest).encode() + KEY_END,
        st.binary(max_size=300),
    ),
    st.builds(
        lambda rest: b"-----BEGIN PRIVATE KEY-----\n" + rest + b"\n-----END PRIVATE KEY-----\n",
        st.binary(max_size=200),
    ),
    st.builds(lambda rest: b"AGE-SECRET-KEY-1" + rest.encode(), st.text(max_size=80)),
)
recipients = st.one_of(
    st.text(max_size=100),
    st.builds(
        lambda start, rest: start + rest,
        st.sampled_from(["age1", "age1pq1", "ssh-rsa ", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA", "ssh-dss "]),
        st.text(max_size=100),
    ),
    st.builds(lambda rest: "ssh-rsa " + to_base64(rest), st.binary(max_size=300)),
)


@few
@given(plaintext=st.binary(max_size=3000), armored=st.booleans())
def test_decrypting_gives_back_what_was_encrypted(plaintext, armored):
    data = age.encrypt(plaintext, [IDENTITY.recipient()], armored=armored)
    assert age.decrypt(data, [IDENTITY]) == plaintext


@many
@given(data=inputs)
@example(data=b"")
@example(data=VERSION_LINE)
@example(data=BEGIN + b"\n" + END)
def test_arbitrary_bytes_are_refused_by_name(data):
    with pytest.raises(SealringError):
        age.decrypt(data, [IDENTITY, age.ScryptIdentity("x", max_work_factor=1)])


@many
@given(data=inputs)
def test_inspecting_arbitrary_bytes_fails_by_name_or_not_at_all(data):
    with contextlib.suppress(SealringError):
        assert age.inspect(data)


@many
@given(place=st.integers(0, len(ARMORED) - 1), value=st.integers(0, 255))
def test_a_changed_byte_of_an_armored_file_is_refused(place, value):
    changed = ARMORED[:place] + bytes([value]) + ARMORED[place + 1 :]
    if changed == ARMORED:
        return
    with pytest.raises((MalformedAge, NoIdentity)):
        age.decrypt(changed, [IDENTITY])


@many
@given(place=st.integers(0, len(BINARY) - 1), value=st.integers(1, 255))
def test_a_changed_byte_of_a_file_is_refused(place, value):
    changed = BINARY[:place] + bytes([BINARY[place] ^ value]) + BINARY[place + 1 :]
    with pytest.raises((MalformedAge, NoIdentity)):
        age.decrypt(changed, [IDENTITY])


@few
@given(place=st.integers(0, len(HYBRID_BINARY) - 1), value=st.integers(1, 255))
def test_a_changed_byte_of_a_post_quantum_file_is_refused(place, value):
    changed = HYBRID_BINARY[:place] + bytes([HYBRID_BINARY[place] ^ value]) + HYBRID_BINARY[place + 1 :]
    with pytest.raises((MalformedAge, NoIdentity)):
        age.decrypt(changed, [HYBRID])


@few
@given(more=st.binary(min_size=1, max_size=50))
def test_bytes_behind_a_file_are_refused(more):
    with pytest.raises(MalformedAge):
        age.decrypt(BINARY + more, [IDENTITY])


@many
@given(data=key_files)
def test_arbitrary_identity_files_are_refused_by_name(data):
    with pytest.raises((IdentityRefused, LimitExceeded)):
        age.parse_identities(data, passphrase=lambda: "x", max_work_factor=1)


@many
@given(text=recipients)
def test_arbitrary_recipients_are_refused_by_name(text):
    with pytest.raises(IdentityRefused):
        age.encrypt(b"", [age.parse_recipient(text)])


@few
@given(found=stanzas, key=st.binary(min_size=16, max_size=16))
def test_a_written_header_reads_back(found, key):
    data = write_header(found, key)
    header = parse_header(data)
    assert header.stanzas == tuple(found)
    assert write_header(header.stanzas, key) == data


@many
@given(data=inputs)
def test_a_header_that_parses_is_its_own_reserialisation(data):
    try:
        header = parse_header(data)
    except SealringError:
        return
    assert write_header(header.stanzas, bytes(16))[: len(header.signed)] == header.signed


@few
@given(data=st.binary(max_size=300))
def test_armor_comes_back(data):
    assert dearmor(armor(data), max_size=len(data)) == data


@few
@given(data=st.binary(max_size=100))
def test_base64_comes_back(data):
    assert from_base64(to_base64(data)) == data


@few
@given(data=st.binary(max_size=100), place=st.integers(0), char=st.sampled_from(bech32.CHARSET))
def test_a_changed_character_of_bech32_is_noticed(data, place, char):
    text = bech32.encode("age", data)
    at = 4 + place % (len(text) - 4)
    if text[at] == char:
        assert bech32.decode(text) == ("age", data)
        return
    with pytest.raises(ValueError, match="checksum"):
        bech32.decode(text[:at] + char + text[at + 1 :])


@few
@given(secret=st.binary(min_size=32, max_size=32))
def test_the_text_of_an_identity_reads_back(secret):
    identity = age.X25519Identity.from_bytes(secret)
    [same] = age.parse_identities(identity.text().encode())
    assert same.recipient() == identity.recipient()
    assert age.parse_recipient(identity.recipient().text) == identity.recipient()
