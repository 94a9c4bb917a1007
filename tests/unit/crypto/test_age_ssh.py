"""SSH keys as recipients and identities; every key is generated here."""

from __future__ import annotations

import binascii

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    ssh,
)

from sealring.crypto import age
from sealring.crypto.age.base import Stanza, to_base64
from sealring.crypto.age.header import write_header
from sealring.crypto.age.stream import seal_payload
from sealring.errors import IdentityRefused, NoIdentity

PASSPHRASE = b"correct horse"
KINDS = ["ssh-ed25519", "ssh-rsa"]


@pytest.fixture(scope="module")
def keys():
    return {
        "ssh-ed25519": ed25519.Ed25519PrivateKey.generate(),
        "ssh-rsa": rsa.generate_private_key(65537, 2048),
        "ecdsa": ec.generate_private_key(ec.SECP256R1()),
    }


def private(key, form=PrivateFormat.OpenSSH, passphrase=None):
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, encryption)


def recipient(key):
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return age.parse_recipient(public.decode("ascii") + " me@host")


@pytest.mark.parametrize("form", [PrivateFormat.OpenSSH, PrivateFormat.PKCS8])
@pytest.mark.parametrize("kind", KINDS)
def test_a_private_key_opens_what_is_for_its_public_key(keys, kind, form):
    data = age.encrypt(b"text", [recipient(keys[kind])])
    [identity] = age.parse_identities(private(keys[kind], form))
    assert identity.kind == kind
    assert identity.recipient() == recipient(keys[kind])
    assert age.decrypt(data, [identity]) == b"text"
    assert age.decrypt(data, [identity]) == b"text"


def test_an_old_pem_rsa_key_opens_too(keys):
    data = age.encrypt(b"text", [recipient(keys["ssh-rsa"])])
    identities = age.parse_identities(private(keys["ssh-rsa"], PrivateFormat.TraditionalOpenSSL))
    assert age.decrypt(data, identities) == b"text"


def test_ssh_and_age_recipients_share_a_file(keys):
    own = age.generate_x25519()
    data = age.encrypt(b"text", [recipient(keys["ssh-rsa"]), recipient(keys["ssh-ed25519"]), own.recipient()])
    assert age.inspect(data) == ("ssh-rsa", "ssh-ed25519", "X25519")
    for secret in (private(keys["ssh-rsa"]), private(keys["ssh-ed25519"]), own.text().encode()):
        assert age.decrypt(data, age.parse_identities(secret)) == b"text"


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_is_loaded_only_for_a_stanza_with_its_tag(keys, kind):
    other = ed25519.Ed25519PrivateKey.generate()
    data = age.encrypt(b"text", [recipient(other), age.generate_x25519().recipient()])
    protected = private(keys[kind], passphrase=PASSPHRASE)
    identities = age.parse_identities(protected, passphrase=lambda: pytest.fail("asked"))
    with pytest.raises(NoIdentity):
        age.decrypt(data, identities)


