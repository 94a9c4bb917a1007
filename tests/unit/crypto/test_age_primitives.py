"""Both import paths of the primitives give the same, and what is built on them matches its RFC."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sealring.crypto import primitives

# RFC 5869, appendix A: key, salt, info, length, result.
HKDF_VECTORS = {
    "A.1": (
        "0b" * 22,
        "000102030405060708090a0b0c",
        "f0f1f2f3f4f5f6f7f8f9",
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    "A.2": (
        bytes(range(0x00, 0x50)).hex(),
        bytes(range(0x60, 0xB0)).hex(),
        bytes(range(0xB0, 0x100)).hex(),
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
        "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    ),
    "A.3": (
        "0b" * 22,
        "",
        "",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
}


@pytest.mark.parametrize("name", HKDF_VECTORS)
def test_hkdf_matches_rfc_5869(name):
    key, salt, info, expected = map(bytes.fromhex, HKDF_VECTORS[name])
    assert primitives.hkdf_sha256(key, salt=salt, info=info, length=len(expected)) == expected


@pytest.mark.parametrize("length", [0, -1, 255 * 32 + 1])
def test_hkdf_refuses_lengths_that_the_rfc_does_not_have(length):
    with pytest.raises(ValueError, match="length"):
        primitives.hkdf_sha256(b"key", salt=b"", info=b"", length=length)


def test_hkdf_gives_its_greatest_length():
    assert len(primitives.hkdf_sha256(b"key", salt=b"", info=b"", length=255 * 32)) == 255 * 32


def test_hmac_matches_rfc_4231_case_2():
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert primitives.hmac_sha256(b"Jefe", b"what do ya want for nothing?").hex() == expected


def test_sha256_matches_fips_180():
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert primitives.sha256(b"abc").hex() == expected


def test_x25519_matches_rfc_7748_6_1():
    alice_public = bytes.fromhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
    bob = bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
    bob_public = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
    shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
    assert primitives.x25519_public(bob).hex() == bob_public
    assert primitives.x25519_shared(bob, alice_public).hex() == shared


def test_x25519_refuses_a_point_of_low_order():
    with pytest.raises(ValueError, match="shared key"):
        primitives.x25519_shared(primitives.random_bytes(32), bytes(32))


def test_aes_siv_matches_rfc_5297_a_1():
    key = bytes.fromhex("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
    associated = bytes.fromhex("101112131415161718191a1b1c1d1e1f2021222324252627")
    sealed = primitives.aes_siv(key).encrypt(bytes.fromhex("112233445566778899aabbccddee"), [associated])
    assert sealed.hex() == "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c"


def test_a_failed_tag_is_caught_by_the_name_in_this_module():
    with pytest.raises(primitives.InvalidTag):
        primitives.aes_siv(bytes(64)).decrypt(bytes(32), [b"associated"])
    with pytest.raises(primitives.InvalidTag):
        primitives.chacha20_poly1305(bytes(32)).decrypt(bytes(12), bytes(32), None)


def test_equal_and_unequal_bytes_are_told_apart():
    assert primitives.constant_time_equal(b"same", b"same")
    assert not primitives.constant_time_equal(b"same", b"samf")
    assert not primitives.constant_time_equal(b"same", b"sam")


def test_private_and_public_imports_give_the_same_ciphers():
    private, public = primitives._private_ciphers(), primitives._public_ciphers()
    assert private.aes_siv is public.aes_siv
    assert private.chacha20_poly1305 is public.chacha20_poly1305
    secret = bytes(range(32))
    keys = [ciphers.x25519_private(secret) for ciphers in (private, public)]
    assert type(keys[0]) is type(keys[1])
    points = [key.public_key().public_bytes_raw() for key in keys]
    assert points[0] == points[1]
    peers = [ciphers.x25519_public(points[0]) for ciphers in (private, public)]
    assert type(peers[0]) is type(peers[1])
    assert keys[0].exchange(peers[1]) == keys[1].exchange(peers[0])


def test_private_and_public_imports_give_the_same_hashes():
    private, public = primitives._private_hashing(), primitives._public_hashing()
    assert private.sha256(b"data") == public.sha256(b"data")
    assert private.hmac_sha256(b"key", b"data") == public.hmac_sha256(b"key", b"data")
    assert private.hmac_sha256(b"k" * 100, b"") == public.hmac_sha256(b"k" * 100, b"")
    assert private.equal(b"a", b"a")
    assert public.equal(b"a", b"a")
    assert not private.equal(b"a", b"b")


def test_private_and_public_imports_give_the_same_hybrid():
    private, public = primitives._private_hybrid(), primitives._public_hybrid()
    assert private.private is public.private
    assert private.public is public.public
    seed = bytes(range(64))
    keys = [parts.mlkem_private(seed).public_key().public_bytes_raw() for parts in (private, public)]
    assert keys[0] == keys[1]
    assert type(private.mlkem_public(keys[0])) is type(public.mlkem_public(keys[0]))


@pytest.mark.parametrize("error", [ImportError, AttributeError])
def test_a_missing_private_path_falls_back_to_the_public_one(monkeypatch, error):
    def missing():
        raise error

    expected = primitives._public_ciphers().aes_siv
    for name in ("_private_ciphers", "_private_hashing", "_private_hybrid"):
        monkeypatch.setattr(primitives, name, missing)
    assert primitives._load_ciphers().aes_siv is expected
    assert primitives._load_hashing().sha256(b"abc") == primitives.sha256(b"abc")
    assert primitives._hybrid().private is primitives._public_hybrid().private


def test_an_old_cryptography_says_that_hybrid_is_unsupported(monkeypatch):
    def missing():
        raise ImportError

    monkeypatch.setattr(primitives, "_private_hybrid", missing)
    monkeypatch.setattr(primitives, "_public_hybrid", missing)
    with pytest.raises(primitives.HybridUnsupportedError):
        primitives.hybrid_public(bytes(96))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError):
        primitives.no_such_name  # noqa: B018


def test_one_x25519_round_trip_loads_no_costly_module():
    code = """
import sys
from sealring.crypto import age
identity = age.generate_x25519()
sealed = age.encrypt(b"text", [identity.recipient()], armored=True)
[same] = age.parse_identities(identity.text().encode())
assert age.decrypt(sealed, [same]) == b"text"
heavy = {"nacl", "hmac", "hashlib", "bcrypt", "cryptography.utils", "cryptography.exceptions",
    "cryptography.hazmat.primitives.serialization", "cryptography.hazmat.primitives.hpke",
    "sealring.crypto.age.ssh", "sealring.crypto.age.hybrid", "sealring.crypto.age.scrypt"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
