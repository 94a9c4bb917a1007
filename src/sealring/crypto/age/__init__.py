"""The age v1 file format: bytes in, bytes out.

Only what an X25519 identity needs is loaded at once, as that is on the way of every command; SSH
keys, post-quantum keys and passphrases are loaded when they are used.

Source: C2SP age.md (age-encryption.org/v1).
"""

from __future__ import annotations

from sealring.crypto.age.base import BrokenAge, Identity, Recipient, Stanza
from sealring.crypto.age.file import MAX_PLAINTEXT, decrypt, encrypt, inspect, is_age_file
from sealring.crypto.age.keys import fingerprint, parse_identities, parse_recipient
from sealring.crypto.age.x25519 import X25519Identity, X25519Recipient, generate_x25519

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sealring.crypto.age.hybrid import HybridIdentity as HybridIdentity
    from sealring.crypto.age.hybrid import HybridRecipient as HybridRecipient
    from sealring.crypto.age.hybrid import generate_hybrid as generate_hybrid
    from sealring.crypto.age.scrypt import ScryptIdentity as ScryptIdentity
    from sealring.crypto.age.scrypt import ScryptRecipient as ScryptRecipient

__all__ = [
    "MAX_PLAINTEXT",
    "BrokenAge",
    "HybridIdentity",
    "HybridRecipient",
    "Identity",
    "Recipient",
    "ScryptIdentity",
    "ScryptRecipient",
    "Stanza",
    "X25519Identity",
    "X25519Recipient",
    "decrypt",
    "encrypt",
    "fingerprint",
    "generate_hybrid",
    "generate_x25519",
    "inspect",
    "is_age_file",
    "parse_identities",
    "parse_recipient",
]

_LATE = {
    "HybridIdentity": "hybrid",
    "HybridRecipient": "hybrid",
    "generate_hybrid": "hybrid",
    "ScryptIdentity": "scrypt",
    "ScryptRecipient": "scrypt",
}


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