@pytest.mark.parametrize("kind", KINDS)
def test_a_protected_key_asks_once_and_only_when_needed(keys, kind):
    asked = []

    def ask():
        asked.append(1)
        return PASSPHRASE

    data = age.encrypt(b"text", [recipient(keys[kind])])
    identities = age.parse_identities(private(keys[kind], passphrase=PASSPHRASE), passphrase=ask)
    assert asked == []
    assert age.decrypt(data, identities) == b"text"
    assert age.decrypt(data, identities) == b"text"
    assert asked == [1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_protected_pem_key_asks_at_once(keys, kind):
    protected = private(keys[kind], PrivateFormat.PKCS8, PASSPHRASE)
    [identity] = age.parse_identities(protected, passphrase=lambda: PASSPHRASE.decode())
    assert identity.recipient() == recipient(keys[kind])
    with pytest.raises(IdentityRefused, match="passphrase"):
        age.parse_identities(protected, passphrase=lambda: "wrong")


@pytest.mark.parametrize("form", [PrivateFormat.OpenSSH, PrivateFormat.PKCS8])
def test_a_protected_key_with_nobody_to_ask_is_refused(keys, form):
    with pytest.raises(IdentityRefused, match="nobody is there to ask") as refused:
        age.parse_identities(private(keys["ssh-ed25519"], form, PASSPHRASE))
    assert refused.value.hints


@pytest.mark.parametrize("answer", ["wrong", "", b""])
def test_a_wrong_passphrase_is_refused(keys, answer):
    data = age.encrypt(b"text", [recipient(keys["ssh-ed25519"])])
    protected = private(keys["ssh-ed25519"], passphrase=PASSPHRASE)
    with pytest.raises(IdentityRefused, match="passphrase"):
        age.decrypt(data, age.parse_identities(protected, passphrase=lambda: answer))


def test_a_missing_bcrypt_is_named_with_what_to_install(keys, monkeypatch):
    def missing(*_arguments, **_options):
        raise UnsupportedAlgorithm("Need bcrypt module")

    data = age.encrypt(b"text", [recipient(keys["ssh-ed25519"])])
    protected = private(keys["ssh-ed25519"], passphrase=PASSPHRASE)
    monkeypatch.setattr(ssh, "_bcrypt_kdf", missing)
    with pytest.raises(IdentityRefused, match="bcrypt") as refused:
        age.decrypt(data, age.parse_identities(protected, passphrase=lambda: PASSPHRASE))
    assert refused.value.hints == ("pip install bcrypt",)


@pytest.mark.parametrize("form", [PrivateFormat.OpenSSH, PrivateFormat.PKCS8])
def test_a_private_key_of_another_kind_is_refused_with_a_way_forward(keys, form):
    with pytest.raises(IdentityRefused, match=r"ecdsa|neither ed25519 nor rsa") as refused:
        age.parse_identities(private(keys["ecdsa"], form))
    assert "ssh-keygen -t ed25519" in refused.value.hints[0]


def test_a_small_rsa_key_is_refused():
    wire = b"\0\0\0\7ssh-rsa\0\0\0\3\1\0\1" + b"\0\0\0\x81\0" + b"\xff" * 128
    with pytest.raises(IdentityRefused, match="1024 bits"):
        age.parse_recipient("ssh-rsa " + base64(wire))


def test_a_huge_rsa_key_is_refused():
    wire = b"\0\0\0\7ssh-rsa\0\0\0\3\1\0\1" + (2100).to_bytes(4, "big") + b"\x7f" * 2100
    with pytest.raises(IdentityRefused, match="bits"):
        age.parse_recipient("ssh-rsa " + base64(wire))


@pytest.mark.parametrize("exponent", [b"", b"\x80", b"\0\1", b"\0"])
def test_an_rsa_number_has_one_spelling(exponent):
    wire = b"\0\0\0\7ssh-rsa" + len(exponent).to_bytes(4, "big") + exponent + b"\0\0\1\1\0" + b"\xff" * 256
    with pytest.raises(IdentityRefused, match="malformed"):
        age.parse_recipient("ssh-rsa " + base64(wire))


@pytest.mark.parametrize(
    "public", [bytes(32), b"\1" + bytes(31), b"\2" + bytes(31)], ids=["zero", "identity", "no point"]
)
def test_an_ed25519_key_that_is_no_key_is_refused_when_used(public):
    text = "ssh-ed25519 " + base64(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + public)
    with pytest.raises(IdentityRefused, match="not a valid key"):
        age.encrypt(b"text", [age.parse_recipient(text)])


def test_an_rsa_key_that_is_no_key_is_refused_when_used():
    wire = b"\0\0\0\7ssh-rsa\0\0\0\1\2\0\0\1\1\0" + b"\xff" * 256
    with pytest.raises(IdentityRefused, match="not a valid key"):
        age.encrypt(b"text", [age.parse_recipient("ssh-rsa " + base64(wire))])


def test_a_private_key_under_another_public_key_is_refused(keys):
    # The tag comes from the open part of the file: put another public key there.
    planted = ed25519.Ed25519PrivateKey.generate()
    blob = decoded(private(keys["ssh-ed25519"]))
    start = blob.index(b"\0\0\0\x0bssh-ed25519\0\0\0\x20") + 19
    forged = blob[:start] + planted.public_key().public_bytes_raw() + blob[start + 32 :]
    [identity] = age.parse_identities(encoded(forged))
    assert identity.recipient() == recipient(planted)
    with pytest.raises(IdentityRefused, match=r"malformed|does not belong"):
        age.decrypt(age.encrypt(b"text", [recipient(planted)]), [identity])


MALFORMED = {
    "no end": lambda text: text.replace(b"-----END", b"-----FIN"),
    "no magic": lambda text: encoded(b"openssh-key-v2" + decoded(text)[14:]),
    "cut off": lambda text: encoded(decoded(text)[:40]),
    "two keys": lambda text: encoded(decoded(text).replace(b"\0\0\0\1\0\0\0\x33", b"\0\0\0\2\0\0\0\x33", 1)),
    "empty": lambda _text: encoded(b""),
    "pem": lambda _text: b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_private_key_is_refused(keys, name):
    with pytest.raises(IdentityRefused, match="malformed"):
        age.parse_identities(MALFORMED[name](private(keys["ssh-ed25519"])))


def test_a_damaged_private_part_is_refused_when_used(keys):
    blob = decoded(private(keys["ssh-ed25519"]))
    data = age.encrypt(b"text", [recipient(keys["ssh-ed25519"])])
    with pytest.raises(IdentityRefused, match="malformed"):
        age.decrypt(data, age.parse_identities(encoded(blob[:-8])))


STANZAS = {
    "rsa with an argument more": lambda tags: Stanza(("ssh-rsa", tags["ssh-rsa"], "x"), bytes(256)),
    "ed25519 without share": lambda tags: Stanza(("ssh-ed25519", tags["ssh-ed25519"]), bytes(32)),
    "ed25519 with a short share": lambda tags: Stanza(
        ("ssh-ed25519", tags["ssh-ed25519"], "AAAA"), bytes(32)
    ),
    "ed25519 with a long body": lambda tags: Stanza(
        ("ssh-ed25519", tags["ssh-ed25519"], to_base64(bytes([9]) + bytes(31))), bytes(33)
    ),
    "ed25519 with a weak share": lambda tags: Stanza(
        ("ssh-ed25519", tags["ssh-ed25519"], to_base64(bytes(32))), bytes(32)
    ),
}


def file_with(stanza):
    return write_header([stanza], bytes(16)) + seal_payload(bytes(16), b"text")


@pytest.mark.parametrize("name", STANZAS)
def test_a_malformed_ssh_stanza_is_a_header_failure(keys, name):
    tags = {kind: recipient(keys[kind]).tag for kind in KINDS}
    identities = [age.parse_identities(private(keys[kind]))[0] for kind in KINDS]
    with pytest.raises(age.BrokenAge) as refused:
        age.decrypt(file_with(STANZAS[name](tags)), identities)
    assert refused.value.reason == "header"


def test_an_rsa_stanza_with_a_file_key_of_another_size_is_a_header_failure(keys):
    stanza = recipient(keys["ssh-rsa"]).wrap(bytes(17))[0]
    with pytest.raises(age.BrokenAge) as refused:
        age.decrypt(file_with(stanza), age.parse_identities(private(keys["ssh-rsa"])))
    assert refused.value.reason == "header"


@pytest.mark.parametrize("kind", KINDS)
def test_a_stanza_with_the_tag_that_does_not_open_is_passed_over(keys, kind):
    [stanza] = recipient(keys[kind]).wrap(bytes(16))
    broken = Stanza(stanza.args, bytes(len(stanza.body)))
    [identity] = age.parse_identities(private(keys[kind]))
    assert identity.unwrap([broken, stanza]) == bytes(16)
    with pytest.raises(NoIdentity):
        age.decrypt(file_with(broken), [identity])


def test_the_repr_of_an_ssh_identity_hides_it(keys):
    [identity] = age.parse_identities(private(keys["ssh-ed25519"]))
    assert repr(identity) == "<SshEd25519Identity ssh-ed25519>"


def base64(data):
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def decoded(pem):
    return binascii.a2b_base64(b"".join(pem.split(b"\n")[1:-2]))


def encoded(blob):
    body = base64(blob).encode("ascii")
    return b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + body + b"\n-----END OPENSSH PRIVATE KEY-----\n"
