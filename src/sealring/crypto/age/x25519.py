"""X25519 recipients (age1…) and identities (AGE-SECRET-KEY-1…), age's own kind.

Source: C2SP age.md, "The X25519 recipient type".
"""

from __future__ import annotations

from sealring.crypto import primitives
from sealring.crypto.age import bech32
from sealring.crypto.age.base import (
    Identity,
    Recipient,
    Stanza,
    check_shape,
    malformed_stanza,
    stanza_bytes,
    to_base64,
)
from sealring.errors import IdentityRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

KIND = "X25519"
KEY_SIZE = 32
RECIPIENT_PREFIX = "age"
IDENTITY_PREFIX = "AGE-SECRET-KEY-"

_INFO = b"age-encryption.org/v1/X25519"
# Each wrapping key is used once, so its nonce may be fixed.
ZERO_NONCE = bytes(12)


class X25519Recipient(Recipient):
    """A public key spelled age1…, with its 32 bytes."""

    public: bytes
    kind = "x25519"

    @classmethod
    def from_bytes(cls, public: bytes) -> X25519Recipient:
        """Return the recipient of 32 public bytes."""
        return cls(bech32.encode(RECIPIENT_PREFIX, public), public)

    @classmethod
    def parse(cls, text: str) -> X25519Recipient:
        """Read age1….

        Raises:
            IdentityRefused: a typing error, or another kind of key.
        """
        return cls(text, decode_key(text, RECIPIENT_PREFIX, KEY_SIZE, "age recipient"))

    def wrap(self, file_key: bytes) -> list[Stanza]:
        """Encrypt the file key to this recipient.

        Raises:
            IdentityRefused: the key is of low order, so that anyone could read what it wraps.
        """
        ephemeral = primitives.random_bytes(KEY_SIZE)
        share = primitives.x25519_public(ephemeral)
        try:
            shared = primitives.x25519_shared(ephemeral, self.public)
        except ValueError:
            raise IdentityRefused("the age recipient is a weak key, which everyone could open") from None
        key = primitives.hkdf_sha256(shared, salt=share + self.public, info=_INFO, length=32)
        body = primitives.chacha20_poly1305(key).encrypt(ZERO_NONCE, file_key, None)
        return [Stanza((KIND, to_base64(share)), body)]


class X25519Identity(Identity):
    """A private key spelled AGE-SECRET-KEY-1…."""

    __slots__ = ("_public", "_secret")
    kind = "x25519"

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_SIZE:
            raise ValueError("an X25519 identity has 32 bytes")
        self._secret = secret
        self._public = primitives.x25519_public(secret)

    @classmethod
    def from_bytes(cls, secret: bytes) -> X25519Identity:
        """Return the identity of 32 secret bytes.

        Raises:
            ValueError: another length: a caller's bug.
        """
        return cls(secret)

    @classmethod
    def parse(cls, text: str) -> X25519Identity:
        """Read AGE-SECRET-KEY-1….

        Raises:
            IdentityRefused: a typing error; the text is not quoted.
        """
        return cls(decode_key(text, IDENTITY_PREFIX, KEY_SIZE, "age identity"))

    def recipient(self) -> X25519Recipient:
        """Return the public half."""
        return X25519Recipient.from_bytes(self._public)

    def text(self) -> str:
        """Return the secret in the spelling of identity files."""
        return bech32.encode(IDENTITY_PREFIX.lower(), self._secret).upper()

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Return the file key from the first X25519 stanza that opens, else None."""
        for stanza in stanzas:
            if stanza.kind == KIND:
                file_key = self._open(stanza)
                if file_key is not None:
                    return file_key
        return None

    def _open(self, stanza: Stanza) -> bytes | None:
        check_shape(stanza, arguments=1)
        share = stanza_bytes(stanza, 1, size=KEY_SIZE)
        try:
            shared = primitives.x25519_shared(self._secret, share)
        except ValueError:
            raise malformed_stanza(KIND, "the share is of low order") from None
        key = primitives.hkdf_sha256(shared, salt=share + self._public, info=_INFO, length=32)
        return open_file_key(key, stanza.body)


def open_file_key(key: bytes, body: bytes) -> bytes | None:
    """Return the file key in a body under a wrapping key, or None if it is not under that key."""
    try:
        return primitives.chacha20_poly1305(key).decrypt(ZERO_NONCE, body, None)
    except primitives.InvalidTag:
        return None


def decode_key(text: str, prefix: str, size: int, what: str) -> bytes:
    """Return the bytes of a key in bech32 with an exact prefix, in the exact case, of an exact size.

    Raises:
        IdentityRefused: it is anything else; the text is not quoted.
    """
    try:
        found, data = bech32.decode(text)
    except ValueError as error:
        raise IdentityRefused(f"the {what} is malformed: {error}") from None
    if found != prefix or len(data) != size:
        raise IdentityRefused(f"the {what} is malformed: it is of another kind or length")
    return data


def generate_x25519() -> X25519Identity:
    """Make a new identity from the system's random source."""
    return X25519Identity(primitives.random_bytes(KEY_SIZE))
