"""The few primitives that everything else is built from, imported the cheap way.

They are those of `cryptography` and of Python's own OpenSSL module; nothing is made here. The public
import path of `cryptography` costs 15 ms at start, as it loads `typing`, `enum` and `re`, which is more
than the interpreter itself. The classes behind it lie in one extension module that loads in 4 ms, so
that is tried first. Its name is private, so the public path is the fallback, and a test shows that
both give the same classes.
See docs/decisions/0003-start-up.md.
"""

from __future__ import annotations

import os

from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from cryptography.exceptions import InvalidTag as InvalidTag
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV, ChaCha20Poly1305
    from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

    class _Sealing(Protocol):
        def encrypt(
            self, plaintext: bytes, public_key: MLKEM768X25519PublicKey, info: bytes | None = None
        ) -> bytes: ...
        def decrypt(
            self, ciphertext: bytes, private_key: MLKEM768X25519PrivateKey, info: bytes | None = None
        ) -> bytes: ...


HASH_SIZE = 32
MLKEM768_PUBLIC_SIZE = 1184
MLKEM768_SEED_SIZE = 64


class _Ciphers(Record):
    aes_siv: type[AESSIV]
    chacha20_poly1305: type[ChaCha20Poly1305]
    x25519_private: Callable[[bytes], X25519PrivateKey]
    x25519_public: Callable[[bytes], X25519PublicKey]


class _Hashing(Record):
    sha256: Callable[[bytes], bytes]
    hmac_sha256: Callable[[bytes, bytes], bytes]
    equal: Callable[[bytes, bytes], bool]


class _Hybrid(Record):
    suite: _Sealing
    private: Callable[[MLKEM768PrivateKey, X25519PrivateKey], MLKEM768X25519PrivateKey]
    public: Callable[[MLKEM768PublicKey, X25519PublicKey], MLKEM768X25519PublicKey]
    mlkem_private: Callable[[bytes], MLKEM768PrivateKey]
    mlkem_public: Callable[[bytes], MLKEM768PublicKey]


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """Return the 32-byte HMAC-SHA-256 of data."""
    return _hashing.hmac_sha256(key, data)


def sha256(data: bytes) -> bytes:
    """Return the 32-byte SHA-256 of data."""
    return _hashing.sha256(data)


def constant_time_equal(a: bytes, b: bytes) -> bool:
    """Compare two byte strings without telling by the time where they differ."""
    return _hashing.equal(a, b)


def random_bytes(size: int) -> bytes:
    """Return bytes of the operating system's random source."""
    return os.urandom(size)


