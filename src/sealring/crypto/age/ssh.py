"""SSH keys as recipients and identities: ssh-ed25519 and ssh-rsa.

The public half of an OpenSSH private key file is readable without its passphrase, so that a key is
loaded, and a passphrase asked for, only when a file is encrypted to it. Loading also costs 35 ms.

Source: C2SP age.md, "The ssh-rsa and ssh-ed25519 recipient types"; OpenSSH PROTOCOL.key; RFC 4253 6.6.
"""

from __future__ import annotations

import binascii

from sealring.crypto import primitives
from sealring.crypto.age.base import (
    FILE_KEY_SIZE,
    Identity,
    Recipient,
    Stanza,
    check_shape,
    malformed_stanza,
    stanza_bytes,
    to_base64,
)
from sealring.crypto.age.ssh_wire import ED25519, RSA, parse_public_wire
from sealring.crypto.age.x25519 import ZERO_NONCE, open_file_key
from sealring.errors import IdentityRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cryptography.hazmat.primitives.asymmetric.padding import OAEP
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    Secret = bytes | RSAPrivateKey

KEY_SIZE = 32

_ED25519_INFO = b"age-encryption.org/v1/ssh-ed25519"
_RSA_LABEL = b"age-encryption.org/v1/ssh-rsa"


class SshRecipient(Recipient):
    """A public key spelled `ssh-… BASE64`, without its comment; `wire` is what the base64 holds."""

    wire: bytes

    def identifying_bytes(self) -> bytes:
        """Return what `ssh-keygen -l` hashes."""
        return self.wire

    @property
    def tag(self) -> str:
        """The stanza argument by which a holder knows that a stanza may be theirs."""
        return to_base64(primitives.sha256(self.wire)[:4])


class SshEd25519Recipient(SshRecipient):
    """An ssh-ed25519 public key, used for X25519 after conversion."""

    public: bytes
    kind = ED25519

    def wrap(self, file_key: bytes) -> list[Stanza]:
        """Encrypt the file key to this recipient.

        Raises:
            IdentityRefused: the key is not a point of the main group, so that others could open it.
        """
        from nacl.bindings import crypto_sign_ed25519_pk_to_curve25519
        from nacl.exceptions import CryptoError

        ephemeral = primitives.random_bytes(KEY_SIZE)
        share = primitives.x25519_public(ephemeral)
        try:
            point = crypto_sign_ed25519_pk_to_curve25519(self.public)
            shared = primitives.x25519_shared(ephemeral, point)
        except (CryptoError, ValueError):
            raise IdentityRefused("the ssh-ed25519 public key is not a valid key") from None
        key = _ed25519_key(self.wire, point, share, shared)
        body = primitives.chacha20_poly1305(key).encrypt(ZERO_NONCE, file_key, None)
        return [Stanza((ED25519, self.tag, to_base64(share)), body)]


class SshRsaRecipient(SshRecipient):
    """An ssh-rsa public key of 2,048 bits or more."""

    kind = RSA

    def wrap(self, file_key: bytes) -> list[Stanza]:
        """Encrypt the file key to this recipient.

        Raises:
            IdentityRefused: the numbers do not make a key.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.hazmat.primitives.serialization import load_ssh_public_key

        try:
            key = load_ssh_public_key(self.text.encode("ascii"))
            assert isinstance(key, RSAPublicKey)
            return [Stanza((RSA, self.tag), key.encrypt(file_key, _oaep()))]
        except (ValueError, UnsupportedAlgorithm):
            raise IdentityRefused("the ssh-rsa public key is not a valid key") from None


class SshIdentity(Identity):
    """A private key, loaded when a stanza carries its tag."""

    __slots__ = ("_load", "_recipient", "_secret")

    def __init__(self, recipient: SshRecipient, load: Callable[[], Secret]) -> None:
        """Keep the public half, and how to get the private one.

        Args:
            load: called once, when it is needed; gives the ed25519 seed or the RSA key.
        """
        self._recipient = recipient
        self._load = load
        self._secret: Secret | None = None

    def recipient(self) -> SshRecipient:
        """Return the public half."""
        return self._recipient

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Return the file key from the first stanza with this key's tag that opens, else None.

        Raises:
            IdentityRefused: there is such a stanza, but the key cannot be loaded.
        """
        tag = self._recipient.tag
        for stanza in stanzas:
            if stanza.kind == self.kind and stanza.args[1:2] == (tag,):
                file_key = self._open(stanza)
                if file_key is not None:
                    return file_key
        return None

    def _open(self, stanza: Stanza) -> bytes | None:
        raise NotImplementedError

    def _loaded(self) -> Secret:
        if self._secret is None:
            self._secret = self._load()
        return self._secret


