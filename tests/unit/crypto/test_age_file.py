"""Whole age files: who opens them, what is refused, and what each refusal is called."""

from __future__ import annotations

import hashlib

import pytest

from sealring.crypto import age
from sealring.crypto.age import stream
from sealring.crypto.age.armor import BEGIN, END
from sealring.crypto.age.base import Stanza, from_base64, to_base64
from sealring.crypto.age.header import MAX_HEADER, MAX_STANZAS, VERSION_LINE, parse_header, write_header
from sealring.errors import (
    IdentityRefused,
    LimitExceeded,
    MalformedAge,
    NoIdentity,
    SealringError,
    Tampered,
)

IDENTITY = age.X25519Identity.from_bytes(bytes(range(32)))
OTHER = age.X25519Identity.from_bytes(bytes(range(1, 33)))
SIZES = [0, 1, 64, 65_535, 65_536, 65_537, 131_072, 200_000]


def sealed(plaintext=b"text", **options):
    return age.encrypt(plaintext, [IDENTITY.recipient()], **options)


# what must not change


@pytest.mark.parametrize("armored", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_every_size_comes_back(size, armored):
    plaintext = hashlib.shake_128(b"seed").digest(size)
    assert age.decrypt(sealed(plaintext, armored=armored), [IDENTITY]) == plaintext


def test_every_recipient_opens_the_file():
    data = age.encrypt(b"text", [IDENTITY.recipient(), OTHER.recipient()])
    assert age.decrypt(data, [IDENTITY]) == b"text"
    assert age.decrypt(data, [OTHER]) == b"text"


def test_identities_that_do_not_fit_are_passed_over():
    identities = [age.ScryptIdentity("no"), age.generate_hybrid(), OTHER, IDENTITY]
    assert age.decrypt(sealed(), identities) == b"text"


def test_two_files_of_one_text_share_nothing_but_the_version():
    first, second = sealed(), sealed()
    assert parse_header(first).stanzas[0].args[1] != parse_header(second).stanzas[0].args[1]
    assert first[-20:] != second[-20:]


def test_armor_is_lines_of_64_columns_and_ends_with_a_newline():
    lines = sealed(bytes(500), armored=True).split(b"\n")
    assert lines[0] == BEGIN
    assert lines[-2:] == [END, b""]
    assert {len(line) for line in lines[1:-3]} == {64}


@pytest.mark.parametrize("around", [(b"", b""), (b"\n\r\n \t\n", b"\r\n\n  \n")])
def test_armor_may_have_blank_lines_around_and_crlf(around):
    text = around[0] + sealed(bytes(100), armored=True).replace(b"\n", b"\r\n") + around[1]
    assert age.decrypt(text, [IDENTITY]) == bytes(100)


def test_inspect_names_the_stanzas_in_order():
    hybrid = age.encrypt(b"", [age.generate_hybrid().recipient()], armored=True)
    assert age.inspect(hybrid) == ("mlkem768x25519",)
    assert age.inspect(age.encrypt(b"", [IDENTITY.recipient(), OTHER.recipient()])) == ("X25519", "X25519")


def test_a_passphrase_opens_its_file_and_no_other_does():
    recipient = age.ScryptRecipient.from_passphrase("hünter2", work_factor=1)
    data = age.encrypt(b"text", [recipient])
    assert age.decrypt(data, [age.ScryptIdentity("hünter2".encode())]) == b"text"
    with pytest.raises(NoIdentity):
        age.decrypt(data, [age.ScryptIdentity("hunter2")])


def test_the_usual_work_factor_of_a_passphrase_is_18():
    assert age.ScryptRecipient.from_passphrase("x").work_factor == 18


# what is refused


def test_no_fitting_identity_is_said_without_details():
    with pytest.raises(NoIdentity) as refused:
        age.decrypt(sealed(), [OTHER])
    assert type(refused.value) is NoIdentity
    assert refused.value.exit_code == 11
    assert str(refused.value) == "none of your identities opens this age file"


def test_encrypting_to_nobody_is_a_bug_of_the_caller():
    with pytest.raises(ValueError, match="no recipient"):
        age.encrypt(b"text", [])


def test_post_quantum_and_classic_recipients_do_not_mix():
    with pytest.raises(IdentityRefused, match="cannot share"):
        age.encrypt(b"text", [age.generate_hybrid().recipient(), IDENTITY.recipient()])


@pytest.mark.parametrize(
    "other", [IDENTITY.recipient(), age.ScryptRecipient.from_passphrase("b", work_factor=1)]
)
def test_a_passphrase_is_the_only_recipient(other):
    with pytest.raises(IdentityRefused, match="only recipient"):
        age.encrypt(b"text", [age.ScryptRecipient.from_passphrase("a", work_factor=1), other])


def test_a_file_with_a_passphrase_and_another_recipient_is_refused_for_every_identity():
    key = bytes(16)
    stanzas = [
        *age.ScryptRecipient.from_passphrase("a", work_factor=1).wrap(key),
        *IDENTITY.recipient().wrap(key),
    ]
    data = write_header(stanzas, key) + stream.seal_payload(key, b"text")
    for identity in (IDENTITY, age.ScryptIdentity("a")):
        with pytest.raises(age.BrokenAge) as refused:
            age.decrypt(data, [identity])
        assert refused.value.reason == "header"


def test_a_weak_recipient_is_refused():
    with pytest.raises(IdentityRefused, match="weak"):
        age.encrypt(b"text", [age.X25519Recipient.from_bytes(bytes(32))])


@pytest.mark.parametrize("armored", [False, True])
@pytest.mark.parametrize("flip", [0x01, 0x07, 0x20, 0x80])
def test_every_changed_byte_is_refused(flip, armored):
    data = sealed(b"a secret of some length", armored=armored)
    for place in range(len(data)):
        changed = data[:place] + bytes([data[place] ^ flip]) + data[place + 1 :]
        with pytest.raises((MalformedAge, NoIdentity)):
            age.decrypt(changed, [IDENTITY])


@pytest.mark.parametrize("armored", [False, True])
def test_every_cut_is_refused(armored):
    data = sealed(b"a secret of some length", armored=armored).removesuffix(b"\n")
    for size in range(len(data)):
        with pytest.raises(SealringError):
            age.decrypt(data[:size], [IDENTITY])


BROKEN = {
    "nothing": (b"", "header"),
    "text": (b"hello", "header"),
    "another version": (b"age-encryption.org/v2\n-> X25519 a\n\n--- \n", "header"),
    "no stanza": (VERSION_LINE + b"--- " + b"A" * 43 + b"\n" + bytes(40), "header"),
    "a stanza without arguments": (VERSION_LINE + b"-> \n\n", "header"),
    "two spaces": (VERSION_LINE + b"-> X25519  a\n\n", "header"),
    "a tab": (VERSION_LINE + b"-> X25519\ta\n\n", "header"),
    "a carriage return": (VERSION_LINE + b"-> X25519 a\r\n\r\n", "header"),
    "a character outside ASCII": (VERSION_LINE + b"-> X25519 \xc3\xa9\n\n", "header"),
    "a body line of 65": (VERSION_LINE + b"-> X a\n" + b"A" * 65 + b"\n", "header"),
    "a body with padding": (VERSION_LINE + b"-> X a\nAAA=\n", "header"),
    "a body with unused bits": (VERSION_LINE + b"-> X a\nAB\n", "header"),
    "a MAC without space": (VERSION_LINE + b"-> X a\n\n---" + b"A" * 43 + b"\n", "header"),
    "a MAC too short": (VERSION_LINE + b"-> X a\n\n--- AAAA\n", "header"),
    "other armor": (b"-----BEGIN PGP MESSAGE-----\n-----END PGP MESSAGE-----\n", "armor"),
    "armor that ends at once": (BEGIN, "armor"),
    "armor with a blank line": (BEGIN + b"\n\n" + END, "armor"),
    "armor with a headline": (BEGIN + b"\nVersion: 1\n\n" + END, "armor"),
    "armor after text": (b"hello\n" + BEGIN + b"\n" + END, "armor"),
    "armor before text": (BEGIN + b"\nYQ==\n" + END + b"\nhello", "armor"),
    "armor after spaces": (b"  " + BEGIN + b"\nYQ==\n" + END, "armor"),
    "armor before spaces": (BEGIN + b"\nYQ==\n" + END + b"  \n", "armor"),
    "armor before a lone carriage return": (BEGIN + b"\nYQ==\n" + END + b"\r", "armor"),
    "armor after too many blank lines": (b"\n" * 1025 + BEGIN + b"\nYQ==\n" + END, "armor"),
    "armor without padding": (BEGIN + b"\nYQ\n" + END, "armor"),
    "armor with unused bits": (BEGIN + b"\nYR==\n" + END, "armor"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_an_age_file_is_refused_with_the_layer_that_refused_it(name):
    data, reason = BROKEN[name]
    with pytest.raises(age.BrokenAge) as refused:
        age.decrypt(data, [IDENTITY])
    assert refused.value.reason == reason
    assert isinstance(refused.value, Tampered)
    assert refused.value.exit_code == 12


def test_a_stanza_added_by_somebody_else_is_noticed():
    data = sealed()
    header = parse_header(data)
    added = VERSION_LINE + b"-> grease a\n\n" + data[len(VERSION_LINE) :]
    assert len(parse_header(added).stanzas) == len(header.stanzas) + 1
    with pytest.raises(age.BrokenAge) as refused:
        age.decrypt(added, [IDENTITY])
    assert refused.value.reason == "hmac"


def test_chunks_in_another_order_are_refused():
    data = sealed(bytes(65_536) + bytes([1]) * 65_536 + b"end")
    start = parse_header(data).size + stream.NONCE_SIZE
    first, second = (data[start + at : start + at + stream.SEALED_CHUNK] for at in (0, stream.SEALED_CHUNK))
    swapped = data[:start] + second + first + data[start + 2 * stream.SEALED_CHUNK :]
    with pytest.raises(age.BrokenAge) as refused:
        age.decrypt(swapped, [IDENTITY])
    assert refused.value.reason == "payload"


def test_a_payload_cut_between_chunks_is_refused():
    data = sealed(bytes(65_536 * 2))
    with pytest.raises(age.BrokenAge) as refused:
        age.decrypt(data[: -stream.SEALED_CHUNK], [IDENTITY])
    assert refused.value.reason == "payload"


# what would cost too much


def test_plaintext_over_the_limit_is_refused_before_it_is_decrypted(monkeypatch):
    data = sealed(bytes(1000))
    assert len(age.decrypt(data, [IDENTITY], max_plaintext=1000)) == 1000
    monkeypatch.setattr(stream, "_payload_key", lambda *_a: pytest.fail("it was decrypted"))
    with pytest.raises(LimitExceeded):
        age.decrypt(data, [IDENTITY], max_plaintext=999)


def test_armor_over_the_limit_is_refused():
    text = BEGIN + b"\n" + (b"A" * 64 + b"\n") * 10_000 + END
    with pytest.raises(LimitExceeded):
        age.decrypt(text, [IDENTITY], max_plaintext=1000)


def test_armored_plaintext_at_the_limit_is_accepted():
    text = sealed(bytes(200_000), armored=True).replace(b"\n", b"\r\n")
    assert len(age.decrypt(text, [IDENTITY], max_plaintext=200_000)) == 200_000
    with pytest.raises(LimitExceeded):
        age.decrypt(text, [IDENTITY], max_plaintext=199_999)


BOMBS = {
    "a hundred thousand stanzas": b"-> a\n\n" * 100_000,
    "as many as fit": b"-> a\n\n" * (MAX_STANZAS + 1),
    "one endless argument": b"-> " + b"a" * 5_000_000,
    "one endless line of arguments": b"-> " + b"a " * 2_500_000 + b"\n\n",
    "one endless body": b"-> a\n" + (b"A" * 64 + b"\n") * 80_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_header_over_the_limits_is_refused(name):
    with pytest.raises(LimitExceeded):
        age.decrypt(VERSION_LINE + BOMBS[name], [IDENTITY])


def test_a_header_at_the_limit_of_stanzas_is_read():
    stanzas = [Stanza(("grease",), b"")] * (MAX_STANZAS - 1) + IDENTITY.recipient().wrap(bytes(16))
    data = write_header(stanzas, bytes(16)) + stream.seal_payload(bytes(16), b"text")
    assert age.decrypt(data, [IDENTITY]) == b"text"


def test_what_could_not_be_read_is_not_written():
    with pytest.raises(LimitExceeded):
        write_header([Stanza(("a",), b"")] * (MAX_STANZAS + 1), bytes(16))
    with pytest.raises(LimitExceeded):
        write_header([Stanza(("a",), bytes(MAX_HEADER))], bytes(16))


@pytest.mark.parametrize(("asked", "allowed"), [(19, 18), (11, 10), (64, 20)])
def test_a_passphrase_with_a_greater_work_factor_is_refused_before_any_work(asked, allowed, monkeypatch):
    monkeypatch.setattr(hashlib, "scrypt", lambda *_a, **_k: pytest.fail("scrypt was run"))
    stanza = Stanza(("scrypt", to_base64(bytes(16)), str(asked)), bytes(32))
    data = write_header([stanza], bytes(16)) + stream.seal_payload(bytes(16), b"text")
    with pytest.raises(LimitExceeded, match=f"work factor of {asked}"):
        age.decrypt(data, [age.ScryptIdentity("x", max_work_factor=allowed)])


@pytest.mark.parametrize("work_factor", [0, 21])
def test_a_work_factor_out_of_range_is_a_bug_of_the_caller(work_factor):
    with pytest.raises(ValueError, match="work factor"):
        age.ScryptIdentity("x", max_work_factor=work_factor)
    with pytest.raises(ValueError, match="work factor"):
        age.ScryptRecipient.from_passphrase("x", work_factor=work_factor)


# small parts


@pytest.mark.parametrize("size", [0, 1, 2, 47, 48, 49, 96])
def test_a_header_is_its_own_reserialisation(size):
    stanzas = (Stanza(("kind", "argument"), bytes(range(size))), Stanza(("other",), b""))
    data = write_header(stanzas, bytes(16))
    header = parse_header(data + b"payload")
    assert header.stanzas == stanzas
    assert data[: len(header.signed)] == header.signed
    assert header.size == len(data)


@pytest.mark.parametrize("text", ["AB", "AAA=", "A", "A A", "AA\n", "-_-_"])
def test_base64_has_one_spelling(text):
    with pytest.raises(ValueError, match=r".+"):
        from_base64(text)


@pytest.mark.parametrize(
    ("data", "answer"),
    [(b"age-encryption.org/v1\n", True), (b"\n" + BEGIN, True), (b"AGE-SECRET-KEY-1", False), (b"", False)],
)
def test_age_files_are_told_by_their_start(data, answer):
    assert age.is_age_file(data) is answer


def test_all_public_names_exist():
    for name in age.__all__:
        assert getattr(age, name) is not None
    with pytest.raises(AttributeError):
        age.no_such_name  # noqa: B018
