"""Recipients and identities as text: what is read, what is refused, and that no secret is shown.

All keys here were made for these tests and are used nowhere else.
"""

from __future__ import annotations

import pytest

from sealring.crypto import age, primitives
from sealring.crypto.age import bech32
from sealring.errors import IdentityRefused, LimitExceeded

# The identities of the public vectors.
SECRET = "AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0"
HYBRID_SECRET = "AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YLNC3SW78XKG"
ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3ClUNQCOAzxiJIlJy6ekXo2RTIT/iT9NKXGVvek/Vm"
ED25519_FINGERPRINT = "SHA256:ThsajvyNQ7cEWtISmgBRhd1ebYJWaqSXGwcZpnrVkRM"
RSA = (
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCaYtCBW3WqiuHGuA0NhSJmZvrqLXmoPUNdhz69FUGSq2orv7j+7L0yklLdYrI50Rzi"
    "2LCrTmQplen0J1QHlQx50Np5/j9d6XpWs2w09htv1i3yqge5qUX5BEKLKOFR9Man0dnKl33Epfw+euU2XHvViEHPHNC8wHrkW6TXYFn4"
    "EFLmlz6+2VrgmWovVeAI0ZTBLZ0JNbHr97xPnHgE9ol/1xlrP3uaAFlDDcA77DvCpOtVLbqmBIPA/pqlbkYjGUh5eCU/f261yvsOpMGt"
    "r+48nDLCXio3wb2NDWTOCAbw9GXmuG2ztp/iz5pP7EcGoR15mcKlKNJfzUXXxSab5D9d"
)
RSA_FINGERPRINT = "SHA256:1XZlA0Dx1iMty+RWctc1DBAn58gM3fOZe7aeY3e8/0U"
ECDSA = (
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBOetmD4UtRIjFObRMnu/rzlwc/sOcHNl"
    "niTER7HeeY2MYhKaNUM+S2mQE7eB6hAdXo/aQVlpbVi/FdkmZbYBJwA="
)
RECIPIENT = age.X25519Identity.parse(SECRET).recipient().text


# bech32

BIP_173_VALID = [
    "A12UEL5L",
    "a12uel5l",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
]
BIP_173_INVALID = [
    "\x201nwldj5",
    "\x7f1axkwrx",
    "\x801eym55h",
    "pzry9x0s0muk",
    "1pzry9x0s0muk",
    "x1b4n0q5v",
    "li1dgmt3",
    "de1lg7wt\xff",
    "A1G7SGD8",
    "10a06t8",
    "1qzzfhee",
    "a12UEL5L",
    "",
]


@pytest.mark.parametrize("text", BIP_173_VALID)
def test_bech32_reads_what_bip_173_accepts(text):
    values = [bech32._VALUES[char] for char in text.lower()[text.rindex("1") + 1 :]]
    assert bech32._polymod(bech32._expand(text.lower()[: text.rindex("1")]) + values) == 1


@pytest.mark.parametrize("text", BIP_173_INVALID)
def test_bech32_refuses_what_bip_173_refuses(text):
    with pytest.raises(ValueError, match=r".+"):
        bech32.decode(text)


def test_bech32_refuses_a_bit_left_over():
    values = [0, 1]
    checksum = bech32._polymod(bech32._expand("age") + values + [0] * 6) ^ 1
    values += [checksum >> 5 * (5 - place) & 31 for place in range(6)]
    with pytest.raises(ValueError, match="bits left over"):
        bech32.decode("age1" + "".join(bech32.CHARSET[value] for value in values))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 32, 1216])
def test_bech32_comes_back(size):
    data = bytes(value % 251 for value in range(size))
    assert bech32.decode(bech32.encode("age", data)) == ("age", data)


# text and back


@pytest.mark.parametrize(
    ("text", "kind", "is_post_quantum"),
    [(RECIPIENT, "x25519", False), (ED25519, "ssh-ed25519", False), (RSA, "ssh-rsa", False)],
)
def test_a_recipient_keeps_its_text(text, kind, is_post_quantum):
    recipient = age.parse_recipient(f"  {text}\n")
    assert (recipient.text, recipient.kind, recipient.is_post_quantum) == (text, kind, is_post_quantum)
    assert recipient == age.parse_recipient(text)
    assert hash(recipient) == hash(age.parse_recipient(text))


def test_a_hybrid_recipient_keeps_its_text():
    text = age.HybridIdentity.parse(HYBRID_SECRET).recipient().text
    recipient = age.parse_recipient(text)
    assert (recipient.text, recipient.kind, recipient.is_post_quantum) == (text, "hybrid", True)
    assert len(text) == 1959


@pytest.mark.parametrize("comment", ["me@host", "two words", "me@host é"])
def test_the_comment_of_an_ssh_key_is_dropped(comment):
    assert age.parse_recipient(f"{ED25519} {comment}").text == ED25519


def test_identities_keep_their_text():
    assert age.X25519Identity.parse(SECRET).text() == SECRET
    assert age.HybridIdentity.parse(HYBRID_SECRET).text() == HYBRID_SECRET
    assert age.X25519Identity.from_bytes(bytes(range(32))).recipient().text == (
        age.X25519Recipient.from_bytes(primitives.x25519_public(bytes(range(32)))).text
    )


