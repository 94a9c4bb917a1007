"""A passphrase as recipient and identity. It must be the only one of its file.

Source: C2SP age.md, "The scrypt recipient type".
"""

from __future__ import annotations

from sealring.crypto import primitives
from sealring.crypto.age.base import (
    DEFAULT_WORK_FACTOR,
    Identity,
    Recipient,
    Stanza,
    check_shape,
    malformed_stanza,
    passphrase_bytes,
    stanza_bytes,
    to_base64,
)
from sealring.crypto.age.x25519 import ZERO_NONCE, open_file_key
from sealring.errors import LimitExceeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

KIND = "scrypt"
SALT_SIZE = 16
# 2^20: 1 GiB. Python's scrypt takes no more than 2 GiB.
HIGHEST_WORK_FACTOR = 20

_LABEL = b"age-encryption.org/v1/scrypt"


class ScryptRecipient(Recipient):
    """A passphrase to encrypt with. Whoever knows it can also make such files."""

    passphrase: bytes
    work_factor: int
    kind = "scrypt"
    # Nothing public is in it that a quantum computer could break.
    is_post_quantum = True

    @classmethod
    def from_passphrase(
        cls, passphrase: bytes | str, *, work_factor: int = DEFAULT_WORK_FACTOR
    ) -> ScryptRecipient:
        """Return the recipient of a passphrase.

        Args:
            work_factor: logarithm of the cost, from 1 to 20.
        Raises:
            ValueError: empty, or out of range: a caller's bug.
        """
        if not passphrase or not 1 <= work_factor <= HIGHEST_WORK_FACTOR:
            raise ValueError("empty passphrase, or work factor out of range")
        return cls("passphrase", passphrase_bytes(passphrase), work_factor)

    def wrap(self, file_key: bytes) -> list[Stanza]:
        """Encrypt the file key under the passphrase."""
        salt = primitives.random_bytes(SALT_SIZE)
        key = _derive(self.passphrase, salt, self.work_factor)
        body = primitives.chacha20_poly1305(key).encrypt(ZERO_NONCE, file_key, None)
        return [Stanza((KIND, to_base64(salt), str(self.work_factor)), body)]

    def __repr__(self) -> str:
        return "<ScryptRecipient>"


class ScryptIdentity(Identity):
    """A passphrase to decrypt with."""

    __slots__ = ("_max_work_factor", "_passphrase")
    kind = "scrypt"

    def __init__(self, passphrase: bytes | str, *, max_work_factor: int = DEFAULT_WORK_FACTOR) -> None:
        """Keep a passphrase.

        Args:
            max_work_factor: a file that asks for more is refused; at most 20.
        """
        if not 1 <= max_work_factor <= HIGHEST_WORK_FACTOR:
            raise ValueError("work factor out of range")
        self._passphrase = passphrase_bytes(passphrase)
        self._max_work_factor = max_work_factor

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Return the file key, or None if there is no scrypt stanza or the passphrase is another.

        Raises:
            MalformedAge: the stanza does not follow the format, or is not alone.
            LimitExceeded: its work factor is over the limit.
        """
        for stanza in stanzas:
            if stanza.kind == KIND:
                check_alone(stanzas)
                return self._open(stanza)
        return None

    def _open(self, stanza: Stanza) -> bytes | None:
        check_shape(stanza, arguments=2)
        salt = stanza_bytes(stanza, 1, size=SALT_SIZE)
        written = stanza.args[2]
        if not (written.isdigit() and written[0] != "0" and len(written) <= 2):
            raise malformed_stanza(KIND, "the work factor is not a small decimal number")
        work_factor = int(written)
        if work_factor > self._max_work_factor:
            raise LimitExceeded(
                f"the passphrase has a work factor of {work_factor}, and at most"
                f" {self._max_work_factor} is allowed"
            )
        return open_file_key(_derive(self._passphrase, salt, work_factor), stanza.body)


def check_alone(stanzas: Sequence[Stanza]) -> None:
    """Refuse a scrypt stanza that is not alone.

    A file by passphrase tells its reader that it comes from someone who knows the passphrase; a
    second stanza would let anyone else make it.

    Raises:
        MalformedAge: there are others.
    """
    if len(stanzas) > 1 and any(stanza.kind == KIND for stanza in stanzas):
        raise malformed_stanza(KIND, "a passphrase must be the only recipient")


def _derive(passphrase: bytes, salt: bytes, work_factor: int) -> bytes:
    import hashlib

    cost = 1 << work_factor
    # 128 * r * N bytes, and some more that OpenSSL counts too.
    memory = 128 * 8 * (cost + 16)
    return hashlib.scrypt(passphrase, salt=_LABEL + salt, n=cost, r=8, p=1, dklen=32, maxmem=memory)