def hkdf_sha256(key: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    """Derive a key with HKDF-SHA-256.

    The library's own HKDF takes a hash object whose import costs 13 ms, so the two steps of the RFC
    are written out over HMAC; the tests hold its vectors.

    Args:
        salt: empty stands for 32 zero bytes, as in the RFC.
        length: in bytes, at most 255 * 32.
    Raises:
        ValueError: the length is out of range: a caller's bug.
    Source: RFC 5869 2.2, 2.3.
    """
    if not 0 < length <= 255 * HASH_SIZE:
        raise ValueError("hkdf length out of range")
    pseudo_random_key = _hashing.hmac_sha256(salt or bytes(HASH_SIZE), key)
    block = out = b""
    counter = 0
    while len(out) < length:
        counter += 1
        block = _hashing.hmac_sha256(pseudo_random_key, block + info + bytes((counter,)))
        out += block
    return out[:length]


def aes_siv(key: bytes) -> AESSIV:
    """Return an AES-SIV object (RFC 5297): `encrypt` and `decrypt` of (data, list of associated data).

    Its `decrypt` raises `InvalidTag`, which is an attribute of this module.

    Args:
        key: 64 bytes for AES-256-SIV.
    """
    return _ciphers.aes_siv(key)


def chacha20_poly1305(key: bytes) -> ChaCha20Poly1305:
    """Return a ChaCha20-Poly1305 object (RFC 8439): `encrypt` and `decrypt` of (nonce, data, associated).

    Its `decrypt` raises `InvalidTag`, which is an attribute of this module.
    """
    return _ciphers.chacha20_poly1305(key)


def x25519_public(secret: bytes) -> bytes:
    """Return the 32-byte public key that belongs to a 32-byte X25519 secret key."""
    return _ciphers.x25519_private(secret).public_key().public_bytes_raw()


def x25519_shared(secret: bytes, public: bytes) -> bytes:
    """Return the 32 bytes that the holder of `secret` and the holder of `public`'s secret share.

    Raises:
        ValueError: the point has a low order, so that the result would be zero for everyone.
    Source: RFC 7748 6.1.
    """
    return _ciphers.x25519_private(secret).exchange(_ciphers.x25519_public(public))


class HybridUnsupportedError(Exception):
    """The installed `cryptography` is too old for ML-KEM-768 with X25519, or its OpenSSL is."""


def hybrid_public(expanded: bytes) -> bytes:
    """Return the 1,216-byte public key of ML-KEM-768 with X25519.

    Args:
        expanded: 64 bytes of ML-KEM seed, then 32 bytes of X25519 secret key.
    Raises:
        HybridUnsupportedError: not in this `cryptography`.
    """
    mlkem = _hybrid().mlkem_private(expanded[:MLKEM768_SEED_SIZE])
    return mlkem.public_key().public_bytes_raw() + x25519_public(expanded[MLKEM768_SEED_SIZE:])


def hybrid_encrypt(public: bytes, plaintext: bytes, *, info: bytes) -> bytes:
    """Encrypt with HPKE: MLKEM768-X25519, HKDF-SHA-256, ChaCha20-Poly1305, base mode.

    Returns:
        the encapsulated key (1,120 bytes), then the ciphertext and its tag.
    Raises:
        HybridUnsupportedError: not in this `cryptography`.
        ValueError: the public key is not one.
    Source: RFC 9180 6.1; draft-ietf-hpke-pq.
    """
    hybrid = _hybrid()
    key = hybrid.public(
        hybrid.mlkem_public(public[:MLKEM768_PUBLIC_SIZE]),
        _ciphers.x25519_public(public[MLKEM768_PUBLIC_SIZE:]),
    )
    return hybrid.suite.encrypt(plaintext, key, info)


def hybrid_decrypt(expanded: bytes, ciphertext: bytes, *, info: bytes) -> bytes:
    """Decrypt what `hybrid_encrypt` returned.

    Args:
        expanded: as for `hybrid_public`.
    Raises:
        HybridUnsupportedError: not in this `cryptography`.
        InvalidTag: it was not encrypted to this key.
        ValueError: the encapsulated key is not one.
    """
    hybrid = _hybrid()
    key = hybrid.private(
        hybrid.mlkem_private(expanded[:MLKEM768_SEED_SIZE]),
        _ciphers.x25519_private(expanded[MLKEM768_SEED_SIZE:]),
    )
    return hybrid.suite.decrypt(ciphertext, key, info)


def _private_ciphers() -> _Ciphers:
    from cryptography.hazmat.bindings._rust import openssl

    return _Ciphers(
        openssl.aead.AESSIV,
        openssl.aead.ChaCha20Poly1305,
        openssl.x25519.from_private_bytes,
        openssl.x25519.from_public_bytes,
    )


def _public_ciphers() -> _Ciphers:
    from cryptography.hazmat.primitives.asymmetric import x25519
    from cryptography.hazmat.primitives.ciphers import aead

    return _Ciphers(
        aead.AESSIV,
        aead.ChaCha20Poly1305,
        x25519.X25519PrivateKey.from_private_bytes,
        x25519.X25519PublicKey.from_public_bytes,
    )


def _private_hashing() -> _Hashing:
    # What hmac.digest and hashlib.sha256 call, without the 1 ms of their modules.
    import _hashlib

    digest, sha = _hashlib.hmac_digest, _hashlib.openssl_sha256
    return _Hashing(
        lambda data: sha(data).digest(),
        lambda key, data: digest(key, data, "sha256"),
        _hashlib.compare_digest,
    )


def _public_hashing() -> _Hashing:
    import hashlib
    import hmac

    return _Hashing(
        lambda data: hashlib.sha256(data).digest(),
        lambda key, data: hmac.digest(key, data, "sha256"),
        hmac.compare_digest,
    )


def _hybrid() -> _Hybrid:
    try:
        return _private_hybrid()
    except (ImportError, AttributeError):
        pass
    try:
        return _public_hybrid()
    except (ImportError, AttributeError):
        raise HybridUnsupportedError from None


def _private_hybrid() -> _Hybrid:
    from cryptography.hazmat.bindings._rust import openssl

    hpke, mlkem = openssl.hpke, openssl.mlkem
    return _Hybrid(
        hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305),
        hpke.MLKEM768X25519PrivateKey,
        hpke.MLKEM768X25519PublicKey,
        mlkem.from_mlkem768_seed_bytes,
        mlkem.from_mlkem768_public_bytes,
    )


def _public_hybrid() -> _Hybrid:
    from cryptography.hazmat.primitives import hpke
    from cryptography.hazmat.primitives.asymmetric import mlkem

    return _Hybrid(
        hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305),
        hpke.MLKEM768X25519PrivateKey,
        hpke.MLKEM768X25519PublicKey,
        mlkem.MLKEM768PrivateKey.from_seed_bytes,
        mlkem.MLKEM768PublicKey.from_public_bytes,
    )


def _load_ciphers() -> _Ciphers:
    try:
        return _private_ciphers()
    except (ImportError, AttributeError):
        return _public_ciphers()


def _load_hashing() -> _Hashing:
    try:
        return _private_hashing()
    except (ImportError, AttributeError):
        return _public_hashing()


def __getattr__(name: str) -> object:
    # An `except` clause looks its class up only once something was raised, so the 10 ms of
    # cryptography.exceptions are paid only by failures.
    if name == "InvalidTag":
        from cryptography.exceptions import InvalidTag

        return InvalidTag
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


_ciphers = _load_ciphers()
_hashing = _load_hashing()
