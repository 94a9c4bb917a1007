"""What the parts of an age file share: stanzas, recipients, identities, and the reasons of a refusal."""

from __future__ import annotations

import binascii

from sealring.errors import MalformedAge
from sealring.model.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

FILE_KEY_SIZE = 16
TAG_SIZE = 16
# 2^18: one second and 256 MiB. Each step doubles both, so a file could ask for hours.
DEFAULT_WORK_FACTOR = 18
WRAPPED_SIZE = FILE_KEY_SIZE + TAG_SIZE


class BrokenAge(MalformedAge):
    """An age file is refused; `reason` is the layer that refused it."""

    def __init__(self, reason: str, message: str) -> None:
        """Describe a refusal.

        Args:
            reason: "armor", "header", "hmac" or "payload".
            message: as for every error of sealring.
        """
        super().__init__(message)
        self.reason = reason


class Stanza(Record):
    """The file key as wrapped for one recipient: `-> type arguments`, then a body."""

    args: tuple[str, ...]
    body: bytes

    @property
    def kind(self) -> str:
        """The type, which is the first argument."""
        return self.args[0]


class Recipient(Record):
    """A public key, or a passphrase, that a file can be encrypted to."""

    text: str
    kind = ""
    is_post_quantum = False

    def wrap(self, file_key: bytes) -> list[Stanza]:
        """Encrypt the 16-byte file key so that only the holder of the identity can read it."""
        raise NotImplementedError

    def identifying_bytes(self) -> bytes:
        """Return what a fingerprint of this recipient is the hash of."""
        return self.text.encode("utf-8")


class Identity:
    """A private key, or a passphrase, that opens files. Its repr never shows the secret."""

    __slots__ = ()
    kind = ""

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Return the 16-byte file key from the first stanza that this identity opens, else None.

        Raises:
            MalformedAge: a stanza of this identity's kind does not follow the format.
        """
        raise NotImplementedError

    def recipient(self) -> Recipient | None:
        """Return the public half; None for a passphrase, which has none."""
        return None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.kind}>"


def passphrase_bytes(passphrase: bytes | str) -> bytes:
    """Return the bytes of a passphrase as they were typed."""
    if isinstance(passphrase, bytes):
        return passphrase
    # A terminal that is not in UTF-8 gives surrogates for the bytes that it could not decode.
    return passphrase.encode("utf-8", "surrogateescape")


def malformed_stanza(kind: str, what: str) -> BrokenAge:
    """Build the error for a stanza that breaks the rules of its type."""
    return BrokenAge("header", f"the age header holds a malformed {kind} stanza: {what}")


def to_base64(data: bytes) -> str:
    """Encode as base64 (RFC 4648 4) without padding, as headers do."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").decode("ascii")


def from_base64(text: str) -> bytes:
    """Decode base64 without padding; only the one canonical spelling is taken.

    Raises:
        ValueError: padding, a stray character, or unused bits that are not zero.
    """
    data = binascii.a2b_base64(text.encode("ascii") + b"=" * (-len(text) % 4))
    if to_base64(data) != text:
        raise ValueError("not canonical base64")
    return data


def stanza_bytes(stanza: Stanza, index: int, *, size: int) -> bytes:
    """Return an argument of a stanza that must be base64 of an exact size.

    Raises:
        MalformedAge: it is not.
    """
    try:
        value = from_base64(stanza.args[index])
    except ValueError:
        raise malformed_stanza(stanza.kind, "an argument is not canonical base64") from None
    if len(value) != size:
        raise malformed_stanza(stanza.kind, f"an argument has {len(value)} bytes instead of {size}")
    return value


def check_shape(stanza: Stanza, *, arguments: int) -> None:
    """Refuse a stanza with another number of arguments, or a body that cannot be a wrapped file key.

    The size must be checked before decrypting: a longer body would let one ciphertext open under
    two keys (a partitioning oracle).

    Raises:
        MalformedAge: it has another shape.
    """
    if len(stanza.args) != 1 + arguments:
        raise malformed_stanza(stanza.kind, "wrong number of arguments")
    if len(stanza.body) != WRAPPED_SIZE:
        raise malformed_stanza(
            stanza.kind, f"the body has {len(stanza.body)} bytes instead of {WRAPPED_SIZE}"
        )
