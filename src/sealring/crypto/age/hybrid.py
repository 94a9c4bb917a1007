"""Post-quantum recipients (age1pq1…) and identities (AGE-SECRET-KEY-PQ-1…): ML-KEM-768 with X25519.

Both must be broken to read a file. `cryptography` has this from version 48 on.

Source: C2SP age.md, "The hybrid recipient type"; the expansion of the seed is that of X-Wing.
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
from sealring.crypto.age.x25519 import decode_key
from sealring.errors import IdentityRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

KIND = "mlkem768x25519"
PUBLIC_SIZE = 1216
SEED_SIZE = 32
EXPANDED_SIZE = 96
ENCAPSULATED_SIZE = 1120
X25519_SIZE = 32
RECIPIENT_PREFIX = "age1pq"
IDENTITY_PREFIX = "AGE-SECRET-KEY-PQ-"

_INFO = b"age-encryption.org/mlkem768x25519"


class HybridRecipient(Recipient):
    """A public key spelled age1pq1…, with its 1,216 bytes."""

    public: bytes
    kind = "hybrid"
    is_post_quantum = True

    @classmethod
    def from_bytes(cls, public: bytes) -> HybridRecipient:
        """Return the recipient of 1,216 public bytes."""
        return cls(bech32.encode(RECIPIENT_PREFIX, public), public)

    @classmethod
    def parse(cls, text: str) -> HybridRecipient:
        """Read age1pq1….

        Raises:
            IdentityRefused: a typing error, or another kind of key.
        """
        return cls(text, decode_key(text, RECIPIENT_PREFIX, PUBLIC_SIZE, "post-quantum age recipient"))

    def wrap(self, file_key: bytes) -> list[Stanza]:
        """Encrypt the file key to this recipient.

        Raises:
            IdentityRefused: the key is not one, or `cryptography` is too old.
        """
        try:
            sealed = primitives.hybrid_encrypt(self.public, file_key, info=_INFO)
        except primitives.HybridUnsupportedError:
            raise _too_old() from None
        except ValueError:
            raise IdentityRefused("the post-quantum age recipient is not a valid key") from None
        encapsulated, body = sealed[:ENCAPSULATED_SIZE], sealed[ENCAPSULATED_SIZE:]
        return [Stanza((KIND, to_base64(encapsulated)), body)]


class HybridIdentity(Identity):
    """A private key spelled AGE-SECRET-KEY-PQ-1…: a seed of 32 bytes."""

    __slots__ = ("_expanded", "_seed")
    kind = "hybrid"

    def __init__(self, seed: bytes) -> None:
        import hashlib

        if len(seed) != SEED_SIZE:
            raise ValueError("a hybrid identity has 32 bytes")
        self._seed = seed
        self._expanded = hashlib.shake_256(seed).digest(EXPANDED_SIZE)

    @classmethod
    def from_bytes(cls, seed: bytes) -> HybridIdentity:
        """Return the identity of a 32-byte seed.

        Raises:
            ValueError: another length: a caller's bug.
        """
        return cls(seed)

    @classmethod
    def parse(cls, text: str) -> HybridIdentity:
        """Read AGE-SECRET-KEY-PQ-1….

        Raises:
            IdentityRefused: a typing error; the text is not quoted.
        """
        return cls(decode_key(text, IDENTITY_PREFIX, SEED_SIZE, "post-quantum age identity"))

    def recipient(self) -> HybridRecipient:
        """Return the public half.

        Raises:
            IdentityRefused: `cryptography` is too old.
        """
        try:
            return HybridRecipient.from_bytes(primitives.hybrid_public(self._expanded))
        except primitives.HybridUnsupportedError:
            raise _too_old() from None

    def text(self) -> str:
        """Return the secret in the spelling of identity files."""
        return bech32.encode(IDENTITY_PREFIX.lower(), self._seed).upper()

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Return the file key from the first hybrid stanza that opens, else None.

        Raises:
            IdentityRefused: there is one, but `cryptography` is too old.
        """
        for stanza in stanzas:
            if stanza.kind == KIND:
                file_key = self._open(stanza)
                if file_key is not None:
                    return file_key
        return None

    def _open(self, stanza: Stanza) -> bytes | None:
        check_shape(stanza, arguments=1)
        encapsulated = stanza_bytes(stanza, 1, size=ENCAPSULATED_SIZE)
        try:
            return primitives.hybrid_decrypt(self._expanded, encapsulated + stanza.body, info=_INFO)
        except primitives.HybridUnsupportedError:
            raise _too_old() from None
        except primitives.InvalidTag:
            self._check_share(encapsulated)
            return None
        except ValueError:
            raise malformed_stanza(KIND, "the encapsulated key is not valid") from None

    def _check_share(self, encapsulated: bytes) -> None:
        # HPKE must refuse a share of low order; `cryptography` does, but says it like a wrong key.
        try:
            primitives.x25519_shared(self._expanded[-X25519_SIZE:], encapsulated[-X25519_SIZE:])
        except ValueError:
            raise malformed_stanza(KIND, "the X25519 share is of low order") from None


def generate_hybrid() -> HybridIdentity:
    """Make a new identity from the system's random source."""
    return HybridIdentity(primitives.random_bytes(SEED_SIZE))


def _too_old() -> IdentityRefused:
    return IdentityRefused(
        "post-quantum age keys need the Python package cryptography 48 or newer",
        hints=("pip install --upgrade cryptography",),
    )
