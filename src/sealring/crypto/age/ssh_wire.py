"""The outer shape of SSH keys: lengths and names, no cryptography.

Source: RFC 4251 5 (string, mpint), RFC 4253 6.6, RFC 8709 4; OpenSSH PROTOCOL.key.
"""

from __future__ import annotations

import binascii

from sealring.errors import IdentityRefused
from sealring.model.record import Record

ED25519 = "ssh-ed25519"
RSA = "ssh-rsa"
ED25519_SIZE = 32
MIN_RSA_BITS = 2048
# What OpenSSH itself takes at most; larger ones cost seconds.
MAX_RSA_BITS = 16384

OPENSSH_BEGIN = b"-----BEGIN OPENSSH PRIVATE KEY-----"
OPENSSH_END = b"-----END OPENSSH PRIVATE KEY-----"

_MAGIC = b"openssh-key-v1\0"


class OpensshShape(Record):
    """What an OpenSSH private key file says in the open."""

    public_wire: bytes
    is_protected: bool


def parse_public_wire(wire: bytes) -> tuple[str, bytes]:
    """Return the kind of a public key, and for ed25519 its 32 bytes (empty for RSA).

    Raises:
        IdentityRefused: malformed, too weak or too large, or a kind of key that can only sign.
    """
    try:
        name, at = _string(wire, 0)
        kind = name.decode("ascii")
        refuse_signing_kind(kind)
        if kind == ED25519:
            public, at = _string(wire, at)
            is_whole = at == len(wire) and len(public) == ED25519_SIZE
        elif kind == RSA:
            public = b""
            exponent, at = _string(wire, at)
            modulus, at = _string(wire, at)
            is_whole = at == len(wire) and _is_positive(exponent) and _is_positive(modulus)
        else:
            raise IdentityRefused("an ssh key of an unknown kind", hints=(WAY_FORWARD,))
    except ValueError:
        is_whole = False
    if not is_whole:
        raise IdentityRefused("the ssh public key is malformed")
    if kind == RSA:
        _check_rsa_size(int.from_bytes(modulus, "big").bit_length())
    return kind, public


WAY_FORWARD = "use an age key (age-keygen), or an ssh key made by `ssh-keygen -t ed25519`"


def refuse_signing_kind(kind: str) -> None:
    """Refuse the kinds of SSH keys that cannot encrypt, each with its reason.

    Raises:
        IdentityRefused: it is one of them.
    """
    if kind.startswith("sk-"):
        reason = "an ssh key on a security key can only sign, not decrypt"
    elif kind.startswith("ecdsa-"):
        reason = "age does not encrypt to ecdsa ssh keys"
    elif kind == "ssh-dss":
        reason = "a dsa ssh key can only sign, not decrypt"
    elif "-cert-v" in kind:
        reason = "an ssh certificate is not a key to encrypt to"
    else:
        return
    raise IdentityRefused(reason, hints=(WAY_FORWARD,))


def parse_openssh_shape(data: bytes) -> OpensshShape:
    """Read the open part of an OpenSSH private key file.

    Raises:
        IdentityRefused: it is malformed, or holds more than one key.
    """
    try:
        start = data.index(OPENSSH_BEGIN) + len(OPENSSH_BEGIN)
        blob = binascii.a2b_base64(data[start : data.index(OPENSSH_END, start)])
        if not blob.startswith(_MAGIC):
            raise ValueError("no magic")
        cipher, at = _string(blob, len(_MAGIC))
        _kdf, at = _string(blob, at)
        _options, at = _string(blob, at)
        if int.from_bytes(blob[at : at + 4], "big") != 1:
            raise ValueError("more than one key")
        public_wire, at = _string(blob, at + 4)
    except ValueError:
        raise IdentityRefused("the OpenSSH private key is malformed") from None
    return OpensshShape(public_wire, cipher != b"none")


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    size = int.from_bytes(data[at : at + 4], "big")
    end = at + 4 + size
    if len(data) < at + 4 or len(data) < end:
        raise ValueError("cut off")
    return data[at + 4 : end], end


def _is_positive(number: bytes) -> bool:
    # One spelling per number: no sign bit, and no leading zero that does not hide one.
    if not number or number[0] & 0x80:
        return False
    return number[0] != 0 or (len(number) > 1 and bool(number[1] & 0x80))


def _check_rsa_size(bits: int) -> None:
    if not MIN_RSA_BITS <= bits <= MAX_RSA_BITS:
        raise IdentityRefused(
            f"an ssh-rsa key of {bits} bits is refused; from {MIN_RSA_BITS} to {MAX_RSA_BITS} are accepted",
            hints=(WAY_FORWARD,),
        )