def test_generated_identities_differ_and_open_what_is_for_them():
    for generate in (age.generate_x25519, age.generate_hybrid):
        first, second = generate(), generate()
        assert first.text() != second.text()
        data = age.encrypt(b"text", [first.recipient()])
        assert age.decrypt(data, [second, first]) == b"text"


@pytest.mark.parametrize("make", [age.X25519Identity.from_bytes, age.HybridIdentity.from_bytes])
def test_an_identity_of_another_length_is_a_bug_of_the_caller(make):
    with pytest.raises(ValueError, match="32 bytes"):
        make(bytes(31))


@pytest.mark.parametrize(("text", "fingerprint"), [(ED25519, ED25519_FINGERPRINT), (RSA, RSA_FINGERPRINT)])
def test_the_fingerprint_of_an_ssh_key_is_that_of_ssh_keygen(text, fingerprint):
    assert age.fingerprint(age.parse_recipient(text + " comment")) == fingerprint


def test_the_fingerprint_of_an_age_recipient_is_the_hash_of_its_text():
    fingerprint = age.fingerprint(age.parse_recipient(RECIPIENT))
    assert fingerprint.startswith("SHA256:")
    assert len(fingerprint) == len(ED25519_FINGERPRINT)
    assert fingerprint != age.fingerprint(age.generate_x25519().recipient())


# refusals

REFUSED_RECIPIENTS = {
    "empty": ("", "neither"),
    "a word": ("hello", "neither"),
    "one character changed": (RECIPIENT[:-1] + ("q" if RECIPIENT[-1] != "q" else "p"), "checksum"),
    "upper case": (RECIPIENT.upper(), "neither"),
    "mixed case": (RECIPIENT[:5] + RECIPIENT[5:].upper(), "mixed case"),
    "too short": (bech32.encode("age", bytes(31)), "length"),
    "hybrid too short": (bech32.encode("age1pq", bytes(1215)), "length"),
    "a plugin": (bech32.encode("age1yubikey", bytes(33)), "yubikey"),
    "a tag": (bech32.encode("age1tag", bytes(33)), "'tag'"),
    "a secret": (SECRET, "secret key"),
    "a secret in lower case": (SECRET.lower(), "secret key"),
    "two lines": (f"{ED25519}\n{RSA}", "more than one line"),
    "too long": ("age1" + "q" * 9000, "too long"),
    "ssh without data": ("ssh-ed25519", "incomplete"),
    "ssh not base64": ("ssh-ed25519 !!!", "base64"),
    "ssh base64 cut off": (ED25519[:-4], "malformed"),
    "ssh base64 with unused bits": (ED25519.replace("/Vm", "/Vn") + "==", "base64"),
    "ssh with more behind": (ED25519 + "AAAA", "malformed"),
    "ssh of two kinds": (ED25519.replace("ssh-ed25519 ", "ssh-rsa "), "another kind"),
    "ecdsa": (ECDSA, "ecdsa"),
    "security key": ("sk-ssh-ed25519@openssh.com AAAA", "security key"),
    "security key ecdsa": ("sk-ecdsa-sha2-nistp256@openssh.com AAAA", "security key"),
    "dsa": ("ssh-dss AAAA", "only sign"),
    "certificate": ("ssh-ed25519-cert-v01@openssh.com AAAA", "certificate"),
    "unknown": ("ssh-new AAAAB3NzaC1uZXc=", "unknown kind"),
    "options in front": (f"no-pty {ED25519}", "neither"),
}


@pytest.mark.parametrize("name", REFUSED_RECIPIENTS)
def test_a_bad_recipient_is_refused_with_its_reason(name):
    text, reason = REFUSED_RECIPIENTS[name]
    with pytest.raises(IdentityRefused, match=reason):
        age.parse_recipient(text)


@pytest.mark.parametrize("name", ["ecdsa", "security key", "dsa", "certificate", "a plugin"])
def test_a_key_of_another_kind_comes_with_a_way_forward(name):
    with pytest.raises(IdentityRefused) as refused:
        age.parse_recipient(REFUSED_RECIPIENTS[name][0])
    assert any("age" in hint for hint in refused.value.hints)


def test_a_secret_key_given_as_recipient_is_not_shown():
    with pytest.raises(IdentityRefused) as refused:
        age.parse_recipient(SECRET)
    shown = " ".join((str(refused.value), *refused.value.notes, *refused.value.hints))
    assert SECRET[16:30] not in shown


def test_a_hybrid_recipient_that_is_no_key_is_refused_when_used():
    recipient = age.parse_recipient(bech32.encode("age1pq", b"\xff" * 1216))
    with pytest.raises(IdentityRefused, match="not a valid key"):
        age.encrypt(b"text", [recipient])


