"""Private SSH keys from their files: OpenSSH's own format, and PEM as older keys have it."""

from __future__ import annotations

from sealring.crypto import primitives
from sealring.crypto.age.base import passphrase_bytes
from sealring.crypto.age.ssh import identity_of, recipient_of_wire
from sealring.crypto.age.ssh_wire import (
    ED25519,
    OPENSSH_BEGIN,
    RSA,
    WAY_FORWARD,
    parse_openssh_shape,
)
from sealring.errors import IdentityRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from sealring.crypto.age.ssh import Secret, SshIdentity, SshRecipient

    Ask = Callable[[], bytes | str] | None


def load_ssh_identity(data: bytes, passphrase: Ask) -> SshIdentity:
    """Return the identity of a private key file.

    Args:
        passphrase: asked at once for a protected PEM key, whose public half is hidden too; for a
            protected OpenSSH key only when a file is encrypted to it.
    Raises:
        IdentityRefused: malformed, of an unsupported kind, or protected and there is nobody to ask.
    """
    if OPENSSH_BEGIN in data:
        shape = parse_openssh_shape(data)
        recipient = recipient_of_wire(shape.public_wire)
        if shape.is_protected and passphrase is None:
            raise _protected()
        ask = passphrase if shape.is_protected else None
        return identity_of(recipient, lambda: _load_openssh(data, ask, recipient))
    return _load_pem(data, passphrase)


def _load_openssh(data: bytes, ask: Ask, recipient: SshRecipient) -> Secret:
    secret, wire = _split(_parse(data, None if ask is None else _answer(ask), is_openssh=True))
    if wire != recipient.wire:
        raise IdentityRefused("the ssh private key does not belong to the public key in its file")
    return secret


def _load_pem(data: bytes, ask: Ask) -> SshIdentity:
    try:
        key = _parse(data, None, is_openssh=False)
    except TypeError:
        # What cryptography raises, before any work, for a protected key without passphrase.
        if ask is None:
            raise _protected() from None
        key = _parse(data, _answer(ask), is_openssh=False)
    secret, wire = _split(key)
    return identity_of(recipient_of_wire(wire), lambda: secret)


def _parse(data: bytes, passphrase: bytes | None, *, is_openssh: bool) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    load = _openssh_loader if is_openssh else serialization.load_pem_private_key
    # The consistency check of RSA keys costs 110 ms and more. This key is the user's own: whoever
    # could plant a bad one could read the good one.
    try:
        return load(data, passphrase, unsafe_skip_rsa_key_validation=True)
    except (ValueError, primitives.InvalidTag, MemoryError, OverflowError):
        what = "is malformed" if passphrase is None else "does not open with this passphrase"
        raise IdentityRefused(f"the ssh private key {what}") from None
    except UnsupportedAlgorithm as error:
        if "bcrypt" in str(error):
            raise IdentityRefused(
                "a protected OpenSSH key needs the Python package bcrypt",
                hints=("pip install bcrypt",),
            ) from None
        raise IdentityRefused("the ssh private key uses an unsupported algorithm") from None


def _openssh_loader(
    data: bytes, passphrase: bytes | None, *, unsafe_skip_rsa_key_validation: bool
) -> PrivateKeyTypes:
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    try:
        try:
            return load_ssh_private_key(
                data, passphrase, unsafe_skip_rsa_key_validation=unsafe_skip_rsa_key_validation
            )
        except TypeError:
            # cryptography 44 has no such option for this format.
            return load_ssh_private_key(data, passphrase)
    except TypeError:
        raise ValueError("protected by one sign of its header, and open by another") from None


def _split(key: PrivateKeyTypes) -> tuple[Secret, bytes]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if isinstance(key, Ed25519PrivateKey):
        return key.private_bytes_raw(), _wire(ED25519, key.public_key().public_bytes_raw())
    if isinstance(key, RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return key, _wire(RSA, _positive(numbers.e), _positive(numbers.n))
    raise IdentityRefused("the private key is neither ed25519 nor rsa", hints=(WAY_FORWARD,))


def _wire(kind: str, *parts: bytes) -> bytes:
    items = (kind.encode("ascii"), *parts)
    return b"".join(len(item).to_bytes(4, "big") + item for item in items)


def _positive(number: int) -> bytes:
    # One bit more than the number has, so that the sign bit stays clear.
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _answer(ask: Callable[[], bytes | str]) -> bytes:
    passphrase = passphrase_bytes(ask())
    if not passphrase:
        raise IdentityRefused("the ssh private key is protected, and no passphrase was given")
    return passphrase


def _protected() -> IdentityRefused:
    return IdentityRefused(
        "the ssh private key is protected by a passphrase, and nobody is there to ask",
        hints=("run it in a terminal, or use an identity without passphrase",),
    )
