"""The payload of an age file: STREAM over ChaCha20-Poly1305 in chunks of 64 KiB.

Each chunk's nonce holds its number and whether it is the last, so chunks cannot be reordered, dropped
or cut off. Nothing is returned before the whole payload has authenticated.

Source: C2SP age.md, "Payload"; STREAM from eprint 2015/189.
"""

from __future__ import annotations

from sealring.crypto import primitives
from sealring.crypto.age.base import TAG_SIZE, BrokenAge
from sealring.errors import LimitExceeded

CHUNK = 64 * 1024
SEALED_CHUNK = CHUNK + TAG_SIZE
NONCE_SIZE = 16


def seal_payload(file_key: bytes, plaintext: bytes) -> bytes:
    """Return nonce and encrypted chunks; an empty plaintext is one empty chunk."""
    nonce = primitives.random_bytes(NONCE_SIZE)
    cipher = primitives.chacha20_poly1305(_payload_key(file_key, nonce))
    out = [nonce]
    last = max(0, (len(plaintext) - 1) // CHUNK)
    for number in range(last + 1):
        chunk = plaintext[number * CHUNK : (number + 1) * CHUNK]
        out.append(cipher.encrypt(_chunk_nonce(number, number == last), chunk, None))
    return b"".join(out)


def open_payload(file_key: bytes, sealed: bytes, *, max_plaintext: int) -> bytes:
    """Decrypt and authenticate all chunks.

    Raises:
        MalformedAge: with the reason "payload"; "header" if not even the nonce is there.
        LimitExceeded: the plaintext would be longer than `max_plaintext` bytes.
    """
    nonce, body = sealed[:NONCE_SIZE], sealed[NONCE_SIZE:]
    if len(nonce) < NONCE_SIZE:
        raise BrokenAge("header", "the age file ends before its payload")
    if not body:
        raise BrokenAge("payload", "the age payload has no chunk")
    last = (len(body) - 1) // SEALED_CHUNK
    size = len(body) - (last + 1) * TAG_SIZE
    if size > max_plaintext:
        raise LimitExceeded(f"the content of the age file is larger than {max_plaintext} bytes")
    if len(body) - last * SEALED_CHUNK < TAG_SIZE + (last > 0):
        raise BrokenAge("payload", "the last chunk of the age payload is cut off, or empty without need")
    cipher = primitives.chacha20_poly1305(_payload_key(file_key, nonce))
    out = []
    try:
        for number in range(last + 1):
            chunk = body[number * SEALED_CHUNK : (number + 1) * SEALED_CHUNK]
            out.append(cipher.decrypt(_chunk_nonce(number, number == last), chunk, None))
    except primitives.InvalidTag:
        raise BrokenAge("payload", "the age payload does not authenticate") from None
    return b"".join(out)


def _payload_key(file_key: bytes, nonce: bytes) -> bytes:
    return primitives.hkdf_sha256(file_key, salt=nonce, info=b"payload", length=32)


def _chunk_nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if is_last else b"\x00")
