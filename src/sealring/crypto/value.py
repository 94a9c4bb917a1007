"""Seal one value to one place: AES-256-SIV with a random nonce, and the place as associated data.

The place is authenticated, not hidden: moving a token to another field, file, repository, group or
epoch, changing its times, its tag, or a neighbour that it is bound to, makes it fail to open.

SIV stays safe if the random source fails: then equal values at one place would look equal, no more.
The nonce hides that equality. Source: RFC 5297 3 (nonce as the last associated datum); spec.md 4.4.
"""

from __future__ import annotations

from sealring.crypto.padding import pad, unpad
from sealring.crypto.primitives import aes_siv, random_bytes, sha256
from sealring.errors import Tampered
from sealring.model.encoding import base32, pack_items
from sealring.model.record import Record
from sealring.model.token import FILE_ID_CHARS, EpochRef, Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.crypto.epoch import Root
    from sealring.model.field_path import FieldPath

NONCE_BYTES = 16
TAG_BYTES = 16


def file_id(repository: str, file: str) -> str:
    """Return the id of a file's place: 16 base32 characters of a SHA-256.

    Args:
        file: repository-relative, with `/`.
    """
    digest = sha256(
        pack_items((b"sealring/v1/file", repository.encode("utf-8"), file.encode("utf-8", "surrogateescape")))
    )
    return base32(digest)[:FILE_ID_CHARS]


class Place(Record):
    """What a value is bound to besides its token's open parts.

    tag and anchor: the scalar's own, as written; empty where there is none.
    bound: plain neighbours that the rule names, as (address, content) pairs in the rule's order.
    """

    path: FieldPath
    tag: str = ""
    anchor: str = ""
    bound: tuple[tuple[str, str], ...] = ()

    def encode(self) -> bytes:
        """Return the bytes that are authenticated of the place."""
        neighbours = (text.encode("utf-8") for pair in self.bound for text in pair)
        return pack_items(
            (
                self.path.encode(),
                self.tag.encode("utf-8"),
                self.anchor.encode("utf-8"),
                pack_items(neighbours),
            )
        )


class ValueCipher:
    """Seals and opens the values of one epoch; made once per epoch and command."""

    def __init__(self, root: Root) -> None:
        self.at = root.at
        self._siv = aes_siv(root.value_key())
        self._head = pack_items(
            text.encode("utf-8")
            for text in ("sealring/v1/value", root.repository, root.at.group, root.at.epoch)
        )

    def _context(self, file_id: str, set_time: str, origin: EpochRef, place: Place) -> bytes:
        tail = (file_id, set_time, origin.group, origin.epoch)
        return self._head + pack_items((*(text.encode("utf-8") for text in tail), place.encode()))

    def seal(
        self, payload: bytes, place: Place, *, file_id: str, set_time: str, origin: EpochRef | None = None
    ) -> Token:
        """Encrypt one payload so that it opens only at this place.

        Args:
            payload: flags and source slice, unpadded; 1 byte at least.
            set_time: when the value was last set, as in the token.
            origin: None for a value that is first sealed now.
        Raises:
            ValueError: the payload is empty: a caller's bug.
        """
        if not payload:
            raise ValueError("a payload has one byte at least")
        born = origin or self.at
        nonce = random_bytes(NONCE_BYTES)
        context = self._context(file_id, set_time, born, place)
        return Token(
            self.at, file_id, set_time, born, nonce + self._siv.encrypt(pad(payload), [context, nonce])
        )

    def open(self, token: Token, place: Place) -> bytes:
        """Decrypt one token.

        Raises:
            Tampered: it does not authenticate here. The caller names file and field.
        """
        nonce, sealed = token.body[:NONCE_BYTES], token.body[NONCE_BYTES:]
        context = self._context(token.file_id, token.set_time, token.origin, place)
        if token.at == self.at and len(sealed) > TAG_BYTES and not token.is_deposit:
            try:
                return unpad(self._siv.decrypt(sealed, [context, nonce]))
            except Exception:  # noqa: BLE001, S110  InvalidTag or ValueError: one answer for all of them
                pass
        raise Tampered("the sealed value does not authenticate here")
