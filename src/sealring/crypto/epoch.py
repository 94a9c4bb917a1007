"""What one epoch's root gives: value key, commitment, deposit identity, and the keys of two MACs.

    root        32 random bytes, never used as a key itself
    derived     HKDF-SHA256(root, salt = empty, info = items(label, repository, group, ...))
    epoch id    generation "." first five base32 characters of the commitment

Nothing public determines the root. The commitment binds the public name of an epoch to one root, so
nobody can wrap two roots under one epoch for two readers.

Source: RFC 5869; spec.md 4.2.
"""

from __future__ import annotations

from sealring.crypto.primitives import constant_time_equal, hkdf_sha256, hmac_sha256
from sealring.model.encoding import base32, base64url, from_base64url, pack_items
from sealring.model.record import Record
from sealring.model.token import EPOCH_SUFFIX_CHARS, EpochRef

ROOT_BYTES = 32
_LABEL = "sealring/v1/"


def _derive(root: bytes, label: str, length: int, *context: str) -> bytes:
    if len(root) != ROOT_BYTES:
        raise ValueError("a root has 32 bytes")
    items = (_LABEL + label, *context)
    return hkdf_sha256(root, salt=b"", info=pack_items(item.encode("utf-8") for item in items), length=length)


def commitment(root: bytes, repository: str, group: str, generation: int) -> str:
    """Return the public commitment to a root: 52 base32 characters of 32 bytes."""
    return base32(_derive(root, "commit", 32, repository, group, str(generation)))


def epoch_id(generation: int, committed: str) -> str:
    """Return the id of an epoch: its generation and the start of its commitment."""
    return f"{generation}.{committed[:EPOCH_SUFFIX_CHARS]}"


class Root(Record):
    """The secret of one epoch of one group, with the place that it belongs to."""

    repository: str
    at: EpochRef
    secret: bytes

    def __repr__(self) -> str:
        return f"Root({self.at})"

    @classmethod
    def new(cls, secret: bytes, repository: str, group: str, generation: int) -> Root:
        """Make the root of a new epoch from 32 random bytes."""
        committed = commitment(secret, repository, group, generation)
        return cls(repository, EpochRef(group, epoch_id(generation, committed)), secret)

    @property
    def generation(self) -> int:
        """The number in front of the epoch's id."""
        return int(self.at.epoch.partition(".")[0])

    def commitment(self) -> str:
        """Return the public commitment to this root."""
        return commitment(self.secret, self.repository, self.at.group, self.generation)

    def is_committed(self, published: str) -> bool:
        """Tell whether a published commitment, and the epoch's id, are this root's."""
        own = self.commitment()
        same = constant_time_equal(own.encode("ascii"), published.encode("utf-8"))
        return same and self.at.epoch == epoch_id(self.generation, own)

    def value_key(self) -> bytes:
        """Return the 64-byte AES-256-SIV key of this epoch's values."""
        return _derive(self.secret, "value", 64, self.repository, self.at.group, self.at.epoch)

    def deposit_key(self) -> bytes:
        """Return the 32-byte X25519 private key whose public half is the epoch's recipient."""
        return _derive(self.secret, "deposit", 32, self.repository, self.at.group, self.at.epoch)

    def vouch(self, member: str, recipients: tuple[str, ...], via: tuple[str, ...]) -> str:
        """Return the MAC by which a holder says: these are the recipients that I wrapped to.

        Args:
            member: name of the member.
            recipients: canonical texts; their order does not matter.
            via: included groups through which alone the member belongs to the group; empty: granted.
        Returns:
            base64url of 32 bytes.
        """
        items = (member, str(len(via)), *sorted(via), *sorted(recipients))
        return self._mac("vouch", items)

    def statement_mac(self, items: tuple[str, ...]) -> str:
        """Return the MAC over what `epoch.yaml` says of the epochs before this one."""
        return self._mac("epoch", items)

    def link_mac(self, child_id: str, items: tuple[str, ...]) -> str:
        """Return the MAC by which a holder of this epoch says that another one follows it.

        Args:
            child_id: the id of the epoch that follows.
            items: what its statement covers.
        """
        return self._mac("link", (child_id, *items))

    def journal_mac(self, items: tuple[str, ...]) -> str:
        """Return the MAC over what a rotation that may be killed has to finish."""
        return self._mac("journal", items)

    def _mac(self, label: str, items: tuple[str, ...]) -> str:
        key = _derive(self.secret, label, 32, self.repository, self.at.group, self.at.epoch)
        return base64url(hmac_sha256(key, pack_items(item.encode("utf-8") for item in items)))

    # The plaintext of a wrap: an age identity file with the root in comment lines, so that stock
    # age reads it. Source: spec.md 6.3.

    def dump(self, deposit_identity: str) -> bytes:
        """Return the plaintext of a wrap."""
        return (
            "# sealring group secret: keep it out of files and logs\n"
            f"# repository: {self.repository}\n"
            f"# group: {self.at.group}\n"
            f"# epoch: {self.at.epoch}\n"
            f"# root: {base64url(self.secret)}\n"
            f"{deposit_identity}\n"
        ).encode("ascii")

    @classmethod
    def load(cls, plaintext: bytes, repository: str, at: EpochRef) -> Root:
        """Read the plaintext of a wrap that should hold the root of one epoch.

        Raises:
            ValueError: it names another repository, group or epoch, or has no root.
        """
        named: dict[str, str] = {}
        for line in plaintext.decode("ascii", "replace").splitlines():
            key, colon, value = line.removeprefix("# ").partition(": ")
            if line.startswith("# ") and colon:
                if key in named:
                    raise ValueError("a line is doubled")
                named[key] = value
        if (named.get("repository"), named.get("group"), named.get("epoch")) != (
            repository,
            at.group,
            at.epoch,
        ):
            raise ValueError("it was made for another repository, group or epoch")
        secret = from_base64url(named.get("root", ""))
        if len(secret) != ROOT_BYTES:
            raise ValueError("it holds no root")
        return cls(repository, at, secret)
