"""Whole age files: encrypt to recipients, decrypt with identities.

Source: C2SP age.md; the rules for mixing recipients are those of age 1.3.
"""

from __future__ import annotations

from sealring.crypto import primitives
from sealring.crypto.age.armor import armor, dearmor, is_armored
from sealring.crypto.age.base import FILE_KEY_SIZE, BrokenAge
from sealring.crypto.age.header import (
    MAX_HEADER,
    VERSION_PREFIX,
    header_mac,
    parse_header,
    write_header,
)
from sealring.crypto.age.stream import CHUNK, NONCE_SIZE, SEALED_CHUNK, open_payload, seal_payload
from sealring.errors import IdentityRefused, NoIdentity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sealring.crypto.age.base import Identity, Recipient, Stanza

MAX_PLAINTEXT = 64 * 1024 * 1024


def encrypt(plaintext: bytes, recipients: Sequence[Recipient], *, armored: bool = False) -> bytes:
    """Encrypt so that the identity of any one recipient opens it.

    Args:
        armored: return the text form, which git shows and merges as lines.
    Raises:
        IdentityRefused: these recipients may not be in one file together, or one cannot be used.
        LimitExceeded: more recipients than an age file may have here.
        ValueError: no recipient: a caller's bug.
    """
    if not recipients:
        raise ValueError("no recipient")
    _check_mixture(recipients)
    file_key = primitives.random_bytes(FILE_KEY_SIZE)
    stanzas = [stanza for recipient in recipients for stanza in recipient.wrap(file_key)]
    data = write_header(stanzas, file_key) + seal_payload(file_key, plaintext)
    return armor(data) if armored else data


def decrypt(data: bytes, identities: Sequence[Identity], *, max_plaintext: int = MAX_PLAINTEXT) -> bytes:
    """Return the plaintext of an age file, binary or armored, once all of it has authenticated.

    Args:
        max_plaintext: in bytes.
    Raises:
        NoIdentity: none of the identities opens it.
        MalformedAge: it does not follow the format, or does not authenticate.
        LimitExceeded: it is larger or costlier than allowed.
        IdentityRefused: an identity is for this file, but could not be loaded.
    """
    raw = _to_binary(data, max_plaintext)
    # 1. The header parses, in its only spelling.
    header = parse_header(raw)
    _check_stanzas(header.stanzas)
    # 2. One identity opens one stanza.
    file_key = _unwrap(header.stanzas, identities)
    # 3. The header is the one that whoever wrapped the file key wrote.
    if not primitives.constant_time_equal(header_mac(file_key, header.signed), header.mac):
        raise BrokenAge("hmac", "the age header does not authenticate")
    # 4. The payload is complete and unchanged.
    return open_payload(file_key, raw[header.size :], max_plaintext=max_plaintext)


def inspect(data: bytes) -> tuple[str, ...]:
    """Return the types of the stanzas, such as ("X25519", "ssh-rsa"), for messages.

    Nothing is authenticated: never decide by it.

    Raises:
        MalformedAge: it is not an age file.
        LimitExceeded: its header is too large.
    """
    return tuple(stanza.kind for stanza in parse_header(_to_binary(data, MAX_PLAINTEXT)).stanzas)


def is_age_file(data: bytes) -> bool:
    """Tell whether the data means to be an age file, binary or armored."""
    return data.startswith(VERSION_PREFIX) or data.lstrip().startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")


def _to_binary(data: bytes, max_plaintext: int) -> bytes:
    if data.startswith(VERSION_PREFIX) or not is_armored(data):
        return data
    return dearmor(data, max_size=MAX_HEADER + NONCE_SIZE + (max_plaintext // CHUNK + 1) * SEALED_CHUNK)


def _unwrap(stanzas: Sequence[Stanza], identities: Sequence[Identity]) -> bytes:
    for identity in identities:
        file_key = identity.unwrap(stanzas)
        if file_key is not None:
            return file_key
    raise NoIdentity("none of your identities opens this age file")


def _check_stanzas(stanzas: Sequence[Stanza]) -> None:
    if any(stanza.kind == "scrypt" for stanza in stanzas):
        from sealring.crypto.age.scrypt import check_alone

        check_alone(stanzas)


def _check_mixture(recipients: Sequence[Recipient]) -> None:
    if len(recipients) > 1 and any(recipient.kind == "scrypt" for recipient in recipients):
        raise IdentityRefused("a passphrase must be the only recipient of an age file")
    if len({recipient.is_post_quantum for recipient in recipients}) > 1:
        # The file key is as safe as its weakest wrap, so a mixture would only look post-quantum.
        raise IdentityRefused(
            "post-quantum and classic recipients cannot share an age file",
            notes=("the file would be no safer than its classic recipients",),
            hints=("use age1pq1… recipients for everyone, or for nobody",),
        )