class SshEd25519Identity(SshIdentity):
    """An ssh-ed25519 private key."""

    __slots__ = ()
    kind = ED25519

    def _open(self, stanza: Stanza) -> bytes | None:
        import hashlib

        check_shape(stanza, arguments=2)
        share = stanza_bytes(stanza, 2, size=KEY_SIZE)
        seed = self._loaded()
        assert isinstance(seed, bytes)
        # What Ed25519 itself has as its secret scalar (RFC 8032 5.1.5); X25519 clamps it in the same way.
        scalar = hashlib.sha512(seed).digest()[:KEY_SIZE]
        try:
            shared = primitives.x25519_shared(scalar, share)
        except ValueError:
            raise malformed_stanza(ED25519, "the share is of low order") from None
        point = primitives.x25519_public(scalar)
        return open_file_key(_ed25519_key(self._recipient.wire, point, share, shared), stanza.body)


class SshRsaIdentity(SshIdentity):
    """An ssh-rsa private key."""

    __slots__ = ()
    kind = RSA

    def _open(self, stanza: Stanza) -> bytes | None:
        if len(stanza.args) != 2:
            raise malformed_stanza(RSA, "wrong number of arguments")
        key = self._loaded()
        assert not isinstance(key, bytes)
        try:
            file_key = key.decrypt(stanza.body, _oaep())
        except ValueError:
            return None
        if len(file_key) != FILE_KEY_SIZE:
            raise malformed_stanza(RSA, "the file key has a wrong size")
        return file_key


def identity_of(recipient: SshRecipient, load: Callable[[], Secret]) -> SshIdentity:
    """Return the identity for a public half, of the same kind."""
    if recipient.kind == ED25519:
        return SshEd25519Identity(recipient, load)
    return SshRsaIdentity(recipient, load)


def parse_ssh_recipient(text: str) -> SshRecipient:
    """Read a line of a .pub file; the comment is dropped.

    Raises:
        IdentityRefused: malformed, or a kind of key that can only sign.
    """
    words = text.split(None, 2)
    if len(words) < 2:
        raise IdentityRefused("the ssh public key is incomplete")
    try:
        wire = binascii.a2b_base64(words[1].encode("ascii"))
        if binascii.b2a_base64(wire, newline=False).decode("ascii") != words[1]:
            raise ValueError("not canonical")
    except ValueError:
        raise IdentityRefused("the ssh public key is not base64") from None
    recipient = recipient_of_wire(wire)
    if recipient.kind != words[0]:
        raise IdentityRefused("the ssh public key is of another kind than its first word says")
    return recipient


def recipient_of_wire(wire: bytes) -> SshRecipient:
    """Return the recipient of a public key as SSH sends it.

    Raises:
        IdentityRefused: malformed, or a kind of key that can only sign.
    """
    kind, public = parse_public_wire(wire)
    text = f"{kind} {binascii.b2a_base64(wire, newline=False).decode('ascii')}"
    if kind == ED25519:
        return SshEd25519Recipient(text, wire, public)
    return SshRsaRecipient(text, wire)


def _ed25519_key(wire: bytes, point: bytes, share: bytes, shared: bytes) -> bytes:
    # The tweak makes the key depend on the whole SSH key, so that it differs from a plain X25519 use.
    tweak = primitives.hkdf_sha256(b"", salt=wire, info=_ED25519_INFO, length=KEY_SIZE)
    tweaked = primitives.x25519_shared(tweak, shared)
    return primitives.hkdf_sha256(tweaked, salt=share + point, info=_ED25519_INFO, length=32)


def _oaep() -> OAEP:
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
    from cryptography.hazmat.primitives.hashes import SHA256

    return OAEP(mgf=MGF1(SHA256()), algorithm=SHA256(), label=_RSA_LABEL)