def test_an_old_cryptography_is_named_with_what_to_install(monkeypatch):
    identity = age.HybridIdentity.parse(HYBRID_SECRET)
    recipient = identity.recipient()
    data = age.encrypt(b"text", [recipient])

    def missing():
        raise primitives.HybridUnsupportedError

    monkeypatch.setattr(primitives, "_hybrid", missing)
    for use in (
        identity.recipient,
        lambda: age.encrypt(b"text", [recipient]),
        lambda: age.decrypt(data, [identity]),
    ):
        with pytest.raises(IdentityRefused, match="cryptography 48") as refused:
            use()
        assert "pip install" in refused.value.hints[0]
    assert identity.unwrap(()) is None


# identity files


def test_an_identity_file_gives_its_identities_in_order():
    text = f"# created: today\r\n\n{SECRET}\n  {HYBRID_SECRET}  \n# end"
    identities = age.parse_identities(text.encode())
    assert [identity.kind for identity in identities] == ["x25519", "hybrid"]
    assert [identity.text() for identity in identities] == [SECRET, HYBRID_SECRET]


REFUSED_IDENTITIES = {
    "empty": (b"", "holds no identity", None),
    "only a comment": (b"# nothing\n", "holds no identity", None),
    "not text": (b"\xff\xfe", "not text", None),
    "a word": (b"# one\n\nhello\n", "not an age identity", 3),
    "lower case": (SECRET.lower().encode(), "not an age identity", 1),
    "one character changed": (SECRET.encode()[:-1] + b"Q", "checksum", 1),
    "too short": (bech32.encode("age-secret-key-", bytes(31)).upper().encode(), "length", 1),
    "the second line": (f"{SECRET}\n{SECRET[:-3]}\n".encode(), "malformed", 2),
    "a plugin": (b"AGE-PLUGIN-YUBIKEY-1QQQQ", "plugins", 1),
    "a recipient": (RECIPIENT.encode(), "recipient", 1),
}


@pytest.mark.parametrize("name", REFUSED_IDENTITIES)
def test_a_bad_identity_file_is_refused_at_its_line_and_not_quoted(name):
    data, reason, line = REFUSED_IDENTITIES[name]
    with pytest.raises(IdentityRefused, match=reason) as refused:
        age.parse_identities(data)
    assert refused.value.line == line
    assert SECRET[16:40].lower() not in str(refused.value).lower()


def test_a_huge_identity_file_is_refused():
    with pytest.raises(LimitExceeded):
        age.parse_identities(b"#" * (1024 * 1024 + 1))


@pytest.mark.parametrize(
    "identity", [age.X25519Identity.parse(SECRET), age.HybridIdentity.parse(HYBRID_SECRET)]
)
def test_the_repr_of_an_identity_hides_it(identity):
    assert identity.text()[20:40] not in repr(identity)
    assert identity.kind in repr(identity)


def test_the_repr_of_a_passphrase_hides_it():
    for value in (age.ScryptIdentity("open sesame"), age.ScryptRecipient.from_passphrase("open sesame")):
        assert "sesame" not in repr(value)
        assert "sesame" not in str(value)
    assert age.ScryptRecipient.from_passphrase("open sesame").text == "passphrase"
    assert age.ScryptIdentity("open sesame").recipient() is None


# identity files under a passphrase


def protected(text=SECRET, work_factor=1):
    recipient = age.ScryptRecipient.from_passphrase("open sesame", work_factor=work_factor)
    return age.encrypt(text.encode(), [recipient], armored=True)


@pytest.mark.parametrize("answer", ["open sesame", b"open sesame"])
def test_a_protected_identity_file_asks_once(answer):
    asked = []

    def ask():
        asked.append(1)
        return answer

    [identity] = age.parse_identities(protected(), passphrase=ask)
    assert identity.text() == SECRET
    assert asked == [1]


def test_a_protected_identity_file_with_nobody_to_ask_is_refused():
    with pytest.raises(IdentityRefused, match="protected by a passphrase") as refused:
        age.parse_identities(protected())
    assert refused.value.hints


def test_a_wrong_passphrase_is_refused():
    with pytest.raises(IdentityRefused, match="does not open"):
        age.parse_identities(protected(), passphrase=lambda: "wrong")


def test_an_identity_file_encrypted_to_a_recipient_is_refused():
    data = age.encrypt(SECRET.encode(), [age.parse_recipient(RECIPIENT)])
    with pytest.raises(IdentityRefused, match="not with a passphrase"):
        age.parse_identities(data, passphrase=lambda: pytest.fail("asked"))


def test_a_damaged_protected_identity_file_is_refused():
    data = protected().replace(b"\n", b"\nA", 2)
    with pytest.raises(IdentityRefused, match="damaged"):
        age.parse_identities(data, passphrase=lambda: "open sesame")


def test_a_protected_identity_file_inside_another_is_refused():
    inner = protected().decode("ascii")
    with pytest.raises(IdentityRefused, match="not an age identity"):
        age.parse_identities(protected(inner), passphrase=lambda: "open sesame")


def test_the_caller_can_lower_the_work_factor_of_a_protected_identity_file():
    with pytest.raises(LimitExceeded):
        age.parse_identities(protected(work_factor=3), passphrase=lambda: "x", max_work_factor=2)
